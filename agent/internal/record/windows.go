package record

import "github.com/leasehold-dev/leasehold/enforcement"

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
// Config.SeatPerProcess was set goes to the first window. The record itself stays as
// it is.
func (r *Record) ForWindow(window int) *Record {
	if window == 0 || window == 1 && len(r.Windows) == 0 && r.Seat.SessionID != "" {
		return r
	}
	shared := r.Facts.Session
	r = r.clone()
	r.Seat, r.Facts = Seat{}, r.Facts.WithoutSession()
	// A window that is opened in an outage goes on with the time of the others: if
	// each had its own, it would be endless.
	r.Facts.Session.Missing, r.Facts.Session.CountedAt = shared.Missing, shared.CountedAt
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

func (r *Record) clone() *Record {
	own := *r
	return &own
}

// WithWindow is the way back: it puts the seat under the window's number.
func (r *Record) WithWindow(window int) *Record {
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
	shared.Session.Missing, shared.Session.CountedAt = own.Session.Missing, own.Session.CountedAt
	r.Seat, r.Facts = Seat{}, shared
	return r
}

// WithoutWindow returns the record with a list of windows of its own.
func (r *Record) WithoutWindow(n int) *Record {
	var others []WindowSeat
	for _, w := range r.Windows {
		if w.Window != n {
			others = append(others, w)
		}
	}
	r = r.clone()
	r.Windows = others
	return r
}
