package seat

import (
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
	if h.Manual || !k.AsksForSession(h.UserID) || !k.Facts.Held() {
		return time.Time{}
	}
	if k.Seat.Unwanted && !k.Contact.AnsweredAt.After(k.Seat.Contact.AnsweredAt) {
		return time.Time{} // the server takes none; the next heartbeat may have changed that
	}
	if _, early := k.Facts.Refusals.Of(enforcement.NotYetValid); early && k.License.Starts().After(now) {
		return k.License.Starts()
	}
	if k.Seat.Checkout > 0 && k.Seat.Held() {
		// A seat that is checked out becomes an ordinary one when its time is
		// nearly over.
		if at := k.Facts.Session.ValidUntil.Add(-record.SessionPeriod(k.License)); at.After(now) {
			return at
		}
	}
	if !h.joined.Load() {
		return now // which may find that there is nothing to do yet
	}
	c, quarter := k.Seat.Contact, k.SeatPeriod()/4
	next := h.plan(&k).Next(now)
	switch {
	case c.Failures > 0:
		// However long the silence: asking as often as when all is well costs the
		// server no more than that, and a seat that is back must not stay unused.
		wait := max(quarter, c.RetryAfter)
		if at := c.FailedAt.Add(wait + time.Duration(c.Random*float64(quarter))); at.Before(next) {
			next = record.Latest(at, now)
		}
	case k.Seat.Held() && !h.asked.Load():
		return now // an earlier process may have given it back, and not lived to note it
	case k.Seat.Held():
		// Several windows that share the seat need not renew it one after the other.
		if at := c.AnsweredAt.Add(quarter + time.Duration(h.spread*float64(quarter/2))); at.After(next) && !c.AnsweredAt.After(now) {
			next = at
		}
	}
	return next
}

func (h *Holder) plan(k *record.Known) heartbeat.Plan {
	plan := h.Plan(k.Seat.Contact, heartbeat.Nearest(k.SeatPeriod()/2), job, fmt.Sprint(h.spread))
	plan.Eager = true
	return plan
}
