package agent

import (
	"context"
	"iter"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/hub"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/storage"
)

// Event is something that happened to the licence. It is one of the event
// types of this package.
type Event interface{ event() }

// StateChanged says: the decision changed in state or cause. In the first two
// minutes after [Agent.Start], or after the machine woke, a change from active to
// grace waits until a call to the server has had an outcome: the answer usually ends it before
// anybody could read about it. [Agent.Decision] does not wait.
type StateChanged struct {
	From, To enforcement.Decision
}

// HeartbeatFailed says: a call to the server got no answer. It comes once for each
// run of failures, not for each failure.
type HeartbeatFailed struct {
	Err error
}

// HeartbeatRecovered says: the server answers again.
type HeartbeatRecovered struct {
	SilentFor time.Duration // since the first call without an answer
}

// StoreChosen says: the place where the licence is kept was chosen, or has changed.
type StoreChosen struct {
	Kind   storage.Kind
	Reason string // why not the keyring, where that was wanted
}

// StoreFailed says: what was learned could not be kept, or what was kept could not
// be read. The agent goes on with what it knows.
type StoreFailed struct {
	Err error
}

// ClockSuspect says: the computer's clock was turned back.
type ClockSuspect struct {
	Since time.Time // trusted time of the discovery
}

// ClockTrusted says: a signed answer settled the time after ClockSuspect.
type ClockTrusted struct{}

// DeviceChanged says: this device's ID is no longer the one the licence was
// activated for. The old ID is kept for support.
type DeviceChanged struct {
	Drift device.Drift
}

// SeatLost says: the floating seat is no longer held.
type SeatLost struct {
	Err error // why; nil when its time simply ran out
}

// SeatGained says: a floating seat is held, for the first time or again.
type SeatGained struct {
	ValidUntil time.Time
}

// UpdateAvailable says: the vendor has published a newer release.
type UpdateAvailable struct {
	Version, DownloadLink string
	Covered               bool // by the licence that is held, see [license.License.Covers]
}

// GraceWarning says: a deadline draws near. It comes at half of the grace, at its
// last fifth, and on its last day.
type GraceWarning struct {
	Decision enforcement.Decision
	Left     time.Duration
}

// SeatRefused says: the server refused a call for a floating seat for a reason other
// than the seats: the licence takes no sessions (12000), or the product or the
// application is set up wrongly. The state stays as it is. It comes
// once for each run of the same refusal.
type SeatRefused struct {
	Err error
}

func (StateChanged) event()       {}
func (HeartbeatFailed) event()    {}
func (HeartbeatRecovered) event() {}
func (StoreChosen) event()        {}
func (StoreFailed) event()        {}
func (ClockSuspect) event()       {}
func (ClockTrusted) event()       {}
func (DeviceChanged) event()      {}
func (SeatLost) event()           {}
func (SeatGained) event()         {}
func (UpdateAvailable) event()    {}
func (GraceWarning) event()       {}
func (SeatRefused) event()        {}

// newHub makes the hub that hands events to readers. Changes of state are not
// lost to a slow reader: two of them become one, so that it always learns the
// latest.
func newHub() hub.Hub[Event] {
	return hub.Hub[Event]{
		Keep: func(e Event) bool {
			_, state := e.(StateChanged)
			return state
		},
		Merge: func(older, newer Event) Event {
			return StateChanged{From: older.(StateChanged).From, To: newer.(StateChanged).To}
		},
	}
}

// Changes returns the events from now on, in order. Ranging over it waits for
// the next one and ends when ctx ends or the agent is closed. A slow reader
// never holds up the agent; when it falls 64 events behind, the oldest are
// dropped, but never the latest StateChanged. The first reader is also told what was found at the start: the store that was
// chosen, and a device or a clock that changed.
//
//	for event := range a.Changes(ctx) {
//		switch e := event.(type) {
//		case agent.StateChanged:
//			…
//		}
//	}
func (a *Agent) Changes(ctx context.Context) iter.Seq[Event] {
	if a.unmade() {
		return func(func(Event) bool) {}
	}
	return a.events.Each(given.Context(ctx), a.events.Subscribe())
}
