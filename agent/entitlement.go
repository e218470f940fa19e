package agent

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
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
	s, now := a.current()
	known := s.limits[name]
	if known == nil {
		found, _ := s.known.Licence.Limitation(name) // perhaps an ID in other letters
		known = s.limits[found.ID]
	}
	if known == nil {
		return Limit{}, false
	}
	l = *known
	l.now = now
	return l, true
}

// limits are those of a licence under their IDs and names as the licence spells
// them, with what is known of each.
type limits map[string]*Limit

func limitsOf(k *record.Known) limits {
	list := k.Licence.Limitations()
	if len(list) == 0 {
		return nil
	}
	all := make(limits, 2*len(list))
	for _, l := range list {
		for _, name := range [...]string{l.ID, l.Name} {
			if meant, ok := k.Licence.Limitation(name); ok {
				l := limitOf(k, meant)
				all[name] = &l
			}
		}
	}
	return all
}

func limitOf(k *record.Known, found license.Limitation) Limit {
	l := Limit{ID: found.ID, Name: found.Name, Unlimited: found.Unlimited(), ResetMode: found.ResetMode}
	if found.Value != nil {
		l.Value = *found.Value
	}
	l.Remaining, l.RemainingKnown = k.Remaining(found)
	x := k.Account(found.ID)
	switch found.ResetMode {
	case license.ResetDisabled, license.ResetNever:
	case license.ResetPeriodically:
		l.reset = x.NextReset
	default:
		// The licence may have got another calendar since.
		if k.Follows(x) {
			l.reset = x.NextReset
		}
	}
	return l
}

// Variable returns a free value of the licence, by ID or by name; ok is false
// when the licence does not have it.
func (a *Agent) Variable(name string) (value string, ok bool) {
	s, _ := a.current()
	v, ok := s.known.Licence.Variable(name)
	return v.Value, ok
}

// Values returns the values that the licence picks from a list of the vendor's
// (a constrained variable), by ID or by name; ok is false when the licence does
// not have it. The slice must not be changed.
func (a *Agent) Values(name string) (values []string, ok bool) {
	s, _ := a.current()
	c, ok := s.known.Licence.Choice(name)
	return c.Values, ok
}
