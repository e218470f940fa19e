package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Allows reports whether the user may use a feature now: the licence has it,
// by ID or by name, it is switched on and not expired, and the state permits
// it. In read_only only features that the policy names stay usable; in locked
// none does. A feature the licence does not know is not allowed.
//
// It takes no lock and does not allocate.
func (a *Agent) Allows(feature string) bool {
	s, now := a.ledger.Current()
	g, ok := s.Gate(feature)
	return ok && g.Open(s.Decision.State, now)
}

// Feature returns a feature of the licence, by ID or by name, and whether the
// user may use it now. known is false when the licence has no such feature.
func (a *Agent) Feature(name string) (f license.Feature, allowed, known bool) {
	s, now := a.ledger.Current()
	g, ok := s.Gate(name)
	if !ok {
		return f, false, false
	}
	return *g.Feature, g.Open(s.Decision.State, now), true
}

// Features returns the features of the licence that the user may use now.
func (a *Agent) Features() []license.Feature {
	s, now := a.ledger.Current()
	return a.usable(s.Known.Licence, s.Decision.State, now)
}

// FeaturesAt returns the features that the user could use at another instant if
// nothing more were learned, in the state that [Agent.DecisionAt] tells for it.
func (a *Agent) FeaturesAt(t time.Time) []license.Feature {
	s, _ := a.ledger.Current()
	state := enforcement.Decide(s.Known.Facts, a.set.Policy, t).State
	return a.usable(s.Known.Licence, state, view.UnixNano(t))
}

// usable returns the features whose gates are open in a state at an instant.
func (a *Agent) usable(l license.License, state enforcement.State, now int64) (list []license.Feature) {
	for _, f := range l.Features() {
		if view.GateOf(&f, a.set.Policy).Open(state, now) {
			list = append(list, f)
		}
	}
	return list
}
