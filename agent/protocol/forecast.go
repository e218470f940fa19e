package protocol

import (
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Forecast is the forecast as JSON shows it.
type Forecast struct {
	Now         Moment       `json:"now"`
	State       Transition   `json:"current"`
	Transitions []Transition `json:"transitions"`
}

// Transition is a decision that comes by itself.
type Transition struct {
	At       Moment              `json:"at"`
	State    enforcement.State   `json:"state"`
	Cause    enforcement.Cause   `json:"cause"`
	Causes   []enforcement.Cause `json:"causes"`
	Code     enforcement.Code    `json:"code"`
	Remedy   string              `json:"remedy"`
	RemedyID enforcement.Remedy  `json:"remedy_id"`

	Findings []Finding `json:"findings"` // every cause with the state that it alone leads to
}

// Finding is one of the causes that a decision rests on.
type Finding struct {
	Cause enforcement.Cause `json:"cause"`
	State enforcement.State `json:"state"`
	Code  enforcement.Code  `json:"code"`
}

// TransitionOf is a decision that counts from an instant on.
func TransitionOf(at time.Time, d enforcement.Decision) Transition {
	v := Transition{At: At(at), State: d.State, Cause: d.Cause, Causes: []enforcement.Cause{}, Code: d.Code, Remedy: d.Remedy.Sentence(), RemedyID: d.Remedy, Findings: []Finding{}}
	for f := range d.Findings() {
		v.Causes = append(v.Causes, f.Cause)
		v.Findings = append(v.Findings, Finding{f.Cause, f.State, f.Code})
	}
	return v
}

// ForecastOf shows what is now and what is coming.
func ForecastOf(now time.Time, d enforcement.Decision, coming []enforcement.Transition) Forecast {
	v := Forecast{Now: At(now), State: TransitionOf(now, d), Transitions: []Transition{}}
	for _, t := range coming {
		v.Transitions = append(v.Transitions, TransitionOf(t.At, t.Decision))
	}
	return v
}

// ChangesOfState leaves out the transitions that leave the state as it is: those
// in which only a cause comes, goes or grows more severe.
func ChangesOfState(state enforcement.State, list []Transition) []Transition {
	kept := []Transition{}
	for _, t := range list {
		if t.State != state {
			kept = append(kept, t)
		}
		state = t.State
	}
	return kept
}
