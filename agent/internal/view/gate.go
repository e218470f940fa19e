package view

import (
	"math"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Gate is what it takes to use a feature: a state no more severe than most, and
// a trusted time before until, in Unix nanoseconds.
type Gate struct {
	Feature *license.Feature
	until   int64
	most    enforcement.State
}

// Gate finds the gate of the feature that is meant by an ID or a name.
func (v *View) Gate(name string) (Gate, bool) {
	if g, ok := v.gates[name]; ok {
		return g, true
	}
	f, ok := v.Known.License.Feature(name) // perhaps an ID in other letters
	if !ok {
		return Gate{}, false
	}
	g, ok := v.gates[f.ID]
	return g, ok
}

func (g Gate) Open(state enforcement.State, now int64) bool { return state <= g.most && now < g.until }

// GateOf works a feature's gate out. What the policy says of its ID counts
// before what it says of its name.
func GateOf(f *license.Feature, p *enforcement.Policy) Gate {
	if !f.Active {
		return Gate{Feature: f, until: math.MinInt64}
	}
	g := Gate{Feature: f, until: forever}
	if !f.Expires.IsZero() && f.Expires.Year() < 2262 {
		g.until = UnixNano(f.Expires)
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
type gates map[string]Gate

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
				all[name] = GateOf(&meant[len(meant)-1], p)
			}
		}
	}
	return all
}
