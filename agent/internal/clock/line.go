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
	ahead := wall + l.correction - now
	return now, -tolerance <= ahead && ahead <= int64(step)
}

// observed returns the line that takes the clocks into account: raised if the wall clock has gained on it (the machine
// slept, or the clock was set forward), and marked as rolled back if the wall clock has fallen behind.
func (l *line) observed(wall, mono, tolerance int64) line {
	next := *l
	next.mark, next.mono = l.mark+mono-l.mono, mono
	ahead := wall + l.correction - next.mark
	// A wall clock that was wrong may have been put right since. Then it agrees better with the line by itself than
	// corrected, and it is not the one of the two that would have been turned back.
	if raw := wall - next.mark; raw >= -tolerance && (ahead < -tolerance || abs(raw) < abs(ahead)) ||
		ahead < -tolerance && abs(raw) < abs(ahead) {
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

// answered returns the line through a fresh signed server time.
func (l *line) answered(server, wall, mono, tolerance int64) line {
	next := line{mark: server, mono: mono, correction: server - wall, since: none}
	// A wall clock ahead by no more than the tolerance is as good as the server's, whose time has whole seconds.
	if ahead := wall - server; ahead > 0 && ahead <= tolerance {
		next.mark, next.correction = wall, 0
	}
	return next
}

func abs(n int64) int64 { return int64(time.Duration(n).Abs()) }
