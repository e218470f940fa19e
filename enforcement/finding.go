package enforcement

import "time"

// Finding is what one cause leads to.
type Finding struct {
	Cause  Cause
	Code   Code
	State  State
	Remedy Remedy
	// Since is when the cause began to lead to State, zero if not known.
	Since time.Time
	// Until is when it leads to another state, zero for never.
	Until time.Time
	// Then is the state from Until on. Active if the cause ends there.
	Then State
}

// packedFinding is a Finding in 48 bytes: a Decision holds one for every cause
// and is copied on every read.
type packedFinding struct {
	since, until instant
	code         Code
	cause        Cause
	state, then  State
	remedy       Remedy
}

func (p *packedFinding) finding() Finding {
	return Finding{
		Cause: p.cause, Code: p.code, State: p.state, Remedy: p.remedy,
		Since: p.since.time(), Until: p.until.time(), Then: p.then,
	}
}
