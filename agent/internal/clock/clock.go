package clock

import (
	"sync/atomic"
	"time"
)

// DefaultTolerance is by how much the wall clock may be behind before that counts as turned back.
const DefaultTolerance = 5 * time.Minute

// glance is for how long, while the process runs, the line is good without another look at the wall clock. Reading the
// wall clock costs twice as much as the monotonic one. It applies to the system's clocks only.
const glance = int64(time.Millisecond)

// step is by how much the wall clock may gain on the line before the line is raised. It keeps the common reading free
// of writes while the two clocks drift; the trusted time lags by no more than this.
const step = time.Second

// State is what outlives the process. Instants outside the years 1970 to 2261 count as absent.
type State struct {
	// Mark is the latest time known to have been reached; zero if none.
	Mark time.Time

	// RolledBackSince is when the clock was found turned back, on the trusted time line; zero if it is not.
	RolledBackSince time.Time

	// Correction is by how much the last answer found the wall clock to be slow, so that a clock that is constantly
	// wrong is not taken for one that was turned back. Zero for a clock that is right, fast or rolled back.
	Correction time.Duration
}

// Source is where a [Clock] reads the time. A nil field means the system's clock.
type Source struct {
	// Wall returns the wall clock's time.
	Wall func() time.Time

	// Monotonic returns the time since an arbitrary instant in this process. It never goes back; it may stand still
	// while the machine sleeps.
	Monotonic func() time.Duration
}

// Config configures a [Clock]. The zero Config is usable.
type Config struct {
	// State is what was kept by an earlier process.
	State State

	// Tolerance is by how much the wall clock may be behind the mark; zero means [DefaultTolerance].
	Tolerance time.Duration

	// Source replaces the system's clocks.
	Source Source
}

// A Clock tells the trusted time. It is safe for concurrent use, and reading it takes no lock.
type Clock struct {
	base      atomic.Pointer[line]
	compared  atomic.Int64 // when, on the system's monotonic clock, the wall clock was last compared with the line
	tolerance int64
	started   time.Time // origin of the system's monotonic clock
	source    *Source   // nil: the system's
}

// Reading is the trusted time at one moment.
type Reading struct {
	// Time is the trusted time, in UTC and without a monotonic reading.
	Time time.Time

	// RolledBackSince is when the clock was found turned back; zero if it is not.
	RolledBackSince time.Time
}

// RolledBack reports whether the clock was turned back and no answer has come since.
func (r Reading) RolledBack() bool { return !r.RolledBackSince.IsZero() }

// New returns a clock that goes on from a state.
func New(config Config) *Clock {
	c := &Clock{tolerance: int64(config.Tolerance), started: time.Now()}
	if config.Source.Wall != nil || config.Source.Monotonic != nil {
		c.source = &config.Source
	}
	if c.tolerance <= 0 {
		c.tolerance = int64(DefaultTolerance)
	}
	wall, mono := c.read()
	base := start(config.State, wall, mono, c.tolerance)
	c.base.Store(&base)
	c.compare(&base) // a wall clock behind the mark counts from here
	return c
}

// Now returns the trusted time.
func (c *Clock) Now() Reading {
	now, since := c.now()
	return Reading{Time: fromNanos(now), RolledBackSince: fromOptional(since)}
}

// UnixNano returns the trusted time in Unix nanoseconds and whether the clock was turned back. It is the cheapest
// reading, for comparison with an instant worked out before.
func (c *Clock) UnixNano() (nanos int64, rolledBack bool) {
	now, since := c.now()
	return now, since != none
}

// State returns what to keep for the next process. Its mark is the trusted time.
func (c *Clock) State() State {
	r := c.Now()
	s := State{Mark: r.Time, RolledBackSince: r.RolledBackSince}
	if !r.RolledBack() {
		s.Correction = max(time.Duration(c.base.Load().correction), 0)
	}
	return s
}

// ServerTime sets the clock by the time in a fresh signed answer, forward or back, and ends a rollback. The caller has
// verified that the answer is fresh; an old one would turn the trusted time back. A time outside the years 1970 to 2261 is
// ignored.
func (c *Clock) ServerTime(t time.Time) {
	server := nanos(t)
	if server == none {
		return
	}
	c.replace(func(base *line, wall, mono int64) line { return base.answered(server, wall, mono, c.tolerance) })
}

// SignedTime raises the trusted time to t, which something signed says has been reached without being an answer, such as
// a licence file. It ends no rollback, unless fresh says that nothing newer was ever seen: then the trusted time starts
// anew at t, or at the wall clock if that is later. A time outside the years 1970 to 2261 is ignored.
func (c *Clock) SignedTime(t time.Time, fresh bool) {
	signed := nanos(t)
	if signed == none {
		return
	}
	c.replace(func(base *line, wall, mono int64) line { return base.signed(signed, wall, mono, c.tolerance, fresh) })
}

// Offline says whether no server will be asked. Then a rollback ends as well when the wall clock is no longer behind.
func (c *Clock) Offline(offline bool) {
	if c.base.Load().offline == offline {
		return
	}
	c.replace(func(base *line, wall, mono int64) line {
		next := *base
		next.offline = offline
		return next.observed(wall, mono, c.tolerance)
	})
}

// replace replaces the line by what change makes of it.
func (c *Clock) replace(change func(base *line, wall, mono int64) line) {
	for {
		base := c.base.Load()
		wall, mono := c.read()
		next := change(base, wall, mono)
		if c.base.CompareAndSwap(base, &next) {
			return
		}
	}
}

func (c *Clock) now() (now, since int64) {
	base := c.base.Load()
	if c.source == nil {
		if mono := int64(time.Since(c.started)); mono-c.compared.Load() < glance {
			return base.mark + mono - base.mono, base.since
		}
	}
	return c.compare(base)
}

// compare reads both clocks and observes what has happened to them.
func (c *Clock) compare(base *line) (now, since int64) {
	for ; ; base = c.base.Load() {
		wall, mono := c.read()
		now, ok := base.at(wall, mono, c.tolerance)
		if !ok {
			next := base.observed(wall, mono, c.tolerance)
			if !c.base.CompareAndSwap(base, &next) {
				continue
			}
			base, now = &next, next.mark
		}
		c.compared.Store(mono)
		return now, base.since
	}
}

// read returns both clocks in nanoseconds.
func (c *Clock) read() (wall, mono int64) {
	now := time.Now()
	wall, mono = now.UnixNano(), int64(now.Sub(c.started))
	if c.source != nil && c.source.Wall != nil {
		wall = c.source.Wall().UnixNano()
	}
	if c.source != nil && c.source.Monotonic != nil {
		mono = int64(c.source.Monotonic())
	}
	return wall, mono
}

// nanos returns t in Unix nanoseconds, or none.
func nanos(t time.Time) int64 {
	if year := t.UTC().Year(); year < 1970 || year > 2261 {
		return none
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time { return time.Unix(0, n).UTC() }

func fromOptional(n int64) time.Time {
	if n == none {
		return time.Time{}
	}
	return fromNanos(n)
}
