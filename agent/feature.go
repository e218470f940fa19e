package agent

import (
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
	f, ok := s.known.licence.Feature(feature)
	return ok && a.usable(&f, s.decision.State, now)
}

// Feature returns a feature of the licence, by ID or by name, and whether the
// user may use it now. known is false when the licence has no such feature.
func (a *Agent) Feature(name string) (f license.Feature, allowed, known bool) {
	s, now := a.current()
	if f, known = s.known.licence.Feature(name); !known {
		return f, false, false
	}
	return f, a.usable(&f, s.decision.State, now), true
}

// Features returns the features of the licence that the user may use now.
func (a *Agent) Features() []license.Feature {
	s, now := a.current()
	var usable []license.Feature
	for _, f := range s.known.licence.Features() {
		if a.usable(&f, s.decision.State, now) {
			usable = append(usable, f)
		}
	}
	return usable
}

// usable reports whether a feature of the licence can be used at the trusted
// time now, in Unix nanoseconds.
func (a *Agent) usable(f *license.Feature, state enforcement.State, now int64) bool {
	if !f.Active || !f.Expires.IsZero() && !time.Unix(0, now).Before(f.Expires) {
		return false
	}
	name := f.Name
	if _, named := a.set.Policy.Features[f.ID]; named {
		name = f.ID
	}
	return a.set.Policy.AllowsFeature(name, state)
}
