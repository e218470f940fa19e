package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Event is something that happened to the licence. Seq, At and Type are always
// there, the others where the type has them.
type Event struct {
	Seq  uint64 `json:"seq"`  // 1 is an agent's first; a gap means that older ones were dropped
	At   Moment `json:"at"`   // trusted time
	Type string `json:"type"` // such as state_changed; ignore one that you do not know

	From *Decision `json:"from,omitempty"` // state_changed: what counted before
	To   *Decision `json:"to,omitempty"`   // state_changed: what counts now; grace_warning: whose deadline draws near

	LeftS      int      `json:"left_s,omitempty"`      // grace_warning: seconds until the deadline
	SilentS    int      `json:"silent_s,omitempty"`    // heartbeat_recovered: seconds since the first call without an answer
	Since      *Moment  `json:"since,omitempty"`       // clock_suspect: when it was found
	ValidUntil *Moment  `json:"valid_until,omitempty"` // seat_gained: when the seat lapses without renewal
	Store      string   `json:"store,omitempty"`       // store_chosen: keyring, file or memory
	Reason     string   `json:"reason,omitempty"`      // store_chosen: why not the keyring; device_changed: how the ID changed
	Version    string   `json:"version,omitempty"`     // update_available
	Link       string   `json:"link,omitempty"`        // update_available: where it can be had
	Covered    *bool    `json:"covered,omitempty"`     // update_available: whether the licence covers it
	Report     string   `json:"report,omitempty"`      // report_rejected: usage, measure or consumption
	Name       string   `json:"name,omitempty"`        // report_rejected: of the feature, or the ID of the field or limitation
	Failure    *Failure `json:"error,omitempty"`       // heartbeat_failed, store_failed, seat_lost, seat_refused, report_rejected, call_ended: why

	License *License `json:"license,omitempty"` // license_changed: absent when none is held any more

	Call   uint64          `json:"call,omitempty"`   // call_ended: its number, as begin returned it
	Method string          `json:"method,omitempty"` // call_ended: what was called
	Result json.RawMessage `json:"result,omitempty"` // call_ended: the method's result; absent when the call failed
}

// Decision is what counts at one moment, in short.
type Decision struct {
	State  enforcement.State `json:"state"`
	Cause  enforcement.Cause `json:"cause"` // empty when none
	Code   enforcement.Code  `json:"code"`  // the conflict's ID, 0 when none
	Remedy string            `json:"remedy"`
	Until  Moment            `json:"until"` // null when nothing will change by itself
}

func decisionOf(d enforcement.Decision) *Decision {
	return &Decision{State: d.State, Cause: d.Cause, Code: d.Code, Remedy: d.Remedy.Sentence(), Until: At(d.Until)}
}

// Unlisted is the type of an event that this package has no words for.
const Unlisted = "unlisted"

// EventOf shows an event that came at a moment of trusted time, without its
// number.
func EventOf(at time.Time, event agent.Event) Event {
	e := viewEvent(event)
	e.At = At(at)
	return e
}

// viewEvent shows an event, without number and time.
func viewEvent(event agent.Event) Event {
	moment := func(t time.Time) *Moment { m := At(t); return &m }
	seconds := func(d time.Duration) int { return int(d / time.Second) }
	why := func(err error) *Failure {
		if err == nil {
			return nil
		}
		return failureOf(err)
	}
	switch e := event.(type) {
	case agent.StateChanged:
		return Event{Type: "state_changed", From: decisionOf(e.From), To: decisionOf(e.To)}
	case agent.GraceWarning:
		return Event{Type: "grace_warning", To: decisionOf(e.Decision), LeftS: seconds(e.Left)}
	case agent.LicenseChanged:
		return Event{Type: "license_changed", License: LicenseOf(e.License)}
	case agent.HeartbeatFailed:
		return Event{Type: "heartbeat_failed", Failure: why(e.Err)}
	case agent.HeartbeatRecovered:
		return Event{Type: "heartbeat_recovered", SilentS: seconds(e.SilentFor)}
	case agent.StoreChosen:
		return Event{Type: "store_chosen", Store: string(e.Kind), Reason: e.Reason}
	case agent.StoreFailed:
		return Event{Type: "store_failed", Failure: why(e.Err)}
	case agent.ClockSuspect:
		return Event{Type: "clock_suspect", Since: moment(e.Since)}
	case agent.ClockTrusted:
		return Event{Type: "clock_trusted"}
	case agent.DeviceChanged:
		return Event{Type: "device_changed", Reason: e.Drift.String()}
	case agent.SeatGained:
		return Event{Type: "seat_gained", ValidUntil: moment(e.ValidUntil)}
	case agent.SeatLost:
		return Event{Type: "seat_lost", Failure: why(e.Err)}
	case agent.SeatRefused:
		return Event{Type: "seat_refused", Failure: why(e.Err)}
	case agent.UpdateAvailable:
		return Event{Type: "update_available", Version: e.Version, Link: e.DownloadLink, Covered: &e.Covered}
	case agent.ReportRejected:
		return Event{Type: "report_rejected", Report: e.Kind, Name: e.Name, Failure: why(e.Err)}
	}
	return Event{Type: Unlisted}
}

// Events is what happened since a caller last asked.
type Events struct {
	Events []Event `json:"events"`
	Last   uint64  `json:"last"`   // to be passed as after with the next call
	Missed uint64  `json:"missed"` // how many were dropped because the caller was too far behind; ask for the status then
}

// ring keeps the last events of an agent for a caller who polls.
type ring struct {
	mu     sync.Mutex
	list   []Event
	last   uint64
	closed bool
	news   chan struct{} // closed and replaced with each event
}

func (r *ring) init() { r.news = make(chan struct{}) }

// push numbers an event and keeps it.
func (r *ring) push(at time.Time, e Event) Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	e.Seq, e.At = r.last, At(at)
	if len(r.list) == Backlog {
		r.list = append(r.list[:0], r.list[1:]...)
	}
	r.list = append(r.list, e)
	close(r.news)
	r.news = make(chan struct{})
	return e
}

func (r *ring) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	close(r.news)
	r.news = make(chan struct{})
}

// after returns the events after a number, and a channel that is closed with
// the next one.
func (r *ring) after(seq uint64) (Events, <-chan struct{}, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := Events{Events: []Event{}, Last: r.last}
	if seq < r.last {
		first := r.last - uint64(len(r.list)) + 1
		if seq+1 < first {
			found.Missed = first - seq - 1
		}
		found.Events = append(found.Events, r.list[max(seq+1, first)-first:]...)
	}
	return found, r.news, r.closed
}

// wait returns the events after a number; when there are none it waits for one
// until wait is over.
func (r *ring) wait(ctx context.Context, seq uint64, wait time.Duration) (Events, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		found, news, closed := r.after(seq)
		if len(found.Events) > 0 || wait <= 0 {
			return found, nil
		}
		if closed {
			return found, agent.ErrClosed
		}
		select {
		case <-news:
		case <-over.C:
			return found, nil
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return found, nil // the shorter of two waits is over
			}
			return found, ctx.Err()
		}
	}
}
