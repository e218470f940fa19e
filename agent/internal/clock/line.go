package clock

import (
	"math"
	"slices"
	"time"
)

// none is the absent instant.
const none = math.MinInt64

const (
	// signedLead is by how much a signed time must be ahead of the line to be a lead.
	signedLead = int64(time.Hour)

	// wallLead is by how much the wall clock must be ahead of the line to be a lead. What is less is caught up with in
	// real time before a ladder of 24 hours of running time, which a clock that was turned back has, is at its end.
	wallLead = int64(24 * time.Hour)

	// settling is the running time after which a lead of the wall clock is the line, and by how much a signed time must
	// be after the first of its lead to settle it.
	settling = int64(24 * time.Hour)

	// drift is by which part of the time that passed the monotonic clock may be fast, against the server's.
	drift = 1000
)

// A line is the trusted time as a function of the two clocks. It is immutable. All instants are Unix nanoseconds, and
// those that run are as they were when the monotonic clock stood at mono.
type line struct {
	mark int64 // the trusted time, see shown
	mono int64

	base       int64 // the line itself: what is confirmed, moved on by the time that passed
	correction int64 // to be added to the wall clock, as found by the last answer or while it is turned back
	doubted    bool  // correction is by a lead that may be wrong itself, as the wall clock was behind it
	since      int64 // when the clock was found turned back, or none
	restored   int64 // when the state was found to be an older copy, or none
	charge     int64 // running time that was not kept; ages what is known, and is never compared with the wall clock
	raised     int64 // by how much the wall clock has raised the line in this process
	leapt      int64 // by how much it has since the last signed time, beyond what a charge is for

	confirmed   int64 // the newest signed time that is no lead, or none
	confirmedAt int64 // the monotonic clock then, or none if that was in another process

	leads   []lead // signed leads, each on the one before
	granted int64  // running time since the first of them after the last confirmed answer, or none

	wall  int64 // the line by a wall clock far ahead, or none
	under int64 // running time under that lead

	dropped   []span // signed times of leads that were dropped, see spans.go
	pending   int64  // a signed time far behind the wall clock, which sets no clock until another confirms it, or none
	pendingAt int64  // base then

	restarts int // how often everything was forgotten
}

// A lead is a line that a signed time far ahead has begun.
type lead struct {
	line    int64 // where it is
	first   int64 // the oldest signed time on it
	last    int64 // the newest
	lastAt  int64 // the monotonic clock then, or none if that was in another process
	anchor  int64 // the signed time that another must be far enough from to settle the lead
	between int64 // running time since anchor
}

// settledBy reports whether a signed time confirms the lead: it is far enough from the first, and no nearer than the time
// that ran between them. Servers write whole seconds, and monotonic clocks drift: a distance that must be exact would
// never be reached by an honest server.
func (x *lead) settledBy(t, tolerance int64) bool {
	apart := t - x.anchor
	return apart >= settling && apart >= x.between-x.between/drift-tolerance
}

// maxLeads bounds how many are told apart.
const maxLeads = 4

// start returns the line of a new process. It reads the clock with the difference that was kept where the clock was slow:
// evidence must not stay young because the clock was set forward while it was fetched.
func start(s State, wall, mono, tolerance int64) line {
	l := restore(s, wall, mono)
	l.correction = max(l.correction, 0)
	return l.observed(wall, mono, tolerance)
}

// restore returns the line that a state tells of. Without a mark it begins at the wall clock.
func restore(s State, wall, mono int64) line {
	l := line{mono: mono, base: nanos(s.Mark), correction: int64(s.Correction), charge: max(int64(s.Charge), 0),
		doubted: s.Doubted, leapt: max(int64(s.Leapt), 0), since: nanos(s.RolledBackSince), restored: nanos(s.RestoredSince),
		confirmed: nanos(s.Confirmed), confirmedAt: none, wall: nanos(s.Wall.Line), under: max(int64(s.Wall.Under), 0),
		dropped: spansOf(s.Dropped), pending: nanos(s.Pending.Signed), pendingAt: nanos(s.Pending.Line),
		granted: none, restarts: max(s.Restarts, 0)}
	if l.base == none {
		l.base = wall
	}
	for _, x := range s.Signed {
		r := lead{nanos(x.Line), nanos(x.First), nanos(x.Last), none, nanos(x.Anchor), max(int64(x.Between), 0)}
		if min(r.line, r.first, r.last, r.anchor) != none {
			l.leads, l.granted = append(l.leads, r), max(int64(s.Granted), 0)
		}
	}
	return l
}

// state returns what start goes on from.
func (l *line) state() State {
	s := State{Mark: fromNanos(l.base), Charge: time.Duration(l.charge), RolledBackSince: fromOptional(l.since),
		RestoredSince: fromOptional(l.restored), Leapt: time.Duration(l.leapt), Confirmed: fromOptional(l.confirmed),
		Dropped: dates(l.dropped), Restarts: l.restarts}
	if l.since == none {
		s.Correction, s.Doubted = time.Duration(l.correction), l.doubted
	}
	for _, x := range l.leads {
		s.Signed = append(s.Signed, SignedLead{fromNanos(x.line), fromNanos(x.first), fromNanos(x.last), fromNanos(x.anchor), time.Duration(x.between)})
	}
	s.Granted = time.Duration(max(l.granted, 0))
	if l.wall != none {
		s.Wall = WallLead{Line: fromNanos(l.wall), Under: time.Duration(l.under)}
	}
	if l.pending != none {
		s.Pending = Pending{Signed: fromNanos(l.pending), Line: fromNanos(l.pendingAt)}
	}
	return s
}

// top is the line with signed leads.
func (l *line) top() int64 {
	if n := len(l.leads); n > 0 {
		return l.leads[n-1].line
	}
	return l.base
}

// moved returns leads that are moved on by a time, in which the monotonic clock has counted ran.
func moved(leads []lead, by, ran int64) []lead {
	if by == 0 || len(leads) == 0 {
		return leads
	}
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].line += by
		leads[i].between += ran
	}
	return leads
}

// shown is the trusted time: what leads, aged by what was not kept.
func (l *line) shown() int64 {
	if l.wall != none {
		return l.wall + l.aging()
	}
	return l.top() + l.aging()
}

// aging is what is left of the charge: a wall clock that leads has passed it, for as long as it leads.
func (l *line) aging() int64 {
	if l.wall != none {
		return max(l.charge-(l.wall-l.top()), 0)
	}
	return l.charge
}

// at returns the trusted time, unless the clocks say something that must be observed first.
func (l *line) at(wall, mono, tolerance int64) (now int64, ok bool) {
	now = l.mark + mono - l.mono
	if l.since != none && (wall-(now-l.aging()) >= -tolerance || l.trustedIn(wall, tolerance) <= mono-l.mono) || l.wall != none && l.under+mono-l.mono >= settling {
		return now, false
	}
	ahead := wall + l.correction - (now - l.aging())
	return now, -tolerance <= ahead && ahead <= int64(step)
}

// charged returns the line aged by running time of an earlier process that was not kept, as far as the wall clock has not
// passed it since.
func (l *line) charged(by, wall, mono, tolerance int64) line {
	next := l.observed(wall, mono, tolerance)
	by = max(by-next.raised, 0)
	next.charge += by
	if next.granted != none {
		next.granted += by
	}
	next.mark = next.shown()
	return next
}

// aged returns the line moved on by running time that was not kept, as far as the
// wall clock has not done so.
func (l *line) aged(by, wall, mono, tolerance int64) line {
	next := l.observed(wall, mono, tolerance)
	by = max(by-next.raised, 0)
	charge, leapt := next.charge, next.leapt
	next.raise(by)
	next.charge, next.leapt = charge, leapt
	if next.granted != none {
		next.granted += by
	}
	return next.observed(wall, mono, tolerance)
}

// suspect is when the clock was found turned back or the state an older copy, or none.
func (l *line) suspect() int64 {
	if l.restored != none && (l.since == none || l.restored < l.since) {
		return l.restored
	}
	return l.since
}

// advanced returns the line after running until mono.
func (l *line) advanced(mono int64) line {
	next, ran := *l, mono-l.mono
	next.mono = mono
	next.base += ran
	next.leads = moved(next.leads, ran, ran)
	if next.granted != none {
		next.granted += ran
	}
	if next.wall != none {
		next.wall, next.under = next.wall+ran, next.under+ran
	}
	next.mark = next.shown()
	return next
}

// observed returns the line that takes both clocks into account.
func (l *line) observed(wall, mono, tolerance int64) line {
	next := l.advanced(mono)
	next.read(wall, tolerance)
	next.mark = next.shown()
	return next
}

// read compares the wall clock with the line: it raises it (the machine slept), leads it, or is turned back.
func (l *line) read(wall, tolerance int64) {
	shown, top := l.shown()-l.aging(), l.top()
	raw, ahead := wall-shown, wall+l.correction-shown
	// A wall clock that was wrong may have been put right since. Then it agrees better with the line by itself than
	// corrected, and it is not the one of the two that would have been turned back.
	if (l.since != none || l.doubted) && wall-top >= -tolerance ||
		raw >= -tolerance && (ahead < -tolerance || abs(raw) < abs(ahead)) ||
		ahead < -tolerance && abs(raw) < abs(ahead) {
		if wall-top >= -tolerance {
			l.since = none
		}
		l.correction, l.doubted = 0, false
	}
	if l.trustedIn(wall, tolerance) <= 0 {
		l.since, l.correction, l.doubted = none, top-wall, len(l.leads) > 0
	}
	if credible := wall-l.base >= -tolerance; len(l.leads) > 0 && credible && (l.since != none || wall+l.correction-top < -tolerance) {
		// It is not behind what is confirmed, and what leads may be wrong itself.
		l.since, l.correction, l.doubted = none, top-wall, true
	}
	reading := wall + l.correction
	if (l.since != none || l.doubted) && reading-top >= wallLead {
		// A clock that is wrong is on its way to being right, and says nothing yet.
		l.correction, reading = top-wall, top
	}
	switch {
	case reading-top >= wallLead:
		l.lead(reading, tolerance)
	case reading-top >= -tolerance:
		l.wall = none
		if reading > top {
			l.raise(reading - top)
		}
	default:
		l.wall = none
		if l.since == none {
			l.since = top + l.charge
		}
		l.correction = top - wall // so that the time asleep still counts
	}
}

// trustedIn is the running time after which a clock that counts as turned back is read with the difference, as it may well
// be right: it is behind the line by no more than wall clocks have put that forward since the last signed time, and by less
// than what would have been a lead.
func (l *line) trustedIn(wall, tolerance int64) int64 {
	if behind := l.base - wall; l.since == none || behind >= wallLead || behind > l.leapt+tolerance {
		return math.MaxInt64
	}
	return settling - (l.top() + l.charge - l.since)
}

// lead takes in that the wall clock is far ahead.
func (l *line) lead(reading, tolerance int64) {
	if l.wall == none || reading < l.wall-tolerance || reading-l.wall >= wallLead {
		l.wall, l.under = reading, 0
	}
	l.wall = max(l.wall, reading)
	if l.under >= settling {
		by := l.wall - l.top()
		l.wall = none
		l.raise(by)
	}
}

// raise moves the line on, as time has passed that the monotonic clock did not count. A charge is for such time.
func (l *line) raise(by int64) {
	l.base += by
	l.leads = moved(l.leads, by, 0)
	if l.since != none {
		l.since += by // its ladder is counted in running time
	}
	paid := min(l.charge, by) // what ends one charge does not lessen the next as well
	l.charge, l.raised, l.leapt = l.charge-paid, l.raised+by-paid, l.leapt+by-paid
}

// outdated returns the signed time that makes an answer of signed time t one from before, or none.
func (l *line) outdated(t, mono, tolerance int64) int64 {
	next := l.advanced(mono)
	l = &next
	passed := func(accepted, at int64) int64 {
		if at == none {
			return accepted
		}
		ran := l.mono - at
		return max(accepted, accepted+ran-ran/drift-tolerance)
	}
	i := l.on(t)
	drops := i < len(l.leads)-1 // which takes an answer that is strictly newer than what it goes back to
	if i >= 0 && (drops && t <= l.leads[i].last || older(t, passed(l.leads[i].last, l.leads[i].lastAt))) {
		return l.leads[i].last
	}
	if l.confirmed != none && (drops && t <= l.confirmed || older(t, passed(l.confirmed, l.confirmedAt))) {
		return l.confirmed
	}
	return within(l.dropped, t)
}

// on is the index of the lead that a signed time is on, -1 if on none: those above began with a server that was further
// ahead than it is now.
func (l *line) on(t int64) int {
	i := len(l.leads) - 1
	for i >= 0 && t < l.leads[i].first {
		i--
	}
	return i
}

// older reports whether t is before u by a second: servers write whole seconds, sometimes.
func older(t, u int64) bool {
	if t%int64(time.Second) != 0 && u%int64(time.Second) != 0 {
		return t < u
	}
	return u-t >= int64(time.Second)
}

// answered returns the line after a fresh answer with a signed time, one that is not outdated.
func (l *line) answered(t, wall, mono, tolerance int64) line {
	next := l.observed(wall, mono, tolerance)
	if next.confirmed != none && t <= next.confirmed {
		return next // within a second of the one before
	}
	if next.confirmed == none && len(next.leads) == 0 && t < wall-wallLead && !next.settles(t, tolerance) {
		next.pending, next.pendingAt = t, next.base
		return next
	}
	reading := next.shown() - next.aging()
	next.drop(next.on(t) + 1)
	// A wall clock that is not known to be wrong, and says that less time has passed, speaks against a leap.
	credible := wall >= next.base-tolerance
	switch n := len(next.leads); {
	case n == 0 && t <= next.base+signedLead:
		next.confirm(t)
	case n == 0, credible && t > max(reading, next.top())+signedLead:
		next.push(t)
	case next.leads[n-1].settledBy(t, tolerance):
		next.leads = nil
		next.confirm(t)
	default:
		next.leads = slices.Clone(next.leads)
		x := &next.leads[n-1]
		x.line, x.last, x.lastAt = t, t, mono
	}
	next.dropped, next.pending = bounded(next.dropped), none
	next.wall, next.since, next.restored = none, none, none
	next.correction, next.doubted = next.top()-wall, false
	// A wall clock ahead by no more than the tolerance is as good as the server's, whose time has whole seconds.
	if ahead := -next.correction; ahead > 0 && ahead <= tolerance {
		next.correction = 0
		next.raise(ahead)
	}
	next.mark = next.shown()
	return next
}

// push begins a lead.
func (l *line) push(t int64) {
	l.drop(min(len(l.leads), maxLeads-1))
	l.leads = append(slices.Clone(l.leads), lead{line: t, first: t, last: t, lastAt: l.mono, anchor: t})
	l.granted = max(l.granted, 0)
}

// drop ends all but the first n leads. What was signed in them does not come back.
func (l *line) drop(n int) {
	for _, x := range l.leads[n:] {
		l.dropped = with(l.dropped, span{x.first, x.last})
	}
	l.leads = l.leads[:n:n]
}

// confirm sets the line by a signed time.
func (l *line) confirm(t int64) {
	l.base, l.confirmed, l.confirmedAt = t, t, l.mono
	l.charge, l.leapt, l.granted = 0, 0, none
	l.dropped = after(l.dropped, t)
}

// settles reports whether t confirms a signed time that is far behind the wall clock: it is a later one, at the distance
// of the time that passed.
func (l *line) settles(t, tolerance int64) bool {
	return l.pending != none && t > l.pending && abs(t-l.pending-(l.base-l.pendingAt)) <= tolerance
}

// reached returns the line that takes into account that t has been reached, says something signed that tells no more
// than that. Fresh: it is newer than all that was signed before, so that a rollback need not be believed beyond it.
func (l *line) reached(t, wall, mono, tolerance int64, fresh bool) line {
	next := l.observed(wall, mono, tolerance)
	if next.top() < t || fresh && (next.since != none || next.restored != none) {
		next.drop(0)
		next.base, next.charge, next.leapt, next.correction, next.doubted, next.wall = t, 0, 0, 0, false, none
		if fresh {
			next.since, next.restored = none, none
		}
	}
	next.confirmed = max(next.confirmed, t)
	next.dropped = bounded(after(next.dropped, next.confirmed))
	return next.observed(wall, mono, tolerance)
}

// adopted returns the line that knows what another process of the application does. Whoever had the newer answer knows
// better; of equals each knows a part.
func (l *line) adopted(s State, wall, mono, tolerance int64) line {
	mine, theirs := l.observed(wall, mono, tolerance), restore(s, wall, mono)
	switch {
	case theirs.restarts > mine.restarts:
		return theirs.observed(wall, mono, tolerance)
	case theirs.restarts < mine.restarts:
		return mine
	}
	dropped := mine.dropped
	for _, other := range theirs.dropped {
		dropped = with(dropped, other)
	}
	switch {
	case theirs.confirmed > mine.confirmed:
		mine = theirs
	case theirs.confirmed < mine.confirmed:
	default:
		if theirs.base > mine.base {
			mine.base, mine.leapt = theirs.base, theirs.leapt
		}
		if i := slices.IndexFunc(mine.leads, func(x lead) bool { return within(theirs.dropped, x.first) != none }); i >= 0 {
			mine.drop(i)
		}
		if newest(theirs.leads) > newest(mine.leads) {
			mine.leads, mine.granted = theirs.leads, max(mine.granted, theirs.granted)
			mine.correction, mine.doubted, mine.since, mine.wall, mine.restored = theirs.correction, theirs.doubted, theirs.since, theirs.wall, theirs.restored
		}
		if mine.pending == none {
			mine.pending, mine.pendingAt = theirs.pending, theirs.pendingAt
		}
	}
	mine.dropped = bounded(after(dropped, mine.confirmed))
	return mine.observed(wall, mono, tolerance)
}

// newest is the newest signed time of leads, or none.
func newest(leads []lead) int64 {
	n := int64(none)
	for _, x := range leads {
		n = max(n, x.last)
	}
	return n
}

func abs(n int64) int64 { return int64(time.Duration(n).Abs()) }
