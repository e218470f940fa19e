package seat

import (
	"context"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// job is how the plan of renewals is told from those of others.
const job = "seat"

// Next says when to ask for the floating seat, or to renew it: twice within
// its period. Zero for never.
func (h *Holder) Next(now time.Time) time.Time {
	k := h.Ledger.Known()
	if !h.asks(k) {
		return time.Time{}
	}
	if at := notBefore(k); at.After(now) {
		return at
	}
	c := k.Seat.Contact
	planned, quarter := h.plan(k).Next(now), k.SeatPeriod()/4
	switch {
	case !h.joined.Load():
		return now // which may find that there is nothing to do yet
	case c.Failures > 0:
		// However long the silence: asking as often as when all is well costs the
		// server no more than that, and a seat that is back must not stay unused.
		wait := max(quarter, c.RetryAfter) + time.Duration(c.Random*float64(quarter))
		return earlier(planned, record.Latest(c.FailedAt.Add(wait), now))
	case k.Seat.Held() && !h.asked.Load():
		return now // an earlier process may have given it back, and not lived to note it
	case k.Seat.Held() && !c.AnsweredAt.After(now):
		// Several windows that share the seat need not renew it one after the other.
		return record.Latest(planned, c.AnsweredAt.Add(quarter+time.Duration(h.spread*float64(quarter/2))))
	}
	return planned
}

// Hurry makes a seat that was refused due at once. Whoever activates the licence
// waits, and what stood in the way may be gone: the seat of the licence itself, to
// begin with, without which no floating one is given.
func (h *Holder) Hurry(ctx context.Context) {
	refused := func(k *record.Known) bool {
		return k.Seat.Contact.Denied && k.Seat.Contact.Failures == 0 && !k.Seat.Held()
	}
	if k := h.Ledger.Known(); !refused(k) {
		return
	}
	// It is asked for later, as planned, where this cannot be kept.
	_ = h.Ledger.Keep(ctx, func(k *record.Known) {
		if refused(k) {
			k.Seat.Contact = heartbeat.History{}
		}
	})
}

// asks reports whether this window asks for a seat at all.
func (h *Holder) asks(k *record.Known) bool {
	if h.Manual || !k.AsksForSession(h.UserID) || !k.Facts.Held() {
		return false
	}
	// A server that takes none may have changed its mind with the next heartbeat.
	return !k.Seat.Unwanted || k.Contact.AnsweredAt.After(k.Seat.Contact.AnsweredAt)
}

// notBefore is when a seat is asked for at the earliest, if it has been said when.
func notBefore(k *record.Known) time.Time {
	var at time.Time
	if _, early := k.Facts.Refusals.Of(enforcement.NotYetValid); early {
		at = k.License.Starts()
	}
	if k.Seat.Checkout > 0 && k.Seat.Held() {
		// A seat that is checked out becomes an ordinary one when its time is
		// nearly over.
		at = record.Latest(at, k.Facts.Session.ValidUntil.Add(-record.SessionPeriod(k.License)))
	}
	return at
}

// earlier returns the earlier of two instants.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (h *Holder) plan(k *record.Known) heartbeat.Plan {
	plan := h.Plan(k.Seat.Contact, heartbeat.Nearest(k.SeatPeriod()/2), job, fmt.Sprint(h.spread))
	plan.Eager = true
	return plan
}
