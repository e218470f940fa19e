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

// It needs no restart for that, and nobody who looks meanwhile.
func TestAWallClockAheadIsTheLineAfterADayOfOneProcess(t *testing.T) {
	for _, tt := range []struct {
		ran     time.Duration
		settled bool
	}{{day - time.Minute, false}, {day + time.Minute, true}} {
		m, c := known(t)
		m.set(20 * day)
		want(t, c, m.wall, false)
		m.run(tt.ran)
		was := m.wall
		want(t, c, was, false)
		m.set(-20 * day)
		if tt.settled {
			want(t, c, was, true)
		} else {
			want(t, c, m.wall, false)
		}
	}
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

// What puts the line ahead by no more than a bound is the line at once; what is more leads it.
func TestWhatALeadIs(t *testing.T) {
	for _, tt := range []struct {
		name         string
		set, signed  time.Duration
		wall, answer bool // which of them leads
	}{
		{"the wall clock by less than a day", day - 1, 0, false, false},
		{"the wall clock by a day", day, 0, true, false},
		{"an answer by an hour", 0, time.Hour, false, false},
		{"an answer by more than an hour", 0, time.Hour + time.Second, false, true},
	} {
		m, c := known(t)
		m.set(tt.set)
		if tt.signed != 0 {
			fresh(t, c, epoch.Add(tt.signed), true)
		}
		ahead := max(tt.set, tt.signed)
		want(t, c, epoch.Add(ahead), false)
		if r := c.Now(); (r.Ahead != 0) != tt.wall || tt.wall && r.Ahead != tt.set {
			t.Errorf("%s: ahead by %v", tt.name, r.Ahead)
		}
		if s := c.State(); (len(s.Signed) > 0) != tt.answer {
			t.Errorf("%s: signed leads %v", tt.name, s.Signed)
		}
	}
}

// A clock far ahead that is set back by what is tolerated, or forward by less than a day, is the same lead, whose running
// time goes on; by more it is another.
func TestAWallClockAheadIsSetAgain(t *testing.T) {
	for _, tt := range []struct {
		set, want, under time.Duration
	}{
		{-DefaultTolerance, 0, time.Hour},
		{-DefaultTolerance - 1, -DefaultTolerance - 1, 0},
		{day - 1, day - 1, time.Hour},
		{day, day, 0},
	} {
		m, c := known(t)
		m.set(20 * day)
		want(t, c, m.wall, false)
		m.run(time.Hour)
		want(t, c, m.wall, false)
		at := m.wall
		m.set(tt.set)
		c.Charge(0) // which looks at the wall clock in any case
		want(t, c, at.Add(tt.want), false)
		if s := c.State(); s.Wall.Under != tt.under {
			t.Errorf("set by %v: it has led for %v, want %v", tt.set, s.Wall.Under, tt.under)
		}
	}
}

// A wall clock behind a signed lead is credible where it is behind what is confirmed by no more than is tolerated.
func TestAWallClockBehindALeadIsCredible(t *testing.T) {
	for _, tt := range []struct {
		behind     time.Duration
		rolledBack bool
	}{
		{DefaultTolerance, false},
		{DefaultTolerance + 1, true},
	} {
		m := &machine{wall: epoch.Add(time.Hour)} // which is fast
		c := m.boot(State{Mark: epoch.Add(-time.Hour), Confirmed: epoch.Add(-time.Hour)})
		c.ServerTime(epoch)
		fresh(t, c, epoch.Add(55*day), true)
		m.set(-time.Hour - tt.behind)
		want(t, c, epoch.Add(55*day), tt.rolledBack)
	}
}

// A wall clock far ahead has passed what was not kept, which comes back with the line when the clock is put right: setting
// the clock ahead for a moment must not end a charge.
func TestAChargeUnderAWallClockAhead(t *testing.T) {
	m, c := known(t)
	c.Charge(10 * time.Minute)
	want(t, c, m.wall.Add(10*time.Minute), false)
	m.set(20 * day)
	want(t, c, m.wall, false)
	if r := c.Now(); !r.Time.Equal(m.wall) || r.Ahead != 20*day {
		t.Errorf("%+v", r)
	}
	m.set(-20 * day)
	want(t, c, m.wall.Add(10*time.Minute), false)
}

// A charge that is longer than the lead goes on for what it is longer.
func TestAChargeBeyondAWallClockAhead(t *testing.T) {
	m, c := known(t)
	c.Charge(3 * day)
	m.set(day)
	want(t, c, epoch.Add(3*day), false)
	m.run(day)
	want(t, c, epoch.Add(4*day), false)
	if s := c.State(); s.Charge != 2*day || !s.Mark.Equal(m.wall) {
		t.Errorf("%+v", s)
	}
}

// Two leads, one on the other: an answer goes on with the one that it is newer than the last of, and the one above is over.
func TestAnAnswerGoesBackToTheLeadBelow(t *testing.T) {
	m, c := known(t)
	fresh(t, c, epoch.Add(10*day), true)
	fresh(t, c, epoch.Add(10*day), true) // the same second
	m.run(time.Minute)
	fresh(t, c, epoch.Add(55*day), true)
	if s := c.State(); len(s.Signed) != 2 {
		t.Fatalf("%+v", s.Signed)
	}
	fresh(t, c, epoch.Add(10*day), false) // it is not newer
	if by, _ := c.Outdated(epoch.Add(10 * day)); !by.Equal(epoch.Add(10 * day)) {
		t.Errorf("outdated by %v", by)
	}
	m.run(time.Minute)
	fresh(t, c, epoch.Add(10*day+2*time.Minute), true)
	want(t, c, epoch.Add(10*day+2*time.Minute), false)
	fresh(t, c, epoch.Add(55*day), false) // dropped
	fresh(t, c, epoch.Add(-time.Minute), false)
	fresh(t, c, epoch.Add(2*time.Minute), true) // the server is right
	want(t, c, epoch.Add(2*time.Minute), false)
	fresh(t, c, epoch.Add(10*day+time.Minute), false)
}

// An answer on a lead moves it, and one that is more than an hour beyond it begins another.
func TestAnAnswerBeyondALead(t *testing.T) {
	for _, tt := range []struct {
		beyond time.Duration
		leads  int
	}{{time.Minute, 1}, {time.Hour, 1}, {time.Hour + time.Second, 2}} {
		_, c := known(t)
		fresh(t, c, epoch.Add(10*day), true)
		fresh(t, c, epoch.Add(10*day+tt.beyond), true)
		want(t, c, epoch.Add(10*day+tt.beyond), false)
		if s := c.State(); len(s.Signed) != tt.leads {
			t.Errorf("%v beyond: %d leads, want %d", tt.beyond, len(s.Signed), tt.leads)
		}
	}
}

// What is kept of dropped leads counts only when it is whole: a half of a span would refuse whatever a server says.
func TestASpanThatIsNotWholeIsIgnored(t *testing.T) {
	first, last := epoch.Add(10*day), epoch.Add(11*day)
	for _, tt := range []struct {
		name    string
		span    Span
		refused bool
	}{
		{"whole", Span{first, last}, true},
		{"of one instant", Span{first, first}, true},
		{"no first", Span{Last: last}, false},
		{"no last", Span{First: first}, false},
		{"the wrong way round", Span{last, first}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := (&machine{wall: epoch}).boot(State{Mark: epoch, Confirmed: epoch, Dropped: []Span{tt.span}})
			fresh(t, c, first, !tt.refused)
		})
	}
}

// What is kept of a lead counts only when it is whole.
func TestALeadThatIsNotWholeIsIgnored(t *testing.T) {
	whole := SignedLead{Line: epoch.Add(10 * day), First: epoch.Add(10 * day), Last: epoch.Add(10 * day), Anchor: epoch.Add(10 * day)}
	for _, tt := range []struct {
		name   string
		spoilt func(*SignedLead)
		want   time.Duration
	}{
		{"whole", func(*SignedLead) {}, 10 * day},
		{"no line", func(x *SignedLead) { x.Line = time.Time{} }, 0},
		{"no first", func(x *SignedLead) { x.First = time.Time{} }, 0},
		{"no last", func(x *SignedLead) { x.Last = time.Time{} }, 0},
		{"no anchor", func(x *SignedLead) { x.Anchor = time.Time{} }, 0},
	} {
		x := whole
		tt.spoilt(&x)
		c := (&machine{wall: epoch}).boot(State{Mark: epoch, Confirmed: epoch, Signed: []SignedLead{x}, Granted: time.Hour})
		want(t, c, epoch.Add(tt.want), false)
		r := c.Now()
		if (r.Granted == time.Hour) != (tt.want > 0) || tt.want == 0 && r.Granted != 0 {
			t.Errorf("%s: granted %v", tt.name, r.Granted)
		}
	}
}

func TestASignedLeadSettles(t *testing.T) {
	for _, tt := range []struct {
		name           string
		ran, slept     time.Duration
		restart        bool          // meanwhile
		after          time.Duration // of the second answer
		dead           bool          // the wall clock starts in the year 2000 each time
		settled, fresh bool
	}{
		{name: "after a week away", slept: 7 * day, after: 7 * day, settled: true, fresh: true},
		{name: "within a day", ran: 8 * time.Hour, slept: 12 * time.Hour, after: 20 * time.Hour, fresh: true},
		{name: "running all the time", ran: 25 * time.Hour, after: 25 * time.Hour, settled: true, fresh: true},
		{name: "played again more slowly than time passes", ran: 48 * time.Hour, after: 25 * time.Hour},
		{name: "so played, and restarted", ran: 48 * time.Hour, restart: true, after: 25 * time.Hour, fresh: true},
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
			if tt.restart {
				c = m.boot(c.State())
			}
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

// What another process kept adds to what this one knows, and takes nothing of it back.
func TestAStateIsAdopted(t *testing.T) {
	t.Run("the line", func(t *testing.T) {
		m, c := known(t)
		old := c.State()
		m.run(time.Hour)
		want(t, c, epoch.Add(time.Hour), false)
		m.set(-30 * day) // it cannot say so
		want(t, c, epoch.Add(time.Hour), true)
		c.Adopt(old)
		want(t, c, epoch.Add(time.Hour), true)
	})
	t.Run("a line that is later", func(t *testing.T) {
		m, c := known(t)
		m.set(-30 * day)
		want(t, c, epoch, true)
		s := c.State()
		s.Mark = epoch.Add(time.Hour) // another process was awake
		c.Adopt(s)
		want(t, c, epoch.Add(time.Hour), true)
	})
	t.Run("the same line", func(t *testing.T) {
		m, c := known(t)
		m.set(9 * time.Hour)
		want(t, c, epoch.Add(9*time.Hour), false)
		s := c.State()
		s.Leapt = 0 // of a process that has not seen how it came about
		c.Adopt(s)
		if got := c.State().Leapt; got != 9*time.Hour {
			t.Errorf("leapt %v", got)
		}
	})
	t.Run("a lead that it does not know", func(t *testing.T) {
		m, c := known(t)
		old := c.State()
		fresh(t, c, epoch.Add(55*day), true)
		m.run(time.Hour)
		c.Adopt(old)
		want(t, c, epoch.Add(55*day+time.Hour), false)
	})
	t.Run("a lead that it knows since before", func(t *testing.T) {
		m, c := known(t)
		fresh(t, c, epoch.Add(55*day), true)
		old := c.State()
		m.run(time.Hour)
		c.Adopt(old)
		want(t, c, epoch.Add(55*day+time.Hour), false)
		if got := c.Now().Granted; got != time.Hour {
			t.Errorf("granted %v", got)
		}
		if got := c.State().Signed[0].Between; got != time.Hour {
			t.Errorf("on the lead %v ran", got)
		}
	})
}

// Two processes that had the same confirmed answer share the leads, what is over of them, and what they have granted.
func TestWindowsShareLeads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []time.Duration // that both know, each a minute after the other
		back    time.Duration   // one that the first hears
	}{
		{"the server is less far ahead", []time.Duration{55 * day}, 10 * day},
		{"it is back on the lead below", []time.Duration{10 * day, 55 * day}, 10*day + time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, a := known(t)
			for _, at := range tt.answers {
				fresh(t, a, epoch.Add(at), true)
				m.run(time.Minute)
			}
			b := m.boot(a.State())
			fresh(t, a, epoch.Add(tt.back), true)
			m.run(time.Minute)
			b.Adopt(a.State())
			want(t, b, epoch.Add(tt.back+time.Minute), false)
			fresh(t, b, epoch.Add(55*day), false)
			if x, y := a.Now().Granted, b.Now().Granted; x != y || x != time.Duration(len(tt.answers)+1)*time.Minute {
				t.Errorf("granted %v and %v", x, y)
			}
		})
	}
	t.Run("who runs longer has been granted more", func(t *testing.T) {
		m, a := known(t)
		fresh(t, a, epoch.Add(55*day), true)
		b := m.boot(a.State())
		m.run(time.Hour)
		s := b.State()
		s.Granted = 10 * time.Minute // of a process that began later
		s.Signed[0].Last = s.Signed[0].Last.Add(time.Minute)
		a.Adopt(s)
		if got := a.Now().Granted; got != time.Hour {
			t.Errorf("granted %v", got)
		}
	})
	t.Run("an answer that waits for another", func(t *testing.T) {
		m := &machine{wall: epoch.Add(400 * day)}
		a, b := m.boot(State{}), m.boot(State{})
		a.ServerTime(epoch)
		m.run(time.Minute)
		b.Adopt(a.State())
		if !b.Unconfirmed() {
			t.Error("it is not known")
		}
		b.ServerTime(epoch.Add(time.Minute)) // which confirms it
		want(t, b, epoch.Add(time.Minute), false)
	})
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
		"at the tolerance's edge":   {3*day - 3*day/drift - int64(DefaultTolerance), 3 * day, true},
		"beyond it":                 {3*day - 3*day/drift - int64(DefaultTolerance) - 1, 3 * day, false},
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
	c.Charge(-time.Hour)
	if got := c.State().Granted; got != KeptEvery+time.Minute {
		t.Errorf("%v are granted", got)
	}
}

// A charge counts as running time under a lead, and ages nothing where there is none.
func TestAChargeIsGrantedByALead(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signed time.Duration
		want   time.Duration
	}{{"a lead", 55 * day, 12 * time.Minute}, {"none", time.Minute, 0}} {
		m, c := known(t)
		c.ServerTime(epoch.Add(tt.signed))
		m.run(2 * time.Minute)
		c.Charge(10 * time.Minute)
		if got := c.Now().Granted; got != tt.want {
			t.Errorf("%s: %v are granted, want %v", tt.name, got, tt.want)
		}
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

// A clock is ahead by less than a day at one start, then right, and the application runs on and on, off line: after a day of
// running the clock is read with the difference. The line does not go back, so that nothing is gained by turning the clock
// back.
func TestAClockThatWasALittleAheadIsTrustedAgain(t *testing.T) {
	for _, tt := range []struct {
		name              string
		ahead, back, rest time.Duration
		want              bool
	}{
		{"half an hour, then right", 30 * time.Minute, 30 * time.Minute, 0, true},
		{"nine hours, then right", 9 * time.Hour, 9 * time.Hour, 0, true},
		{"just less than a day, then right", day - 1, day - 1, 0, true},
		{"nine hours, and right after an hour of sleep", 9 * time.Hour, 9 * time.Hour, time.Hour, true},
		{"nine hours, and back by more", 9 * time.Hour, 9*time.Hour + DefaultTolerance + 1, 0, false},
		{"by no more than what is tolerated beyond", 9 * time.Hour, 9*time.Hour + DefaultTolerance, 0, true},
		{"turned back without having been ahead", 0, time.Hour, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, c := known(t)
			m.set(tt.ahead)
			want(t, c, epoch.Add(tt.ahead), false)
			m.run(time.Minute)
			m.sleep(tt.rest)
			m.set(-tt.back)
			at := epoch.Add(tt.ahead + time.Minute)
			want(t, c, at, tt.back > tt.rest)
			c = m.boot(c.State())
			if trusts := c.Now().Trusts; tt.want && trusts != day || !tt.want && trusts != 0 {
				t.Errorf("trusted in %v", trusts)
			}
			m.run(day - 1)
			want(t, c, at.Add(day-1), true)
			c = m.boot(c.State())
			m.run(1)
			want(t, c, at.Add(day), !tt.want)
			if r := c.Now(); tt.want && r.Trusts != 0 {
				t.Errorf("trusted, and in %v", r.Trusts)
			}
			if !tt.want {
				return
			}
			c = m.boot(c.State())
			m.sleep(20 * time.Minute)
			want(t, c, at.Add(day+20*time.Minute), false) // the time that the computer is asleep counts
			m.set(-time.Hour)
			want(t, c, at.Add(day+20*time.Minute), true) // a further move back is one
			m.set(time.Hour)
			m.sleep(16 * time.Hour)
			c = m.boot(c.State())
			if m.wall.After(at.Add(day + 20*time.Minute)) {
				want(t, c, m.wall, false) // it is at the line by itself
			}
		})
	}
}

// What is trusted again is never a clock that is behind a signed time, or behind it by the running time since.
func TestAClockBehindASignedTimeIsNotTrustedAgain(t *testing.T) {
	m, c := known(t)
	m.set(9 * time.Hour)
	m.run(time.Hour)
	fresh(t, c, epoch.Add(time.Hour), true)
	m.run(time.Hour)
	m.set(-10 * time.Hour)
	want(t, c, epoch.Add(2*time.Hour), true)
	m.run(2 * day)
	want(t, c, epoch.Add(2*time.Hour+2*day), true)
}

// An older copy of the state stays suspect, whatever the clock does.
func TestAnOlderCopyIsNotTrustedAgain(t *testing.T) {
	m, c := known(t)
	m.set(9 * time.Hour)
	want(t, c, epoch.Add(9*time.Hour), false)
	m.set(-9 * time.Hour)
	want(t, c, epoch.Add(9*time.Hour), true)
	s := c.State()
	s.RestoredSince = s.Mark
	c = m.boot(s)
	if trusts := c.Now().Trusts; trusts != 0 {
		t.Errorf("trusted in %v", trusts)
	}
	m.run(2 * day)
	want(t, c, epoch.Add(9*time.Hour+2*day), true)
}

// What makes a clock that was turned back worth believing is what wall clocks have put the line forward by, less than a day
// of it, and nothing else that moves the line.
func TestWhatAClockIsTrustedAgainFor(t *testing.T) {
	for _, tt := range []struct {
		name string
		play func(m *machine, c *Clock)
		want time.Duration
	}{
		{"two nights, and back by a day", func(m *machine, c *Clock) {
			for range 2 {
				m.sleep(20 * time.Hour)
				c.Now()
			}
			m.set(-day)
		}, 0},
		{"two nights, and back by less", func(m *machine, c *Clock) {
			for range 2 {
				m.sleep(20 * time.Hour)
				c.Now()
			}
			m.set(1 - day)
		}, day},
		{"the time that a charge was for", func(m *machine, c *Clock) {
			c.Charge(10 * time.Minute)
			m.sleep(10 * time.Minute)
			c.Now()
			m.set(-10 * time.Minute)
		}, 0},
		{"running time that was not kept", func(_ *machine, c *Clock) { c.Age(time.Hour) }, 0},
		{"another process has seen the clock ahead", func(m *machine, c *Clock) {
			other := m.boot(c.State())
			m.set(9 * time.Hour)
			other.Now()
			m.set(-9 * time.Hour)
			c.Adopt(other.State())
		}, day},
	} {
		m, c := known(t)
		tt.play(m, c)
		if r := c.Now(); r.Trusts != tt.want || !r.RolledBack() {
			t.Errorf("%s: trusted in %v, want %v; rolled back %v", tt.name, r.Trusts, tt.want, r.RolledBack())
		}
	}
}

// A charge that was there when the clock was found turned back does not put off that it is trusted.
func TestAClockIsTrustedAgainBesideACharge(t *testing.T) {
	m, c := known(t)
	m.set(9 * time.Hour)
	c = m.boot(c.State())
	c.Charge(10 * time.Minute)
	m.set(-9 * time.Hour)
	if r := c.Now(); r.Trusts != day || r.Aged.Sub(r.Time) != 10*time.Minute {
		t.Errorf("%+v", r)
	}
}
