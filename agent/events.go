package agent

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// Event is something that happened to the licence. It is one of the event
// types of this package.
type Event interface{ event() }

// StateChanged says: the decision changed in state or cause.
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

// StoreChosen says: where the licence is kept was decided, or has changed.
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
}

// GraceWarning says: a deadline draws near. It comes at half of the grace, at its
// last fifth, and on its last day.
type GraceWarning struct {
	Decision enforcement.Decision
	Left     time.Duration
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

// backlog is how many events a slow reader can be behind before the oldest are
// dropped. Changes of state are not lost that way: two of them become one, so a
// reader always learns the latest state.
const backlog = 64

// hub hands events to any number of readers without ever waiting for one. It
// does not keep a reader alive that nobody can range over any more.
type hub struct {
	mu      sync.Mutex
	closed  bool
	first   []Event // from before there could be a reader; the first one gets them
	readers map[weak.Pointer[reader]]struct{}
}

type reader struct {
	queue []Event
	ready chan struct{} // holds a token while queue is not empty or the hub is closed
}

func (r *reader) push(e Event) {
	if len(r.queue) >= backlog {
		r.makeRoom()
	}
	r.queue = append(r.queue, e)
	r.wake()
}

// makeRoom drops the oldest event that is no change of state. If all are, the
// two oldest become one.
func (r *reader) makeRoom() {
	drop := slices.IndexFunc(r.queue, func(e Event) bool {
		_, state := e.(StateChanged)
		return !state
	})
	if drop < 0 {
		oldest, second := r.queue[0].(StateChanged), r.queue[1].(StateChanged)
		r.queue[1] = StateChanged{From: oldest.From, To: second.To}
		drop = 0
	}
	r.queue = slices.Delete(r.queue, drop, drop+1)
}

func (r *reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

func (h *hub) publish(events ...Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.readers {
		r := w.Value()
		if r == nil {
			delete(h.readers, w)
			continue
		}
		for _, e := range events {
			r.push(e)
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for w := range h.readers {
		if r := w.Value(); r != nil {
			r.wake()
		}
	}
}

// subscribe registers a reader before its loop begins, so that nothing between
// the two is missed.
func (h *hub) subscribe() *reader {
	r := &reader{ready: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	r.queue, h.first = h.first, nil
	if len(r.queue) > 0 {
		r.wake()
	}
	h.add(r)
	return r
}

// resume registers a reader whose earlier loop has ended.
func (h *hub) resume(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(r)
}

func (h *hub) add(r *reader) {
	if h.readers == nil {
		h.readers = make(map[weak.Pointer[reader]]struct{})
	}
	h.readers[weak.Make(r)] = struct{}{}
	if h.closed {
		r.wake()
	}
}

func (h *hub) drop(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, weak.Make(r))
}

func (h *hub) take(r *reader) (events []Event, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	events, r.queue = r.queue, nil
	return events, !h.closed
}

// each yields a reader's events until ctx ends, the hub closes or the reader
// has enough. It runs in the caller's goroutine.
func (h *hub) each(ctx context.Context, r *reader) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		h.resume(r)
		defer h.drop(r)
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.ready:
			}
			events, open := h.take(r)
			for _, e := range events {
				if ctx.Err() != nil || !yield(e) {
					return
				}
			}
			if !open {
				return
			}
		}
	}
}
