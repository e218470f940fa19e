package record

import (
	"slices"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// WindowSeat is the seat of a numbered window, with what the server said of it:
// that one window may have no seat says nothing of the others.
type WindowSeat struct {
	Window   int                  `json:"window"`
	Seat     Seat                 `json:"seat"`
	Session  enforcement.Session  `json:"session,omitzero"`
	Refusals enforcement.Refusals `json:"refusals,omitzero"`
}

// ForWindow puts the seat of a numbered window in the place of the shared one;
// window 0 uses the shared one. A shared seat that is left from before
// Config.SeatPerProcess was set goes to the first window.
func (r Record) ForWindow(window int) Record {
	if window == 0 || window == 1 && len(r.Windows) == 0 && r.Seat.SessionID != "" {
		return r
	}
	r.Seat, r.Facts = Seat{}, r.Facts.WithoutSession()
	for _, w := range r.Windows {
		if w.Window != window {
			continue
		}
		r.Seat, r.Facts.Session = w.Seat, w.Session
		for no := range w.Refusals.All() {
			r.Facts.Refusals.Set(no)
		}
	}
	return r
}

// WithWindow is the way back: it puts the seat under the window's number.
func (r Record) WithWindow(window int) Record {
	if window == 0 {
		return r
	}
	shared := r.Facts.WithoutSession()
	own := WindowSeat{Window: window, Seat: r.Seat, Session: r.Facts.Session}
	for no := range r.Facts.Refusals.All() {
		if _, ok := shared.Refusals.Of(no.Cause); !ok {
			own.Refusals.Set(no)
		}
	}
	r = r.WithoutWindow(own.Window)
	if own.Seat.SessionID != "" || own.Seat.Unwanted || own.Refusals != (enforcement.Refusals{}) {
		r.Windows = append(r.Windows, own)
	}
	r.Seat, r.Facts = Seat{}, shared
	return r
}

// OthersSilentSince is since when calls for the seats of other windows have had
// no answer; zero when that is not so. It bounds the grace of a window that is
// opened meanwhile: each having its own would make it endless.
func (r *Record) OthersSilentSince() time.Time {
	var since, answered time.Time
	for _, w := range r.Windows {
		answered = Latest(answered, w.Seat.Contact.AnsweredAt)
		if s := w.Session.SilentSince; since.IsZero() || !s.IsZero() && s.Before(since) {
			since = s
		}
	}
	if since.IsZero() {
		return since
	}
	return Latest(since, answered)
}

// WithoutWindow returns the record with a list of windows of its own.
func (r Record) WithoutWindow(n int) Record {
	r.Windows = slices.DeleteFunc(slices.Clone(r.Windows), func(w WindowSeat) bool { return w.Window == n })
	return r
}
