package agent

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// Limit is a count that the licence grants.
type Limit struct {
	ID, Name string
	// Unlimited: there is no bound, and Value is zero.
	Unlimited bool
	Value     decimal.Decimal
	// Remaining is what the server last told to be left, in an answer about the
	// licence or about consumption, less what was taken off line and is not delivered yet; RemainingKnown is false
	// where it did not tell.
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

// Limit returns a limitation of the licence, by ID or by name; known is false when
// the licence does not have it. It takes no lock and does not allocate.
func (a *Agent) Limit(name string) (l Limit, known bool) {
	if a.unmade() {
		return Limit{}, false
	}
	s, now := a.ledger.Current()
	found := s.Limit(name)
	if found == nil {
		return Limit{}, false
	}
	return limitOf(found, now), true
}

// Limits returns all limitations of the licence, in its order.
func (a *Agent) Limits() (list []Limit) {
	if a.unmade() {
		return nil
	}
	s, now := a.ledger.Current()
	for _, l := range s.Known.License.Limitations() {
		if found := s.Limit(l.ID); found != nil {
			list = append(list, limitOf(found, now))
		}
	}
	return list
}

// limitOf is what is known of a limitation, seen at a trusted time.
func limitOf(l *view.Limit, now int64) Limit {
	return Limit{
		ID: l.ID, Name: l.Name, Unlimited: l.Unlimited, Value: l.Value,
		Remaining: l.Remaining, RemainingKnown: l.RemainingKnown, ResetMode: l.ResetMode,
		reset: l.Reset, now: now,
	}
}

// Variable returns a free-form value of the licence, by ID or by name; known is
// false when the licence does not have it.
func (a *Agent) Variable(name string) (value string, known bool) {
	if a.unmade() {
		return "", false
	}
	s, _ := a.ledger.Current()
	v, ok := s.Known.License.Variable(name)
	return v.Value, ok
}

// Variables returns all free-form values of the licence, in its order.
func (a *Agent) Variables() []license.Variable { return a.License().Terms().Variables }

// Choice returns the values that the licence selects from one of the vendor's lists
// (a constrained variable), by ID or by name; known is false when the licence does
// not have that list. The slice must not be changed.
func (a *Agent) Choice(name string) (values []string, known bool) {
	if a.unmade() {
		return nil, false
	}
	s, _ := a.ledger.Current()
	c, ok := s.Known.License.Choice(name)
	return c.Values, ok
}

// Choices returns what the licence selects from each of the vendor's lists, in its
// order.
func (a *Agent) Choices() []license.Choice { return a.License().Terms().Choices }
