package enforcement

import "time"

// track is what one cause leads to over all time: it holds from begin until
// before end, and from at[k] on it leads to state[k], before at[0] to Active.
// Its ladder counts from the anchor, its first step from started as well if that
// is set; due is set for the silent causes.
// States rise strictly, so there are at most as many steps as states above
// Active.
type track struct {
	cause       Cause
	code        Code
	remedy      Remedy
	begin, end  instant
	anchor, due instant
	started     instant
	steps       int
	at          [Locked]instant
	state       [Locked]State
}

// climb lays the ladder along the track. Whatever the policy says, severity
// rises, no step comes before the one listed before it, and Silence restricts
// nothing before freeride ends. A silent cause begins with its first step:
// before, nobody has a reason to do anything.
func (t *track) climb(l Ladder, freeride time.Duration) {
	begins, top := t.begin, Active
	for i, s := range l {
		begins = begins.max(t.from(t.anchor, s.After, freeride))
		if s.State > Grace && t.cause.Silent() {
			begins = begins.max(t.from(t.anchor, After{From: Freeride}, freeride))
		}
		if i == 0 {
			if t.cause.Silent() {
				t.begin = begins
			}
			begins = begins.max(t.from(t.started, s.After, freeride))
		}
		state := min(s.State, Locked)
		if state <= top || !begins.before(t.end) {
			continue
		}
		if t.steps == 0 || t.at[t.steps-1] != begins {
			t.steps++
		}
		top, t.at[t.steps-1], t.state[t.steps-1] = state, begins, state
	}
}

// from is the instant that an After stands for, counted from an anchor.
func (t *track) from(anchor instant, a After, freeride time.Duration) instant {
	switch a.From {
	case Due:
		anchor = t.due
	case HalfFreeride:
		anchor = anchor.add(freeride / 2).max(t.due)
	case Freeride:
		anchor = anchor.add(freeride).max(t.due)
	}
	return anchor.add(a.Plus)
}

// holds reports whether the cause is there at i.
func (t *track) holds(i instant) bool { return !i.before(t.begin) && i.before(t.end) }

// step is the number of steps reached at i.
func (t *track) step(i instant) int {
	n := 0
	for n < t.steps && !i.before(t.at[n]) {
		n++
	}
	return n
}

// stateAt is the state that the cause leads to at i, Active where it does not hold.
func (t *track) stateAt(i instant) State {
	if n := t.step(i); n > 0 && t.holds(i) {
		return t.state[n-1]
	}
	return Active
}

// sinceAt is when the state at i began.
func (t *track) sinceAt(i instant) instant {
	if n := t.step(i); n > 0 {
		return t.at[n-1]
	}
	return t.begin
}

// nextAfter is the first instant after i at which the track changes, never if it does not.
func (t *track) nextAfter(i instant) instant {
	switch {
	case i.before(t.begin):
		return t.begin
	case !i.before(t.end):
		return never
	}
	if n := t.step(i); n < t.steps {
		return t.at[n]
	}
	return t.end
}

// above is the first instant at which the track leads to a state more severe
// than s, never if it does not.
func (t *track) above(s State) instant {
	for k := range t.steps {
		if t.state[k] > s {
			return t.at[k]
		}
	}
	return never
}

// tracks are those of all causes that are there or will be, in the order of causes.
type tracks struct {
	n    int
	list [causeCount - 1]track
}

func (ts *tracks) all() []track { return ts.list[:ts.n] }

// topAt is the state and cause of the decision at i.
func (ts *tracks) topAt(i instant) (State, Cause) {
	state, cause := Active, NoCause
	for k := range ts.all() {
		t := &ts.list[k]
		if !t.holds(i) {
			continue
		}
		if s := t.stateAt(i); cause == NoCause || s > state {
			state, cause = s, t.cause
		}
	}
	return state, cause
}

// nextAfter is the first instant after i at which any track changes.
func (ts *tracks) nextAfter(i instant) instant {
	next := never
	for k := range ts.all() {
		next = next.min(ts.list[k].nextAfter(i))
	}
	return next
}

// began is when the state at i, which is s, began: when the first of the causes
// that hold rose to it. A cause that has ended counts too: the state began no
// earlier than a more severe one ended, and as early as an equal one that
// passed it on. Active began with the proof of the licence.
func (ts *tracks) began(s State, i, proven instant) instant {
	since := never
	if s == Active {
		since = proven
	}
	for k := range ts.all() {
		if t := &ts.list[k]; s > Active && t.holds(i) && t.stateAt(i) == s {
			since = since.min(t.sinceAt(i))
		}
	}
	for k := range ts.all() {
		t := &ts.list[k]
		if i.before(t.end) || t.steps == 0 {
			continue
		}
		switch last := t.steps - 1; {
		case t.state[last] > s:
			since = since.max(t.end)
		case t.state[last] == s && !t.end.before(since):
			since = since.min(t.at[last])
		}
	}
	return since
}

// changes is the first instant after i at which the state is another than s,
// which it is at i: another track rises above it, or the only tracks that lead
// to it end.
func (ts *tracks) changes(s State, i instant) instant {
	until := never
	for k := range ts.all() {
		if t := &ts.list[k]; i.before(t.end) {
			until = until.min(t.above(s))
		}
	}
	for k := range ts.all() {
		if t := &ts.list[k]; t.holds(i) && t.end.before(until) {
			if left, _ := ts.topAt(t.end); left != s {
				until = t.end
			}
		}
	}
	return until
}

// findings writes what each cause leads to at i into d, the most severe first.
func (ts *tracks) findings(d *Decision, i instant) {
	for s := int(Locked); s >= int(Active); s-- {
		for k := range ts.all() {
			t := &ts.list[k]
			if !t.holds(i) || t.stateAt(i) != State(s) {
				continue
			}
			next := t.nextAfter(i)
			d.findings[d.count] = packedFinding{
				since: t.sinceAt(i), until: next, code: t.code,
				cause: t.cause, state: State(s), then: t.stateAt(next), remedy: t.remedy,
			}
			d.count++
		}
	}
}
