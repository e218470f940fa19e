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
	if a.unmade() {
		return false
	}
	s, now := a.ledger.Current()
	g, ok := s.Gate(feature)
	return ok && g.Open(s.Decision.State, now)
}

// Feature is a feature of the licence, and whether the user may use it now.
type Feature struct {
	license.Feature
	Allowed bool
}

// Feature returns a feature of the licence, by ID or by name; known is false when
// the licence does not have it. It takes no lock and does not allocate.
func (a *Agent) Feature(name string) (f Feature, known bool) {
	if a.unmade() {
		return Feature{}, false
	}
	s, now := a.ledger.Current()
	g, ok := s.Gate(name)
	if !ok {
		return Feature{}, false
	}
	return Feature{*g.Feature, g.Open(s.Decision.State, now)}, true
}

// Features returns all features of the licence, in its order.
func (a *Agent) Features() []Feature {
	if a.unmade() {
		return nil
	}
	s, now := a.ledger.Current()
	return a.features(s.Known.License, s.Decision.State, now)
}

// FeaturesAt returns all features of the licence as they will be at another
// instant if nothing more is learned, in the state that [Agent.DecisionAt] tells
// for it. It is for previews, as `leasehold status --at` gives one.
func (a *Agent) FeaturesAt(t time.Time) []Feature {
	if a.unmade() {
		return nil
	}
	s, _ := a.ledger.Current()
	return a.features(s.Known.License, a.DecisionAt(t).State, view.UnixNano(t))
}

// features returns the features of a licence in a state at an instant.
func (a *Agent) features(l license.License, state enforcement.State, now int64) (list []Feature) {
	for _, f := range l.Features() {
		list = append(list, Feature{f, view.GateOf(&f, a.set.Policy).Open(state, now)})
	}
	return list
}
