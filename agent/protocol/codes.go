package protocol

import "github.com/leasehold-dev/leasehold/enforcement"

// Code is a conflict and what the policy makes of it.
type Code struct {
	Code      enforcement.Code   `json:"code"`
	Name      string             `json:"name"`
	Summary   string             `json:"summary"`
	Scope     enforcement.Scope  `json:"scope"`
	Cause     enforcement.Cause  `json:"cause"`
	Remedy    string             `json:"remedy"`
	RemedyID  enforcement.Remedy `json:"remedy_id"`
	Who       enforcement.Actor  `json:"who"`
	Known     bool               `json:"known"`
	State     enforcement.State  `json:"state"`  // at once, when nothing else is wrong
	Ladder    string             `json:"ladder"` // empty: the state never changes
	Endpoints []string           `json:"endpoints"`
	Transient bool               `json:"transient"` // waiting alone can cure it
}

// CodeOf tells of one conflict under a policy.
func CodeOf(p *enforcement.Policy, c enforcement.Code) Code {
	e := p.Explain(c)
	v := Code{
		Code:      c,
		Name:      e.Name,
		Summary:   e.Summary,
		Scope:     e.Scope,
		Cause:     e.Cause,
		Remedy:    e.Remedy.Sentence(),
		RemedyID:  e.Remedy,
		Who:       e.Remedy.Who(),
		Known:     e.Known,
		State:     e.State,
		Endpoints: e.Endpoints.Names(),
		Transient: e.Transient,
	}
	if v.Endpoints == nil {
		v.Endpoints = []string{}
	}
	if e.Cause != enforcement.NoCause {
		v.Ladder = e.Ladder.String()
	}
	return v
}

// CodesOf is the whole catalogue under a policy.
func CodesOf(p *enforcement.Policy) (list []Code) {
	for _, c := range enforcement.Catalogue() {
		list = append(list, CodeOf(p, c.Code))
	}
	return list
}
