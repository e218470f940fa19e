package agent

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/license"
)

// Limit is a count that the licence grants.
type Limit struct {
	ID, Name string
	// Unlimited: there is no bound, and Value is zero.
	Unlimited bool
	Value     decimal.Decimal
	// Remaining is what the server last told to be left; known is false where it
	// did not tell.
	Remaining      decimal.Decimal
	RemainingKnown bool
	ResetMode      license.ResetMode

	now int64 // trusted Unix nanoseconds of the look-up
}

// NextReset returns when consumption starts anew, seen from the moment of the
// look-up; ok is false when it never does, or when that is not known.
func (l Limit) NextReset() (at time.Time, ok bool) {
	return license.Limitation{ResetMode: l.ResetMode}.NextReset(time.Unix(0, l.now))
}

// Limit returns a limitation of the licence, by ID or by name; ok is false when
// the licence does not have it. It takes no lock and does not allocate.
func (a *Agent) Limit(name string) (l Limit, ok bool) {
	s, now := a.current()
	found, ok := s.known.licence.Limitation(name)
	if !ok {
		return Limit{}, false
	}
	l = Limit{ID: found.ID, Name: found.Name, Unlimited: found.Unlimited(), ResetMode: found.ResetMode, now: now}
	if found.Value != nil {
		l.Value = *found.Value
	}
	if found.Remaining != nil {
		l.Remaining, l.RemainingKnown = *found.Remaining, true
	}
	return l, true
}

// Variable returns a free value of the licence, by ID or by name; ok is false
// when the licence does not have it.
func (a *Agent) Variable(name string) (value string, ok bool) {
	s, _ := a.current()
	v, ok := s.known.licence.Variable(name)
	return v.Value, ok
}

// Values returns the values that the licence picks from a list of the vendor's
// (a constrained variable), by ID or by name; ok is false when the licence does
// not have it. The slice must not be changed.
func (a *Agent) Values(name string) (values []string, ok bool) {
	s, _ := a.current()
	c, ok := s.known.licence.Choice(name)
	return c.Values, ok
}
