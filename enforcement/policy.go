package enforcement

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Policy is what each cause leads to, as data: one ladder per cause. Start
// from a preset ([Standard], [Strict], [Lenient], [Advisory]) and change what
// differs:
//
//	p := enforcement.Standard()
//	p.Ladders[enforcement.Inactive] = enforcement.Ladder{{State: enforcement.ReadOnly}}
//
// or read it with [ParsePolicy]. A Policy in use must not be changed.
type Policy struct {
	// Ladders has a ladder for every cause, indexed by it. A ladder that is nil
	// is missing, which Validate refuses; an empty one reports the cause and
	// restricts nothing.
	Ladders Ladders
	// DefaultFreeride is the freeride of licences that do not say.
	DefaultFreeride time.Duration
	// Features names the features that differ from the rest: the value is the
	// most severe state in which the feature can still be used. Other features
	// can be used up to Grace.
	Features map[string]State
}

// Ladders is a ladder per cause, indexed by the cause.
type Ladders [causeCount]Ladder

// Ladder is the policy of one cause: steps in rising severity. Before the
// first step the cause is reported and the state is Active; but a cause that is
// [Cause.Silent] begins with its first step, or when the answer is overdue if it
// has none. A first step that leads to Active makes it be reported earlier.
type Ladder []Step

// Step is the instant from which a cause leads to a state. A step never
// begins before the step listed before it, nor before the cause itself does. A step
// beyond Grace of a cause that is [Cause.Silent] never begins before freeride ends.
type Step struct {
	After After `json:"after"`
	State State `json:"state"`
}

// String describes the ladder in words: "grace, read_only after 7d".
func (l Ladder) String() string {
	if len(l) == 0 {
		return "reported only"
	}
	steps := make([]string, len(l))
	for i, s := range l {
		steps[i] = s.String()
	}
	return strings.Join(steps, ", ")
}

// String describes the step in words: "read_only after freeride+14d".
func (s Step) String() string {
	if s.After == (After{}) {
		return s.State.String()
	}
	return fmt.Sprintf("%s after %s", s.State, s.After)
}

// Ladder returns the ladder of a cause, nil if there is none.
func (p *Policy) Ladder(c Cause) Ladder {
	if c >= causeCount {
		return nil
	}
	return p.Ladders[c]
}

// Validate reports the mistakes in a policy, each with its path: a cause
// without a ladder, a step that is not more severe than the one before it or
// comes earlier, a negative or excessive time, an unknown state, a feature that
// would work while locked.
//
// [Decide] takes any policy all the same: steps that do not rise are left out,
// and a cause without a ladder is reported only.
func (p *Policy) Validate() error {
	var errs []error
	report := func(path string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("enforcement: policy.%s: %w", path, err))
		}
	}
	report("default_freeride", After{Plus: p.DefaultFreeride}.validate())
	for _, c := range Causes() {
		path := "ladders." + c.String()
		if p.Ladders[c] == nil {
			report(path, errors.New("is missing, give it steps or [] to report the cause only"))
		}
		for i, s := range p.Ladders[c] {
			path := fmt.Sprintf("%s[%d]", path, i)
			report(path+".after", s.After.validate())
			if s.After.From == Due && !c.Silent() {
				report(path+".after", errors.New("due has a meaning for unreachable, unauthorized and signature_invalid only"))
			}
			if s.State > Locked {
				report(path+".state", fmt.Errorf("state %d is not known", uint8(s.State)))
			}
			if i == 0 {
				continue
			}
			if before := p.Ladders[c][i-1]; s.State <= before.State {
				report(path+".state", fmt.Errorf("%s is not more severe than %s in the step before", s.State, before.State))
			} else if s.After.From == before.After.From && s.After.Plus < before.After.Plus {
				report(path+".after", fmt.Errorf("%s is earlier than %s in the step before", s.After.String(), before.After.String()))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Features)) {
		switch s := p.Features[name]; {
		case name == "":
			report("features", errors.New("a feature needs a name"))
		case s > Locked:
			report("features."+name, fmt.Errorf("state %d is not known", uint8(s)))
		case s == Locked:
			report("features."+name, errors.New("nothing works while locked, the most is read_only"))
		}
	}
	return errors.Join(errs...)
}

// Clone returns a copy that shares nothing with p.
func (p *Policy) Clone() *Policy {
	q := *p
	for c, l := range q.Ladders {
		q.Ladders[c] = slices.Clone(l)
	}
	q.Features = maps.Clone(q.Features)
	return &q
}

// AllowsFeature reports whether the policy lets a feature be used in a state.
// Whether the licence grants the feature is another question.
func (p *Policy) AllowsFeature(name string, s State) bool {
	most := Grace
	if override, ok := p.Features[name]; ok {
		most = override
	}
	return s <= most && s < Locked
}

// equal reports whether two policies say the same.
func (p *Policy) equal(q *Policy) bool {
	same := p.DefaultFreeride == q.DefaultFreeride && maps.Equal(p.Features, q.Features)
	for c := range p.Ladders {
		same = same && (p.Ladders[c] == nil) == (q.Ladders[c] == nil) && slices.Equal(p.Ladders[c], q.Ladders[c])
	}
	return same
}

// Explanation is a conflict and what a policy makes of it.
type Explanation struct {
	Conflict
	// Known is false for an ID outside the catalogue.
	Known bool `json:"known"`
	// Ladder is the ladder of the conflict's cause, nil if the conflict has none
	// and the state never changes.
	Ladder Ladder `json:"ladder"`
	// State is what the conflict leads to at once when nothing else is wrong.
	State State `json:"state"`
}

// Explain returns what a conflict leads to under the policy, for a client that
// holds a licence without other faults.
func (p *Policy) Explain(c Code) Explanation {
	var e Explanation
	e.Conflict, e.Known = Lookup(c)
	if e.Cause == NoCause {
		return e
	}
	e.Ladder = p.Ladder(e.Cause)
	for _, s := range e.Ladder {
		if s.After == (After{}) {
			e.State = s.State
		}
	}
	return e
}
