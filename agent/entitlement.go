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
	// Remaining is what the server last told to be left, in an answer about the
	// licence or about consumption, less what was taken off line and is not
	// delivered yet; known is false where it did not tell.
	Remaining      decimal.Decimal
	RemainingKnown bool
	ResetMode      license.ResetMode

	reset time.Time // the next one that the server told; zero: none
	now   int64     // trusted Unix nanoseconds of the look-up
}

// NextReset returns when consumption starts anew, seen from the moment of the
// look-up, as the server told with the last consumption or as the calendar has
// it; ok is false when it never does, or when that is not known.
func (l Limit) NextReset() (at time.Time, ok bool) {
	now := time.Unix(0, l.now)
	if l.reset.After(now) {
		return l.reset, true
	}
	return license.Limitation{ResetMode: l.ResetMode}.NextReset(now)
}

// Limit returns a limitation of the licence, by ID or by name; ok is false when
// the licence does not have it. It takes no lock and does not allocate.
func (a *Agent) Limit(name string) (l Limit, ok bool) {
	s, now := a.ledger.Current()
	known := s.Limit(name)
	if known == nil {
		return Limit{}, false
	}
	return Limit{
		ID: known.ID, Name: known.Name, Unlimited: known.Unlimited, Value: known.Value,
		Remaining: known.Remaining, RemainingKnown: known.RemainingKnown, ResetMode: known.ResetMode,
		reset: known.Reset, now: now,
	}, true
}

// Variable returns a free value of the licence, by ID or by name; ok is false
// when the licence does not have it.
func (a *Agent) Variable(name string) (value string, ok bool) {
	s, _ := a.ledger.Current()
	v, ok := s.Known.Licence.Variable(name)
	return v.Value, ok
}

// Values returns the values that the licence picks from a list of the vendor's
// (a constrained variable), by ID or by name; ok is false when the licence does
// not have it. The slice must not be changed.
func (a *Agent) Values(name string) (values []string, ok bool) {
	s, _ := a.ledger.Current()
	c, ok := s.Known.Licence.Choice(name)
	return c.Values, ok
}
