package clock

import (
	"math"
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
	// Mark is the line: the latest time known to have been reached, without leads; zero if none.
	Mark time.Time `json:"mark,omitzero"`

	// RolledBackSince is when the clock was found turned back, on the trusted time line; zero if it is not.
	RolledBackSince time.Time `json:"rolled_back_since,omitzero"`

	// RestoredSince is when the state was found to be an older copy; zero if it was not. Only an answer ends it.
	RestoredSince time.Time `json:"restored_since,omitzero"`

	// Correction is by how much the last answer found the wall clock to be slow, so that a clock that is constantly
	// wrong is not taken for one that was turned back. It is below zero for a clock that was fast, which a new process
	// does not go by, and zero for one that is right or rolled back.
	Correction time.Duration `json:"correction,omitzero"`

	// Doubted says that Correction is by a lead that may be wrong itself: that the wall clock is ahead by it means nothing.
	Doubted bool `json:"doubted,omitzero"`

	// Leapt is by how much the wall clock has put the line forward since the last signed time, beyond what a Charge is for.
	Leapt time.Duration `json:"leapt,omitzero"`

	// Charge is the running time of processes that were killed and had not kept it.
	Charge time.Duration `json:"charge,omitzero"`

	// Confirmed is the newest signed time that was no lead; zero if none.
	Confirmed time.Time `json:"confirmed,omitzero"`

	// Signed are the leads by signed times, each on the one before, at most 4.
	Signed []SignedLead `json:"signed_leads,omitempty"`

	// Granted is the running time since the first signed lead after Confirmed.
	Granted time.Duration `json:"granted,omitzero"`

	// Wall is the lead by the wall clock, zero without one.
	Wall WallLead `json:"wall_lead,omitzero"`

	// Dropped are the signed times of leads that were dropped, oldest first, at most 4.
	Dropped []Span `json:"dropped,omitempty"`

	// Pending is a signed time far behind the wall clock that nothing confirms yet, zero without one.
	Pending Pending `json:"pending,omitzero"`

	// Restarts is how often everything was forgotten by [Clock.Restart]. What a process knows from before another has done
	// so is forgotten too.
	Restarts int `json:"restarts,omitzero"`
}

// SignedLead is a line that a signed time far ahead has begun.
type SignedLead struct {
	Line    time.Time     `json:"line"`             // where it is
	First   time.Time     `json:"first"`            // the oldest signed time on it
	Last    time.Time     `json:"last"`             // the newest
	Anchor  time.Time     `json:"anchor"`           // the one that another must be far enough from
	Between time.Duration `json:"between,omitzero"` // running time since Anchor
}

// Rejected, see docs/designs.md: A jump forward is believed for ever.
// Rejected, see docs/designs.md: A jump forward is never believed.

// WallLead is a line that a jump of the wall clock has begun.
type WallLead struct {
	Line  time.Time     `json:"line"`           // where it is
	Under time.Duration `json:"under,omitzero"` // running time since
}

// Span is from the oldest to the newest signed time of a lead.
type Span struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Pending is an answer that waits for another.
type Pending struct {
	Signed time.Time `json:"signed"` // its time
	Line   time.Time `json:"line"`   // the line when it came
}

// Rejected, see docs/designs.md: Trust the wall clock.
// Rejected, see docs/designs.md: Trust only the server.
// Rejected, see docs/designs.md: Ask a public time server.

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

	// Tolerance is by how much the wall clock may be behind the line; zero means [DefaultTolerance].
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

	// Aged is Time with the running time of processes that were killed and had not kept it: what is granted until then,
	// or for so long, is over. It is not for what the server counts, such as a floating seat.
	Aged time.Time

	// RolledBackSince is when the clock was found turned back, or the state an older copy; zero if neither was.
	RolledBackSince time.Time

	// Trusts is the running time after which a clock that was found turned back is read with the difference; zero if it is
	// not, or will not be.
	Trusts time.Duration

	// Ahead is by how much the wall clock puts Time ahead of the line; zero without such a lead. The clock may be wrong.
	Ahead time.Duration

	// Settles is the running time after which that lead is the line; zero without one.
	Settles time.Duration

	// Granted is the running time since the first signed lead after the newest confirmed answer; zero without one. It
	// is the least age of evidence from such leads.
	Granted time.Duration
}

// RolledBack reports whether the clock was turned back, or the state was an older copy, and nothing has ended it.
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
	l, now := c.now()
	r := Reading{Time: fromNanos(now - l.aging()), Aged: fromNanos(now), RolledBackSince: fromOptional(l.suspect())}
	if l.wall != none {
		r.Ahead = time.Duration(l.wall - l.top())
		r.Settles = time.Duration(settling - l.under - (now - l.mark))
	}
	if in := l.trustedIn(l.top()-l.correction, c.tolerance); in != math.MaxInt64 && l.restored == none {
		r.Trusts = time.Duration(max(in-(now-l.mark), 1)) // not as never
	}
	if l.granted != none {
		r.Granted = time.Duration(max(l.granted+now-l.mark, 1)) // not as without
	}
	return r
}

// UnixNano returns the Aged time in Unix nanoseconds, and whether there are a RolledBackSince and an Ahead. It is the
// cheapest reading, for comparison with an instant worked out before.
func (c *Clock) UnixNano() (nanos int64, rolledBack, ahead bool) {
	l, now := c.now()
	return now, l.since != none || l.restored != none, l.wall != none
}

// State returns what to keep for the next process.
func (c *Clock) State() State {
	_, mono := c.read()
	l, _ := c.now()
	next := l.advanced(max(mono, l.mono))
	return next.state()
}

// Outdated reports whether an answer with a signed time is one from before, and which accepted one says so.
func (c *Clock) Outdated(t time.Time) (accepted time.Time, outdated bool) {
	signed := nanos(t)
	if signed == none {
		return time.Time{}, false
	}
	l, _ := c.now()
	_, mono := c.read()
	by := l.outdated(signed, max(mono, l.mono), c.tolerance)
	return fromOptional(by), by != none
}

// NotBefore is the oldest signed time that an answer can have now, whatever else is held against it; zero for any.
func (c *Clock) NotBefore() time.Time {
	l, _ := c.now()
	return fromOptional(l.confirmed)
}

// ServerTime takes in the time of a signed answer that is not [Clock.Outdated]: it sets the line, forward or back, or
// leads it, and ends a rollback. A time outside the years 1970 to 2261 is ignored.
func (c *Clock) ServerTime(t time.Time) {
	server := nanos(t)
	if server == none {
		return
	}
	c.replace(func(base *line, wall, mono int64) line { return base.answered(server, wall, mono, c.tolerance) })
}

// Unconfirmed reports whether the last answer was so far behind the wall clock that another must confirm it.
func (c *Clock) Unconfirmed() bool { return c.base.Load().pending != none }

// SignedTime raises the trusted time to t, which something signed says has been reached without being an answer, such as
// a licence file. It ends no rollback, unless fresh says that nothing newer was ever seen: then the trusted time starts
// anew at t, or at the wall clock if that is later. A time outside the years 1970 to 2261 is ignored.
func (c *Clock) SignedTime(t time.Time, fresh bool) {
	signed := nanos(t)
	if signed == none {
		return
	}
	c.replace(func(base *line, wall, mono int64) line { return base.reached(signed, wall, mono, c.tolerance, fresh) })
}

// Charge ages what is known by running time that was not kept, because a process was killed.
func (c *Clock) Charge(d time.Duration) {
	c.replace(func(base *line, wall, mono int64) line {
		return base.charged(max(int64(d), 0), wall, mono, c.tolerance)
	})
}

// Age moves the line on by running time that is known to have passed and was not
// kept in any way. Unlike a charge it outlives a state that is put back once more;
// it is for a clock that is suspect already.
func (c *Clock) Age(d time.Duration) {
	c.replace(func(base *line, wall, mono int64) line { return base.aged(max(int64(d), 0), wall, mono, c.tolerance) })
}

// Adopt takes in what another process of the application has kept.
func (c *Clock) Adopt(s State) {
	c.replace(func(base *line, wall, mono int64) line { return base.adopted(s, wall, mono, c.tolerance) })
}

// Restart forgets everything, as on a machine that nothing is known of. Who adopts the state that follows forgets it too.
func (c *Clock) Restart() {
	c.replace(func(base *line, wall, mono int64) line {
		return start(State{Restarts: base.restarts + 1}, wall, mono, c.tolerance)
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

func (c *Clock) now() (l *line, now int64) {
	base := c.base.Load()
	if c.source == nil {
		if mono := int64(time.Since(c.started)); mono-c.compared.Load() < glance {
			return base, base.mark + mono - base.mono
		}
	}
	return c.compare(base)
}

// compare reads both clocks and observes what has happened to them.
func (c *Clock) compare(base *line) (l *line, now int64) {
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
		return base, now
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
