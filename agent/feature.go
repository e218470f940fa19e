package agent

import (
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
	s := a.current()
	f, ok := s.licence.Feature(feature)
	return ok && a.usable(f, s)
}

// Feature returns a feature of the licence, by ID or by name, and whether the
// user may use it now. known is false when the licence has no such feature.
func (a *Agent) Feature(name string) (f license.Feature, allowed, known bool) {
	s := a.current()
	if f, known = s.licence.Feature(name); !known {
		return f, false, false
	}
	return f, a.usable(f, s), true
}

// Features returns the features of the licence that the user may use now.
func (a *Agent) Features() []license.Feature {
	s := a.current()
	var usable []license.Feature
	for _, f := range s.licence.Features() {
		if a.usable(f, s) {
			usable = append(usable, f)
		}
	}
	return usable
}

func (a *Agent) usable(f license.Feature, s *snapshot) bool {
	if !f.Active {
		return false
	}
	if !f.Expires.IsZero() {
		if now, _ := a.clock.UnixNano(); now >= f.Expires.UnixNano() {
			return false
		}
	}
	state := s.decision.State
	return state <= enforcement.Grace || a.set.Policy.AllowsFeature(f.Name, state) || a.set.Policy.AllowsFeature(f.ID, state)
}
