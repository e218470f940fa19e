package enforcement

import (
	"fmt"
	"iter"
	"time"
)

// Decision is what the application may do and why. Two decisions are equal
// (==) if they say the same. All instants are UTC.
type Decision struct {
	// State is the most severe state that any cause leads to.
	State State
	// Cause is the cause of State, NoCause if nothing is wrong. Of several it is
	// the first in the order of Cause.
	Cause Cause
	// Code is the conflict behind Cause, 0 if there was none.
	Code Code
	// Remedy is what would help.
	Remedy Remedy
	// Since is when State began; for Active, when the licence was last proven.
	// Zero: not known. Each finding has its own.
	Since time.Time
	// Until is the instant at which State changes without new facts, zero if it does not.
	Until time.Time
	// Then is the state from Until on; State without Until.
	Then State
	// Next is the first instant at which anything else in the decision (state,
	// cause or findings) changes without new facts. Its At is zero if nothing does.
	Next Change

	count    uint8
	findings [causeCount - 1]packedFinding
}

// Change is a coming change of a decision.
type Change struct {
	// At is when it comes, zero for never.
	At time.Time
	// State and Cause are those of the decision from At on.
	State State
	Cause Cause
}

// Transition is a decision that will be.
type Transition struct {
	// At is when the decision comes into force.
	At time.Time
	Decision
}

// String tells in one line when the decision comes into force, and the decision.
func (t Transition) String() string {
	return "from " + t.At.Format(time.RFC3339) + " " + t.Decision.String()
}

// String tells the decision in one line, for logs.
func (d Decision) String() string {
	s := d.State.String()
	if d.Cause != NoCause {
		s += ": " + d.Cause.String()
	}
	if d.Code != 0 {
		s += fmt.Sprintf(" (conflict %d)", d.Code)
	}
	if !d.Until.IsZero() {
		s += ", until " + d.Until.Format(time.RFC3339)
	}
	return s
}

// Finding returns what one cause leads to, if it is there.
func (d *Decision) Finding(c Cause) (Finding, bool) {
	for x := range d.Findings() {
		if x.Cause == c {
			return x, true
		}
	}
	return Finding{}, false
}

// Findings yields every cause with what it leads to, the most severe first,
// those of one state in the order of Cause.
func (d *Decision) Findings() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for i := range d.findings[:min(int(d.count), len(d.findings))] {
			if !yield(d.findings[i].finding()) {
				return
			}
		}
	}
}
