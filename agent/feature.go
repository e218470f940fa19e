package agent

import (
	"math"
	"time"

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
	s, now := a.current()
	g, ok := s.gate(feature)
	return ok && g.open(s.decision.State, now)
}

// Feature returns a feature of the licence, by ID or by name, and whether the
// user may use it now. known is false when the licence has no such feature.
func (a *Agent) Feature(name string) (f license.Feature, allowed, known bool) {
	s, now := a.current()
	g, ok := s.gate(name)
	if !ok {
		return f, false, false
	}
	return *g.feature, g.open(s.decision.State, now), true
}

// Features returns the features of the licence that the user may use now.
func (a *Agent) Features() []license.Feature {
	s, now := a.current()
	return a.usable(s.known.Licence, s.decision.State, now)
}

// FeaturesAt returns the features that the user could use at another instant if
// nothing more were learned, in the state that [Agent.DecisionAt] tells for it.
func (a *Agent) FeaturesAt(t time.Time) []license.Feature {
	s, _ := a.current()
	state := enforcement.Decide(s.known.Facts, a.set.Policy, t).State
	return a.usable(s.known.Licence, state, unixNano(t))
}

// usable returns the features whose gates are open in a state at an instant.
func (a *Agent) usable(l license.License, state enforcement.State, now int64) (list []license.Feature) {
	for _, f := range l.Features() {
		if gateOf(&f, a.set.Policy).open(state, now) {
			list = append(list, f)
		}
	}
	return list
}

// unixNano is t in Unix nanoseconds, and the nearest that can be said of one
// that has none. Nothing is at forever.
func unixNano(t time.Time) int64 {
	switch year := t.UTC().Year(); {
	case year < 1678:
		return math.MinInt64
	case year >= 2262:
		return forever - 1
	}
	return t.UnixNano()
}

// gate is what it takes to use a feature: a state no more severe than most, and
// a trusted time before until, in Unix nanoseconds.
type gate struct {
	feature *license.Feature
	until   int64
	most    enforcement.State
}

// gate finds the gate of the feature that is meant by an ID or a name.
func (s *snapshot) gate(name string) (gate, bool) {
	if g, ok := s.gates[name]; ok {
		return g, true
	}
	f, ok := s.known.Licence.Feature(name) // perhaps an ID in other letters
	if !ok {
		return gate{}, false
	}
	g, ok := s.gates[f.ID]
	return g, ok
}

func (g gate) open(state enforcement.State, now int64) bool { return state <= g.most && now < g.until }

// gateOf works a feature's gate out. What the policy says of its ID counts
// before what it says of its name.
func gateOf(f *license.Feature, p *enforcement.Policy) gate {
	if !f.Active {
		return gate{feature: f, until: math.MinInt64}
	}
	g := gate{feature: f, until: forever}
	if !f.Expires.IsZero() && f.Expires.Year() < 2262 {
		g.until = unixNano(f.Expires)
	}
	name := f.Name
	if _, named := p.Features[f.ID]; named {
		name = f.ID
	}
	for g.most < enforcement.Locked && p.AllowsFeature(name, g.most+1) {
		g.most++
	}
	return g
}

// gates are those of a licence's features under their IDs and names as the
// licence spells them, so that the usual question is one look into a map.
type gates map[string]gate

func gatesOf(l license.License, p *enforcement.Policy) gates {
	features := l.Features()
	if len(features) == 0 {
		return nil
	}
	all := make(gates, 2*len(features))
	meant := make([]license.Feature, 0, 2*len(features))
	for _, f := range features {
		for _, name := range [...]string{f.ID, f.Name} {
			if m, ok := l.Feature(name); ok {
				meant = append(meant, m)
				all[name] = gateOf(&meant[len(meant)-1], p)
			}
		}
	}
	return all
}
