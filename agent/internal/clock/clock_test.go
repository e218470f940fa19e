package clock

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var epoch = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// machine is a computer whose clocks can be moved.
type machine struct {
	wall time.Time
	mono time.Duration
}

func (m *machine) source() Source {
	return Source{Wall: func() time.Time { return m.wall }, Monotonic: func() time.Duration { return m.mono }}
}

func (m *machine) run(d time.Duration)   { m.wall, m.mono = m.wall.Add(d), m.mono+d }
func (m *machine) sleep(d time.Duration) { m.wall = m.wall.Add(d) }
func (m *machine) set(d time.Duration)   { m.wall = m.wall.Add(d) }

func (m *machine) boot(s State) *Clock { return New(Config{State: s, Source: m.source()}) }

func want(t *testing.T, c *Clock, at time.Time, rolledBack bool) {
	t.Helper()
	r := c.Now()
	if !r.Aged.Equal(at) {
		t.Errorf("trusted time %v, want %v (%v off)", r.Aged, at, r.Aged.Sub(at))
	}
	if r.RolledBack() != rolledBack {
		t.Errorf("rolled back: %v since %v, want %v", r.RolledBack(), r.RolledBackSince, rolledBack)
	}
	if nanos, rb, ahead := c.UnixNano(); nanos != r.Aged.UnixNano() || rb != r.RolledBack() || ahead != (r.Ahead > 0) {
		t.Errorf("UnixNano %d %v differs from Now", nanos, rb)
	}
	if r.Time.Location() != time.UTC {
		t.Errorf("location %v", r.Time.Location())
	}
}

const day = 24 * time.Hour

func TestFollowsTheWallClock(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{})
	want(t, c, epoch, false)
	m.run(time.Hour)
	want(t, c, epoch.Add(time.Hour), false)
	m.sleep(8 * time.Hour)
	want(t, c, epoch.Add(9*time.Hour), false)
	m.run(time.Hour)
	want(t, c, epoch.Add(10*time.Hour), false)
}

func TestToleranceIsExact(t *testing.T) {
	for _, tolerance := range []time.Duration{0, time.Minute, DefaultTolerance, day} {
		limit := tolerance
		if limit == 0 {
			limit = DefaultTolerance
		}
		for _, tt := range []struct {
			behind time.Duration
			want   bool
		}{{limit - 1, false}, {limit, false}, {limit + 1, true}, {2 * limit, true}} {
			m := &machine{wall: epoch.Add(-tt.behind)}
			c := New(Config{State: State{Mark: epoch}, Tolerance: tolerance, Source: m.source()})
			want(t, c, epoch, tt.want)

			m = &machine{wall: epoch}
			c = New(Config{Tolerance: tolerance, Source: m.source()})
			m.run(time.Hour)
			m.set(-tt.behind)
			want(t, c, epoch.Add(time.Hour), tt.want)
		}
	}
}

func TestRollbackEndsWithTheWallClockAtTheLine(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{})
	m.run(time.Hour)
	m.set(-30 * day)
	want(t, c, epoch.Add(time.Hour), true)
	m.run(time.Hour)
	want(t, c, epoch.Add(2*time.Hour), true)
	m.sleep(time.Hour)
	want(t, c, epoch.Add(3*time.Hour), true) // sleep counts although the clock is wrong
	if since := c.Now().RolledBackSince; !since.Equal(epoch.Add(2 * time.Hour)) {
		t.Errorf("since %v: the time asleep counts for the ladder", since)
	}
	c = m.boot(c.State())
	want(t, c, epoch.Add(3*time.Hour), true) // a restart changes nothing

	m.set(30*day - DefaultTolerance - 1)
	want(t, c, epoch.Add(3*time.Hour), true)
	m.set(1)
	want(t, c, epoch.Add(3*time.Hour), false)
	m.set(DefaultTolerance + time.Minute)
	want(t, c, epoch.Add(3*time.Hour+time.Minute), false)
	if s := c.State(); !s.RolledBackSince.IsZero() || s.Correction != 0 {
		t.Errorf("state %+v", s)
	}
}

func TestRollbackEndsWithAnAnswer(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{Confirmed: epoch})
	m.run(time.Hour)
	m.set(-30 * day)
	want(t, c, epoch.Add(time.Hour), true)
	c.ServerTime(epoch) // which is not newer than a confirmed one
	want(t, c, epoch.Add(time.Hour), true)
	c.ServerTime(epoch.Add(time.Hour))
	want(t, c, epoch.Add(time.Hour), false)
	for range 2 { // the difference is kept
		m.run(time.Hour)
		if c.Now().RolledBack() {
			t.Error("rolled back again")
		}
		c = m.boot(c.State())
	}
	m.set(-DefaultTolerance - time.Second) // a further move back
	if !c.Now().RolledBack() {
		t.Error("not rolled back")
	}
}

func TestARestoredCopyIsHealedByAnAnswerOnly(t *testing.T) {
	m := &machine{wall: epoch.Add(time.Hour)}
	c := m.boot(State{Mark: epoch, Confirmed: epoch, RestoredSince: epoch})
	want(t, c, epoch.Add(time.Hour), true)
	c.ServerTime(epoch)
	want(t, c, epoch.Add(time.Hour), true)
	c.ServerTime(epoch.Add(time.Hour))
	want(t, c, epoch.Add(time.Hour), false)
	if c = m.boot(c.State()); c.Now().RolledBack() {
		t.Error("a restart brings it back")
	}
}

func TestSignedTime(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wall   time.Duration // of the wall clock, after the epoch
		rolled bool          // before
		mark   time.Duration
		signed time.Duration
		fresh  bool
		want   time.Duration
		after  bool
	}{
		{"the wall clock is later", day, false, day, time.Hour, true, day, false},
		{"the wall clock is a little behind", day, false, day, day + DefaultTolerance, true, day + DefaultTolerance, false},
		{"the wall clock is behind", day, false, day, day + DefaultTolerance + 1, true, day + DefaultTolerance + 1, true},
		{"the line is later", 0, true, 3 * day, day, false, 3 * day, true},
		{"the line once stood far ahead", 2 * day, true, 300 * day, day, true, 2 * day, false},
		{"the line once stood far ahead, and the clock is still wrong", 0, true, 300 * day, day, true, day, true},
		{"the line once stood far ahead, but the file is known", 2 * day, true, 300 * day, day, false, 300 * day, true},
		{"a known file is later than the line", 0, true, day, 2 * day, false, 2 * day, true},
		{"the line is later, and nothing is suspect", day, false, day + 4*time.Minute, time.Hour, true, day + 4*time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{wall: epoch.Add(tt.wall)}
			c := m.boot(State{Mark: epoch.Add(tt.mark)})
			if c.Now().RolledBack() != tt.rolled {
				t.Fatal("not the case that is meant")
			}
			c.SignedTime(epoch.Add(tt.signed), tt.fresh)
			want(t, c, epoch.Add(tt.want), tt.after)
			if got := c.NotBefore(); !got.Equal(epoch.Add(tt.signed)) {
				t.Errorf("answers must not be before %v, want %v", got, epoch.Add(tt.signed))
			}
			c.SignedTime(epoch.Add(tt.signed-time.Minute), false) // an older one changes nothing
			if got := c.NotBefore(); !got.Equal(epoch.Add(tt.signed)) {
				t.Errorf("then answers must not be before %v, want %v", got, epoch.Add(tt.signed))
			}
		})
	}
}

// A file ends that the state is an older copy if nothing newer was ever seen; and whether it is new or not, it says nothing
// of running time that was not kept unless it is later than the line.
func TestSignedTimeOfARestoredCopyAndACharge(t *testing.T) {
	for _, tt := range []struct {
		name     string
		restored bool
		signed   time.Duration // after the mark
		fresh    bool
		want     time.Duration
		after    bool
	}{
		{"a file that is not new", true, 0, false, 10 * time.Minute, true},
		{"a new file", true, 0, true, 0, false},
		{"no copy, and a file of the same instant", false, 0, true, 10 * time.Minute, false},
		{"no copy, and a file of a moment later", false, 1, false, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Mark: epoch, Charge: 10 * time.Minute}
			if tt.restored {
				s.RestoredSince = epoch
			}
			c := (&machine{wall: epoch}).boot(s)
			c.SignedTime(epoch.Add(tt.signed), tt.fresh)
			want(t, c, epoch.Add(tt.want), tt.after)
		})
	}
}

func TestDeadCMOSBattery(t *testing.T) {
	m := &machine{wall: time.Date(2000, 1, 1, 0, 0, 30, 0, time.UTC)}
	c := m.boot(State{Mark: epoch})
	want(t, c, epoch, true)
	m.run(time.Minute)
	now := epoch.Add(3 * day)
	c.ServerTime(now)
	want(t, c, now, false)
	m.run(day)
	want(t, c, now.Add(day), false) // constantly wrong, but not turned back
	m.sleep(8 * time.Hour)
	later := now.Add(day + 8*time.Hour)
	want(t, c, later, false)
	m.set(-DefaultTolerance)
	want(t, c, later, false)
	m.set(-1)
	want(t, c, later, true) // a further move back counts

	c = m.boot(c.State())
	want(t, c, later, true)
}

func TestRestartWithAClockThatIsConstantlyWrong(t *testing.T) {
	for _, off := range []time.Duration{-26 * 365 * day, -2 * time.Hour, -6 * time.Minute} {
		for _, away := range []time.Duration{time.Second, time.Hour, 90 * time.Minute, 3 * time.Hour} {
			m := &machine{wall: epoch.Add(off)}
			c := m.boot(State{Mark: epoch.Add(-day)})
			c.ServerTime(epoch)
			s := c.State()
			m.sleep(away) // the computer was off
			c = m.boot(s)
			r := c.Now()
			if r.RolledBack() {
				t.Errorf("off by %v, after %v: rolled back", off, away)
			}
			// The nearer of two possible readings counts, so the line is never ahead
			// of the true time, and never behind the mark.
			if r.Time.Before(epoch) || r.Time.After(epoch.Add(away+time.Second)) {
				t.Errorf("off by %v, after %v: %v after the answer", off, away, r.Time.Sub(epoch))
			}
		}
	}
}

func TestAClockThatIsFastIsBelievedByANewProcess(t *testing.T) {
	m := &machine{wall: epoch.Add(20 * day)}
	c := m.boot(State{Mark: epoch.Add(-time.Hour), Confirmed: epoch.Add(-time.Hour)})
	c.ServerTime(epoch)
	want(t, c, epoch, false)
	c = m.boot(c.State())
	want(t, c, epoch.Add(20*day), false)
	if r := c.Now(); r.Ahead != 20*day {
		t.Errorf("ahead by %v", r.Ahead)
	}
	m.set(-20 * day) // put right
	want(t, c, epoch, false)
}

// A machine that nothing is known of may have a clock that is wrong, or be shown an old answer.
func TestAnAnswerFarBehindTheWallClockOnAnEmptyStore(t *testing.T) {
	for _, tt := range []struct {
		name        string
		after, sent time.Duration // of a second answer
		restart     bool
		set         bool
	}{
		{"the clock is wrong", time.Minute, time.Minute, false, true},
		{"the clock is wrong, and each command is a process", time.Minute, time.Minute, true, true},
		{"the same answer", time.Minute, 0, false, false},
		{"an older one", time.Minute, -time.Minute, false, false},
		{"another old one", time.Minute, day, false, false},
		{"by no more than the tolerance from where it would be", time.Minute, time.Minute + DefaultTolerance, false, true},
		{"by more", time.Minute, time.Minute + DefaultTolerance + 1, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{wall: epoch.Add(400 * day)}
			c := m.boot(State{})
			c.ServerTime(epoch)
			want(t, c, m.wall, false)
			if !c.Unconfirmed() {
				t.Error("it counts as confirmed")
			}
			if tt.restart {
				c = m.boot(c.State())
			}
			m.run(tt.after)
			c.ServerTime(epoch.Add(tt.sent))
			at := m.wall
			if tt.set {
				at = epoch.Add(tt.sent)
			}
			want(t, c, at, false)
			if c.Unconfirmed() == tt.set {
				t.Errorf("unconfirmed: %v", c.Unconfirmed())
			}
		})
	}
}

func TestACorrectedClockThatIsTurnedBackBetweenTwoStarts(t *testing.T) {
	for _, off := range []time.Duration{-26 * 365 * day, -2 * time.Hour, -6 * time.Minute} {
		m := &machine{wall: epoch.Add(off)}
		c := m.boot(State{Mark: epoch.Add(-day)})
		c.ServerTime(epoch)
		s := c.State()
		m.set(-DefaultTolerance - time.Second)
		if c = m.boot(s); !c.Now().RolledBack() {
			t.Errorf("off by %v: not rolled back", off)
		}
		if got := c.State().Correction; got != 0 {
			t.Errorf("off by %v: a rollback leaves a correction of %v", off, got)
		}
	}
}

func TestNTPRepairsTheClockAfterTheAnswer(t *testing.T) {
	for _, off := range []time.Duration{-26 * 365 * day, 73 * 365 * day, -2 * time.Hour, 2 * time.Hour, -6 * time.Minute, 6 * time.Minute} {
		m := &machine{wall: epoch.Add(off)}
		c := m.boot(State{Mark: epoch.Add(-day), Confirmed: epoch.Add(-day)})
		c.ServerTime(epoch)
		want(t, c, epoch, false)
		m.run(10 * time.Second)
		m.set(-off)
		want(t, c, epoch.Add(10*time.Second), false)
		m.run(time.Hour)
		m.sleep(8 * time.Hour)
		want(t, c, epoch.Add(9*time.Hour+10*time.Second), false)
	}
}

func TestNTPStep(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{})
	m.run(time.Hour)
	m.set(-2 * time.Second)
	want(t, c, epoch.Add(time.Hour), false)
	m.run(time.Second)
	want(t, c, epoch.Add(time.Hour+time.Second), false)
	m.set(30 * time.Second)
	want(t, c, epoch.Add(time.Hour+29*time.Second), false)
}

func TestClockOnceAt2099(t *testing.T) {
	far := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	m := &machine{wall: far}
	c := m.boot(State{})
	want(t, c, far, false)
	m.wall = epoch
	want(t, c, far, true)
	m.run(time.Hour)
	c.ServerTime(epoch.Add(time.Hour))
	want(t, c, epoch.Add(time.Hour), false)
	if s := c.State(); !s.Mark.Equal(epoch.Add(time.Hour)) {
		t.Errorf("the mark is still poisoned: %+v", s)
	}
	c = m.boot(c.State())
	want(t, c, epoch.Add(time.Hour), false)
}

func TestStoppedWallClock(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{})
	m.mono += DefaultTolerance
	want(t, c, epoch.Add(DefaultTolerance), false)
	m.mono++
	want(t, c, epoch.Add(DefaultTolerance+1), true)
	m.mono += day
	want(t, c, epoch.Add(DefaultTolerance+1+day), true)
}

func TestServerTimeWithinTheTolerance(t *testing.T) {
	for _, tt := range []struct{ server, want time.Duration }{
		{0, 0},
		{-time.Second / 2, 0}, // whole seconds do not make the time jump back
		{-DefaultTolerance, 0},
		{-DefaultTolerance - 1, -DefaultTolerance - 1},
		{time.Second, time.Second},
		{time.Hour, time.Hour},
	} {
		m := &machine{wall: epoch}
		c := m.boot(State{})
		c.ServerTime(epoch.Add(tt.server))
		want(t, c, epoch.Add(tt.want), false)
		m.run(time.Hour)
		want(t, c, epoch.Add(tt.want+time.Hour), false)
	}
}

func TestInstantsOutOfRangeAreIgnored(t *testing.T) {
	for _, bad := range []time.Time{{}, time.Unix(-1, 0), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		m := &machine{wall: epoch}
		c := m.boot(State{Mark: bad, RolledBackSince: bad})
		want(t, c, epoch, false)
		c.ServerTime(bad)
		want(t, c, epoch, false)
		c.SignedTime(bad, true)
		want(t, c, epoch, false)
		if by, outdated := c.Outdated(bad); outdated {
			t.Errorf("an answer of %v is outdated by %v: whoever reads it says what is wrong with it", bad, by)
		}
	}
}

func TestInstantsAtTheEndsOfTheRangeCount(t *testing.T) {
	for _, at := range []time.Time{time.Date(1970, 1, 1, 0, 10, 0, 0, time.UTC), time.Date(2261, 12, 31, 23, 0, 0, 0, time.UTC)} {
		m := &machine{wall: at.Add(-3 * time.Minute)}
		c := m.boot(State{Mark: at})
		want(t, c, at, false)
		c.ServerTime(at.Add(time.Minute))
		want(t, c, at.Add(time.Minute), false)
		if got := c.NotBefore(); !got.Equal(at.Add(time.Minute)) {
			t.Errorf("an answer is confirmed at %v", got)
		}
	}
}

// The trusted time may lag behind the wall clock by a step, so that a reading need not write; not by more.
func TestTheLineLagsByAStepAtMost(t *testing.T) {
	m := &machine{wall: epoch}
	c := m.boot(State{})
	m.sleep(step)
	want(t, c, epoch, false)
	m.sleep(1)
	want(t, c, epoch.Add(step+1), false)
}

// A clock that an answer has found slow is read with that difference: sleep counts however short it is, but what may as
// well be the clock that was put right.
func TestASlowClockTellsOfSleep(t *testing.T) {
	for _, tt := range []struct{ slow, slept, want time.Duration }{
		{2 * time.Minute, 2 * time.Second, 2 * time.Second},
		{2 * time.Minute, 50 * time.Second, 50 * time.Second},
		{2 * time.Minute, 4 * time.Minute, 2 * time.Minute},
		{50 * time.Minute, 20 * time.Minute, 20 * time.Minute},
		{50 * time.Minute, 40 * time.Minute, 40 * time.Minute},
		{50 * time.Minute, 60 * time.Minute, 10 * time.Minute},
	} {
		m := &machine{wall: epoch.Add(-tt.slow)}
		c := m.boot(State{Mark: epoch.Add(-time.Hour), Confirmed: epoch.Add(-time.Hour)})
		c.ServerTime(epoch)
		m.sleep(tt.slept)
		want(t, c, epoch.Add(tt.want), false)
	}
}

// After an answer the wall clock has two readings, by itself and with the difference that the answer found. Where one of
// them would be turned back the other counts, and of two that are possible the nearer one.
func TestTheNearerOfTwoReadings(t *testing.T) {
	const limit = DefaultTolerance
	for _, tt := range []struct {
		name       string
		slow       time.Duration // what the answer finds
		moved      time.Duration // the wall clock, then
		want       time.Duration
		rolledBack bool
	}{
		{"put right", 50 * time.Minute, 50 * time.Minute, 0, false},
		{"put right, and a little more", 50 * time.Minute, 51 * time.Minute, time.Minute, false},
		{"by itself it would be turned back", 50 * time.Minute, 40 * time.Minute, 40 * time.Minute, false},
		{"by itself it would be turned back by a moment", 20 * time.Minute, 20*time.Minute - limit - 1, 20*time.Minute - limit - 1, false},
		{"by itself it is behind by no more than is tolerated", 20 * time.Minute, 20*time.Minute - limit, 0, false},
		{"by itself it is ahead by as much as it was slow", 20 * time.Minute, 40 * time.Minute, 20 * time.Minute, false},
		{"by itself it is behind by as much as it is ahead with the difference", 10 * time.Minute, limit, limit, false},
		{"turned back by what is tolerated", 20 * time.Minute, -limit, 0, false},
		{"turned back by both", 20 * time.Minute, -limit - 1, 0, true},
		{"fast, and put right", -50 * time.Minute, -50 * time.Minute, 0, false},
		{"fast, and turned back beyond that", -50 * time.Minute, -50*time.Minute - limit - 1, 0, true},
		{"fast, and on", -50 * time.Minute, time.Minute, time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{wall: epoch.Add(-tt.slow)}
			c := m.boot(State{Mark: epoch.Add(-time.Hour), Confirmed: epoch.Add(-time.Hour)})
			c.ServerTime(epoch)
			m.set(tt.moved)
			want(t, c, epoch.Add(tt.want), tt.rolledBack)
		})
	}
}

// A clock that was turned back and moves forward by less than a day was asleep; by a day and more it is on its way to
// being right, and says nothing.
func TestATurnedBackClockMovesForward(t *testing.T) {
	for _, tt := range []struct{ moved, want time.Duration }{
		{day - 1, day - 1},
		{day, 0},
		{3 * day, 0},
	} {
		m := &machine{wall: epoch}
		c := m.boot(State{})
		m.set(-30 * day)
		want(t, c, epoch, true)
		m.set(tt.moved)
		want(t, c, epoch.Add(tt.want), true)
		m.sleep(time.Hour) // which counts from there
		want(t, c, epoch.Add(tt.want+time.Hour), true)
	}
}

func TestServersOfWholeSeconds(t *testing.T) {
	const s, ms = int64(time.Second), int64(time.Millisecond)
	for _, tt := range []struct {
		name string
		t, u int64
		want bool
	}{
		{"both whole, and equal", 5 * s, 5 * s, false},
		{"both whole, by a second", 4 * s, 5 * s, true},
		{"the first is whole, by less", 4 * s, 4*s + 999*ms, false},
		{"the first is whole, by more", 4 * s, 5*s + ms, true},
		{"the second is whole, by less", 4*s + ms, 5 * s, false},
		{"the second is whole, by more", 4*s - ms, 5 * s, true},
		{"neither is whole", 4*s + ms, 4*s + 2*ms, true},
		{"neither is whole, and equal", 4*s + ms, 4*s + ms, false},
		{"neither is whole, and it is the newer", 4*s + 2*ms, 4*s + ms, false},
	} {
		if got := older(tt.t, tt.u); got != tt.want {
			t.Errorf("%s: older %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestTimeZonesChangeNothing(t *testing.T) {
	zone := time.UTC
	m := &machine{wall: epoch}
	c := New(Config{Source: Source{Wall: func() time.Time { return m.wall.In(zone) }, Monotonic: func() time.Duration { return m.mono }}})
	for _, hours := range []int{-12, 14, 2, 1} {
		zone = time.FixedZone("", hours*3600)
		m.run(time.Minute)
		want(t, c, m.wall, false)
	}
}

func TestSystemClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{State: State{Mark: time.Now().Add(-time.Hour)}})
		for range 90 * 24 {
			want(t, c, time.Now(), false)
			time.Sleep(time.Hour)
			want(t, c, time.Now(), false)
			time.Sleep(time.Microsecond) // within a glance
			want(t, c, time.Now(), false)
		}
		c.ServerTime(time.Now().Add(-day))
		want(t, c, time.Now().Add(-day), false)
		time.Sleep(day)
		want(t, c, time.Now().Add(-day), false)
	})
}

// Either clock may be the system's.
func TestOneClockIsTheSystems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &machine{wall: epoch}
		c := New(Config{Source: Source{Wall: m.source().Wall}})
		want(t, c, epoch, false)
		time.Sleep(time.Minute)
		m.wall = epoch.Add(time.Minute)
		want(t, c, m.wall, false)
		m.wall = epoch.Add(8 * time.Hour)
		want(t, c, m.wall, false)

		c = New(Config{Source: Source{Monotonic: m.source().Monotonic}})
		want(t, c, time.Now(), false)
		m.mono += time.Hour // while the system's wall clock stands
		want(t, c, time.Now().Add(time.Hour), true)
	})
}

// The wall clock is not read for each reading, but it is read soon.
func TestSystemClockIsCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{})
		c.started = c.started.Add(-10 * time.Minute) // as if the wall clock had been set back
		if r := c.Now(); !r.RolledBack() {
			t.Errorf("%+v", r)
		}
	})
}

func TestReadingDoesNotAllocate(t *testing.T) {
	for name, c := range map[string]*Clock{"system": New(Config{}), "source": (&machine{wall: epoch}).boot(State{})} {
		if n := testing.AllocsPerRun(1000, func() { c.Now(); c.UnixNano() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := New(Config{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last, _, _ := c.UnixNano()
			for range 10000 {
				now, _, _ := c.UnixNano()
				if now < last {
					t.Errorf("%d after %d", now, last)
					return
				}
				last = now
			}
		})
	}
	wg.Wait()
	wg.Go(func() {
		for range 1000 {
			c.ServerTime(time.Now())
		}
	})
	wg.Go(func() {
		for range 1000 {
			c.Now()
		}
	})
	wg.Wait()
}
