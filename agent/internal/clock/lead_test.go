package clock

import (
	"testing"
	"time"
)

// known is a machine that had a confirmed answer a minute ago.
func known(t *testing.T) (*machine, *Clock) {
	t.Helper()
	m := &machine{wall: epoch.Add(-time.Minute)}
	c := m.boot(State{})
	c.ServerTime(m.wall)
	m.run(time.Minute)
	want(t, c, epoch, false)
	return m, c
}

// fresh has the clock take in an answer, or fails if that is wrong.
func fresh(t *testing.T, c *Clock, signed time.Time, ok bool) {
	t.Helper()
	if by, outdated := c.Outdated(signed); outdated == ok {
		t.Errorf("an answer of %v: outdated %v, by %v", signed, outdated, by)
	} else if ok {
		c.ServerTime(signed)
	}
}

func TestAWallClockAheadIsDroppedWhenItIsPutRight(t *testing.T) {
	for _, ahead := range []time.Duration{day, 20 * day, 55 * day, 54 * 365 * day} {
		for _, restart := range []bool{false, true} {
			m, c := known(t)
			m.set(ahead)
			if restart {
				c = m.boot(c.State())
			}
			want(t, c, epoch.Add(ahead), false)
			m.run(time.Hour)
			want(t, c, epoch.Add(ahead+time.Hour), false)
			m.set(-ahead)
			if restart {
				c = m.boot(c.State())
			}
			want(t, c, epoch.Add(time.Hour), false)
		}
	}
}

func TestAWallClockAheadIsTheLineAfterADayOfRunning(t *testing.T) {
	m, c := known(t)
	m.set(20 * day)
	want(t, c, m.wall, false)
	for range 3 {
		m.run(8*time.Hour - time.Second)
		want(t, c, m.wall, false)
		c = m.boot(c.State())
		m.sleep(16 * time.Hour)
	}
	m.run(3 * time.Second)
	want(t, c, m.wall, false)
	was := m.wall
	m.set(-20 * day)
	want(t, c, was, true)
	m.set(5 * day) // on the way to being right
	want(t, c, was, true)
	fresh(t, c, epoch.Add(3*day), true) // strictly newer than any confirmed one
	want(t, c, epoch.Add(3*day), false)
}

func TestASignedLead(t *testing.T) {
	for _, ahead := range []time.Duration{10 * day, 55 * day, 365 * day} {
		m, c := known(t)
		fresh(t, c, epoch.Add(ahead), true)
		want(t, c, epoch.Add(ahead), false)
		m.run(time.Hour)
		c = m.boot(c.State())
		want(t, c, epoch.Add(ahead+time.Hour), false)
		fresh(t, c, epoch.Add(ahead+time.Hour), true) // too soon to settle it
		if by := c.State().Confirmed; by.After(epoch) {
			t.Errorf("confirmed: %v", by)
		}
		m.run(time.Minute)
		now := epoch.Add(time.Hour + time.Minute)
		fresh(t, c, now, true) // the server is right again
		want(t, c, now, false)
		fresh(t, c, epoch.Add(ahead+time.Hour), false) // what it signed then does not come back
		fresh(t, c, epoch.Add(ahead), false)
		fresh(t, c, now.Add(-time.Minute), false)
		c = m.boot(c.State())
		want(t, c, now, false)
		fresh(t, c, epoch.Add(ahead+time.Hour), false)
		fresh(t, c, epoch.Add(ahead+2*time.Hour), true) // wrong once more
	}
}

func TestASignedLeadSettles(t *testing.T) {
	for _, tt := range []struct {
		name           string
		ran, slept     time.Duration
		after          time.Duration // of the second answer
		dead           bool          // the wall clock starts in the year 2000 each time
		settled, fresh bool
	}{
		{name: "after a week away", slept: 7 * day, after: 7 * day, settled: true, fresh: true},
		{name: "within a day", ran: 8 * time.Hour, slept: 12 * time.Hour, after: 20 * time.Hour, fresh: true},
		{name: "running all the time", ran: 25 * time.Hour, after: 25 * time.Hour, settled: true, fresh: true},
		{name: "played again more slowly than time passes", ran: 48 * time.Hour, after: 25 * time.Hour},
		{name: "the clock's battery is dead", ran: time.Minute, slept: 7 * day, after: 7 * day, dead: true, settled: true, fresh: true},
		{name: "the server leaps further", ran: time.Hour, after: 300 * day, fresh: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, c := known(t)
			m.sleep(7 * day)
			first := epoch.Add(7 * day)
			if tt.dead {
				m.wall = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			c = m.boot(c.State())
			fresh(t, c, first, true)
			m.run(tt.ran)
			m.sleep(tt.slept)
			if tt.slept > 0 {
				if tt.dead {
					m.wall = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
				}
				c = m.boot(c.State())
			}
			fresh(t, c, first.Add(tt.after), tt.fresh)
			if got := c.State().Confirmed.Equal(first.Add(tt.after)); got != tt.settled {
				t.Errorf("settled: %v, state %+v", got, c.State())
			}
		})
	}
}

func TestAnAnswerIsFreshWithinAProcess(t *testing.T) {
	m, c := known(t)
	m.run(day)
	fresh(t, c, epoch.Add(day-time.Hour), false)
	fresh(t, c, epoch.Add(day-5*time.Minute), true)
	m.run(8 * time.Hour)
	c = m.boot(c.State())
	fresh(t, c, epoch.Add(day), true) // another process cannot know better
}

func TestWindowsShareWhatTheyLearn(t *testing.T) {
	m, a := known(t)
	m.set(20 * day)
	a, b := m.boot(a.State()), m.boot(a.State())
	m.run(time.Minute)
	fresh(t, a, epoch.Add(time.Minute), true)
	want(t, a, epoch.Add(time.Minute), false)
	want(t, b, epoch.Add(20*day+time.Minute), false)
	m.run(time.Minute)
	b.Adopt(a.State())
	want(t, b, epoch.Add(2*time.Minute), false)

	fresh(t, b, epoch.Add(55*day), true)
	m.run(time.Hour)
	a.Adopt(b.State())
	want(t, a, epoch.Add(55*day+time.Hour), false)
	fresh(t, a, epoch.Add(time.Hour+2*time.Minute), true)
	b.Adopt(a.State())
	want(t, b, epoch.Add(time.Hour+2*time.Minute), false)
	fresh(t, b, epoch.Add(55*day), false)
}

func TestACharge(t *testing.T) {
	m, c := known(t)
	c.Charge(10 * time.Minute)
	want(t, c, epoch.Add(10*time.Minute), false)
	m.run(time.Hour)
	c = m.boot(c.State())
	want(t, c, epoch.Add(time.Hour+10*time.Minute), false) // and it is not compared with the wall clock
	m.sleep(4 * time.Minute)
	want(t, c, epoch.Add(time.Hour+10*time.Minute), false) // which passes it
	m.sleep(7 * time.Minute)
	want(t, c, epoch.Add(time.Hour+11*time.Minute), false)
	if charge := c.State().Charge; charge != 0 {
		t.Errorf("%v are left", charge)
	}
	c.Charge(10 * time.Minute)
	m.run(time.Minute)
	fresh(t, c, m.wall, true)
	want(t, c, m.wall, false)
}

// A server writes whole seconds, so that the second answer of a day can be a
// moment nearer to the first than the time that ran. A computer that was off for
// days would otherwise be restricted after two days of daily answers.
func TestALeadIsSettledByWholeSeconds(t *testing.T) {
	const day = int64(24 * time.Hour)
	for name, tt := range map[string]struct {
		apart, ran int64
		settled    bool
	}{
		"exactly":                   {day, day, true},
		"less by a second's part":   {day + day/24, day + day/24 + int64(999*time.Millisecond), true},
		"within the tolerance":      {day, day + int64(4*time.Minute), true},
		"an answer that was kept":   {day, 2 * day, false},
		"too near":                  {day - 1, day - 1, false},
		"a server that went faster": {3 * day, day, true},
	} {
		x := lead{anchor: 7 * day, between: tt.ran}
		if got := x.settledBy(7*day+tt.apart, int64(DefaultTolerance)); got != tt.settled {
			t.Errorf("%s: settled %t, want %t", name, got, tt.settled)
		}
	}
}

// What an older copy of the state says nothing of moves the line itself on, unless
// the wall clock has: a state that is put back again must not take it back.
func TestAge(t *testing.T) {
	for _, tt := range []struct {
		name       string
		slept      time.Duration
		want       time.Duration
		rolledBack bool
	}{
		{"the clock was set to where it stopped", 0, KeptEvery, true},
		{"it was off for a moment", 7 * time.Minute, KeptEvery + 2*time.Minute, true},
		{"it was off for long", time.Hour, time.Hour, false},
	} {
		m, c := known(t)
		c.Charge(2 * time.Minute)
		s := c.State()
		m.sleep(tt.slept)
		c = m.boot(s)
		c.Age(KeptEvery)
		left := max(2*time.Minute-max(tt.slept-time.Second, 0), 0) // of the charge
		want(t, c, epoch.Add(tt.want+left), tt.rolledBack)
		if mark := c.State().Mark; !mark.Equal(epoch.Add(tt.want)) {
			t.Errorf("%s: the line is at %v, want %v", tt.name, mark, epoch.Add(tt.want))
		}
		fresh(t, c, m.wall.Add(time.Second), true)
		want(t, c, m.wall.Add(time.Second), false)
	}
	m, c := known(t)
	c.ServerTime(epoch.Add(55 * day)) // a lead, whose running time counts too
	c.Age(KeptEvery)
	if got := c.State().Granted; got != KeptEvery {
		t.Errorf("%v are granted", got)
	}
	m.run(time.Minute)
	c.Age(-time.Hour)
	if got := c.State().Granted; got != KeptEvery+time.Minute {
		t.Errorf("%v are granted", got)
	}
}

// Time that the wall clock tells of ends the charge of an earlier run, or lessens
// that of the last one; not both.
func TestTimeIsNotTakenOffTwoCharges(t *testing.T) {
	m, c := known(t)
	c.Charge(7 * time.Minute)
	s := c.State()
	m.sleep(4 * time.Minute)
	c = m.boot(s)
	c.Charge(7 * time.Minute)
	want(t, c, epoch.Add(14*time.Minute), false)
	s = c.State()
	m.sleep(12 * time.Minute) // more than the charge that is left, by 2 minutes
	c = m.boot(s)
	c.Charge(7 * time.Minute)
	want(t, c, epoch.Add(21*time.Minute), false)
}
