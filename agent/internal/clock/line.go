package clock

import (
	"math"
	"time"
)

// none is the absent instant.
const none = math.MinInt64

// A line is the trusted time as a function of the two clocks. It is immutable. All instants are Unix nanoseconds.
type line struct {
	mark       int64 // the trusted time ...
	mono       int64 // ... when the monotonic clock stood here
	correction int64 // to be added to the wall clock, as found by the last answer or rollback
	since      int64 // when the clock was found turned back, or none
	offline    bool  // no answer will come: a wall clock that is back at the line ends a rollback
}

// start returns the line of a new process.
func start(s State, wall, mono, tolerance int64) line {
	l := line{mark: wall, mono: mono, correction: int64(s.Correction), since: nanos(s.RolledBackSince)}
	if mark := nanos(s.Mark); mark != none {
		l.mark = mark
	}
	return l.observed(wall, mono, tolerance)
}

// at returns the trusted time, unless the clocks say something that must be observed first.
func (l *line) at(wall, mono, tolerance int64) (now int64, ok bool) {
	now = l.mark + mono - l.mono
	if l.offline && l.since != none && wall >= now-tolerance {
		return now, false
	}
	ahead := wall + l.correction - now
	return now, -tolerance <= ahead && ahead <= int64(step)
}

// observed returns the line that takes the clocks into account: raised if the wall clock has gained on it (the machine
// slept, or the clock was set forward), and marked as rolled back if the wall clock has fallen behind.
func (l *line) observed(wall, mono, tolerance int64) line {
	next := *l
	next.mark, next.mono = l.mark+mono-l.mono, mono
	if l.offline && l.since != none && wall >= next.mark-tolerance {
		next.since, next.correction = none, 0
	}
	ahead := wall + next.correction - next.mark
	// A wall clock that was wrong may have been put right since or, where no answer will tell, nearly so. Then it agrees
	// better with the line by itself than corrected, and it is not the one of the two that would have been turned back.
	if raw := wall - next.mark; raw >= -tolerance && (ahead < -tolerance || abs(raw) < abs(ahead)) ||
		(ahead < -tolerance || l.offline) && abs(raw) < abs(ahead) {
		next.correction, ahead = 0, raw
	}
	switch {
	case ahead > 0:
		next.mark += ahead
	case ahead < -tolerance:
		next.correction -= ahead // so that the time asleep still counts
		if next.since == none {
			next.since = next.mark
		}
	}
	return next
}

// signed returns the line that takes into account that t has been reached, says something signed that tells no more
// than that. Fresh: it is newer than all that was signed before, so that a rollback need not be believed beyond it.
func (l *line) signed(t, wall, mono, tolerance int64, fresh bool) line {
	next := *l
	if now := l.mark + mono - l.mono; now < t || fresh && l.since != none {
		next.mark, next.mono, next.correction = t, mono, 0
		if fresh {
			next.since = none
		}
	}
	return next.observed(wall, mono, tolerance)
}

// answered returns the line through a fresh signed server time.
func (l *line) answered(server, wall, mono, tolerance int64) line {
	next := line{mark: server, mono: mono, correction: server - wall, since: none, offline: l.offline}
	// A wall clock ahead by no more than the tolerance is as good as the server's, whose time has whole seconds.
	if ahead := wall - server; ahead > 0 && ahead <= tolerance {
		next.mark, next.correction = wall, 0
	}
	return next
}

func abs(n int64) int64 { return int64(time.Duration(n).Abs()) }
