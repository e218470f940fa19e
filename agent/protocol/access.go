package protocol

import (
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Access says whether a feature may be used now, and if not why.
type Access struct {
	Feature string            `json:"feature"`
	ID      string            `json:"id"`
	Allowed bool              `json:"allowed"`
	Known   bool              `json:"known"`
	Reason  string            `json:"reason"` // empty when allowed
	Expires Moment            `json:"expires"`
	State   enforcement.State `json:"state"`
}

// AccessOf tells of a feature, by its ID or name.
func AccessOf(ag *agent.Agent, name string) Access {
	d, now := ag.Decision(), ag.Now()
	f, known := ag.Feature(name)
	v := Access{Feature: name, ID: f.ID, Allowed: f.Allowed, Known: known, Expires: At(f.Expires), State: d.State}
	if known {
		v.Feature = f.Name
	}
	v.Reason = whyNot(f.Feature, v, d, now)
	return v
}

func whyNot(f license.Feature, v Access, d enforcement.Decision, now time.Time) string {
	switch {
	case v.Allowed:
		return ""
	case !v.Known && d.State == enforcement.Locked:
		return "the application is locked: " + d.Cause.String()
	case !v.Known:
		return "the licence has no such feature"
	case !f.Active:
		return "the licence has the feature switched off"
	case !f.Expires.IsZero() && !now.Before(f.Expires):
		return "the feature has expired"
	}
	return fmt.Sprintf("the state is %s: %s", d.State, d.Cause)
}
