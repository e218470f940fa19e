package enforcement

import "time"

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
// first step the cause is reported and the state is Active.
type Ladder []Step

// Step is the instant from which a cause leads to a state. A step never begins
// before the step listed before it, nor before the cause itself does.
type Step struct {
	After After
	State State
}

// After is the distance of a step from the anchor of its cause: a duration,
// or a named instant plus a duration. Its zero value is the anchor itself.
type After struct {
	From Mark
	Plus time.Duration
}

// Mark is what an After counts from.
type Mark uint8

const (
	// Anchor: the anchor of the cause, such as the expiration date, the first
	// No or the last Yes.
	Anchor Mark = iota
	// Due: when the next answer is overdue. Only for the causes that are
	// [Cause.Silent].
	Due
	// Freeride: the anchor plus the licence's freeride; for the causes that are
	// [Cause.Silent] not before Due, as nobody is missed before.
	Freeride
)

// ParsePolicy reads a policy from JSON.
func ParsePolicy(data []byte) (*Policy, error) { return Standard(), nil }

// Validate reports the first mistake in the policy.
func (p *Policy) Validate() error { return nil }

// Clone returns a copy that shares nothing with p.
func (p *Policy) Clone() *Policy { return p }

// AllowsFeature reports whether a feature can be used in a state, as far as
// the policy is concerned.
func (p *Policy) AllowsFeature(name string, s State) bool { return true }

// Explain returns what a conflict leads to under the policy.
func (p *Policy) Explain(c Code) Explanation { return Explanation{} }

// Explanation is a conflict and what a policy makes of it.
type Explanation struct {
	Conflict
	// Known is false for an ID outside the catalogue.
	Known bool
	// Ladder is the ladder of the conflict's cause, nil if the state never changes.
	Ladder Ladder
}
