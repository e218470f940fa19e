package clock_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
)

// This is a model of what surrounds the clock: a machine, a server, and an installation that keeps evidence, the line and
// the mark of a run as the agent does, in one store. The clock behind it is the real one. Two bounds are to hold whatever
// happens, see honest and dishonest.

const (
	slack     = 6 * time.Minute // the tolerance, and what a step is long
	minute    = time.Minute
	hour      = time.Hour
	day       = 24 * time.Hour
	rolledFor = day // the ladder of a clock that was turned back
)

var epoch = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// machine has the real time, what its clock shows, and a clock that counts while it is awake.
type machine struct {
	real   time.Time
	off    time.Duration // of the wall clock
	frozen time.Time     // what the wall clock is held at, zero if it runs
	mono   time.Duration
}

func (m *machine) wall() time.Time {
	if !m.frozen.IsZero() {
		return m.frozen
	}
	return m.real.Add(m.off)
}

// answer is a signed answer, byte for byte.
type answer struct {
	signed time.Time
	yes    bool
	id     int
}

// kept is what the store holds.
type kept struct {
	clock    clock.State
	evidence answer
	refused  bool
	open     bool          // a run began and did not end
	ran      time.Duration // of that run, when it was kept
}

// model is one installation with its machine and server.
type model struct {
	machine
	freeride time.Duration
	server   time.Duration // how far it is ahead
	revoked  bool
	answers  int // given

	store  kept
	copies []kept      // of the store, one for each restart
	tape   []answer    // what went over the wire
	ahead  []time.Time // what the server signed while it was ahead
	shown  map[int]bool

	clock *clock.Clock // nil: not running
	now   kept         // in memory
	ran   time.Duration

	licensed time.Duration // running time with a licence since the allowance was last raised
	allowed  time.Duration // what the bound says of it
	told     time.Time     // real time of the last Yes that was accepted
	wrong    time.Duration // running time under a wall clock that is wrong
	story    []event       // what happened, for who reads a failure
}

type event struct {
	at     time.Time
	format string
	args   []any
}

func (m *model) tell(format string, args ...any) {
	m.story = append(m.story, event{m.real, format, args})
}

func (m *model) events() string {
	var b strings.Builder
	for _, e := range m.story {
		fmt.Fprintf(&b, "%s "+e.format+"\n", append([]any{e.at.Format("01-02 15:04:05")}, e.args...)...)
	}
	return b.String()
}

func newModel(freeride time.Duration) *model {
	return &model{machine: machine{real: epoch}, freeride: freeride, shown: map[int]bool{}, allowed: freeride}
}

func (m *model) start() {
	if m.clock != nil {
		return
	}
	m.now = m.store
	m.clock = clock.New(clock.Config{State: m.now.clock, Source: clock.Source{Wall: m.wall, Monotonic: func() time.Duration { return m.mono }}})
	if m.now.open {
		m.clock.Charge(clock.NextKept(m.now.ran) - m.now.ran)
	}
	m.now.open, m.ran = true, 0
	m.tell("start with the clock %v off: %v", m.wall().Sub(m.real), m.clock.Now())
	m.keep()
	m.copies = append(m.copies, m.store)
}

func (m *model) keep() {
	m.now.clock, m.now.ran = m.clock.State(), m.ran
	m.store = m.now
}

func (m *model) close() {
	if m.clock != nil {
		m.tell("close: %v", m.clock.Now())
		m.now.open = false
		m.keep()
		m.kill()
	}
}

func (m *model) kill() {
	m.tell("the process is gone")
	m.clock = nil
}

// run lets the application run, in steps that are no longer than a timer would be.
func (m *model) run(d time.Duration) {
	m.tell("run for %v", d)
	for d > 0 && m.clock != nil {
		next := clock.NextKept(m.now.ran)
		step := min(d, max(next-m.ran, 0), 5*minute)
		if step == 0 {
			m.keep()
			continue
		}
		if m.grants() {
			m.licensed += step
		}
		if m.off != 0 || !m.frozen.IsZero() {
			m.wrong += step
		}
		m.real, m.mono, m.ran, d = m.real.Add(step), m.mono+step, m.ran+step, d-step
		m.clock.Now()
	}
}

// rest lets time pass in which nothing runs, not even in an application that was started: the machine sleeps.
func (m *model) rest(d time.Duration) { m.real = m.real.Add(d) }

func (m *model) setWall(off time.Duration) {
	m.tell("the clock is put %v off", off)
	m.off, m.frozen = off, time.Time{}
}

func (m *model) freeze(at time.Time) {
	m.tell("the clock is held at %v", at)
	m.frozen = at
}

// ask has the application ask, and the server answer over a wire that records. It reports whether the answer is believed.
func (m *model) ask() bool {
	if m.clock == nil {
		return false
	}
	m.answers++
	a := answer{signed: m.real.Add(m.server).Truncate(time.Second), yes: !m.revoked, id: m.answers}
	m.tape = append(m.tape, a)
	if m.server != 0 {
		m.ahead = append(m.ahead, a.signed)
	}
	return m.deliver(a)
}

// passed reports whether a server that was ahead has signed this time, so that an answer of it looks like that one. Where
// it was ahead more often than spans are remembered, the time between two of them counts as well.
func (m *model) passed() bool {
	if len(m.ahead) > 4 {
		first, last := slices.MinFunc(m.ahead, time.Time.Compare), slices.MaxFunc(m.ahead, time.Time.Compare)
		if !m.real.Before(first) && !m.real.After(last) {
			return true
		}
	}
	return slices.ContainsFunc(m.ahead, func(t time.Time) bool { return m.real.Sub(t).Abs() <= 2*hour })
}

// hold has the server answer somebody who keeps that for later.
func (m *model) hold() {
	m.answers++
	m.tape = append(m.tape, answer{signed: m.real.Add(m.server).Truncate(time.Second), yes: !m.revoked, id: m.answers})
}

// deliver shows an answer to the application.
func (m *model) deliver(a answer) bool {
	if m.clock == nil || a.id == m.now.evidence.id {
		return false
	}
	if _, outdated := m.clock.Outdated(a.signed); outdated {
		m.tell("answer of %v, yes %v: refused", a.signed, a.yes)
		return false
	}
	m.clock.ServerTime(a.signed)
	m.tell("answer of %v, yes %v: %+v", a.signed, a.yes, m.clock.Now())
	m.now.evidence, m.now.refused = a, !a.yes
	m.keep()
	if !m.shown[a.id] && a.yes {
		// An answer that was never shown before is good for one freeride.
		m.shown[a.id] = true
		m.allowed, m.licensed = max(m.allowed-m.licensed, 0)+m.freeride, 0
		m.told = m.real
	}
	return true
}

// restore puts all parts back to one moment, or erases them.
func (m *model) restore(k kept) {
	if m.clock != nil {
		return
	}
	m.tell("the state is put back to %v", k.clock.Mark)
	m.store = k
	m.allowed += m.freeride
	clear(m.shown) // each may be shown once more
}

// grants says whether the application works.
func (m *model) grants() bool {
	if m.now.evidence.id == 0 || m.now.refused {
		return false
	}
	r := m.clock.Now()
	age := r.Aged.Sub(m.now.evidence.signed)
	if r.Granted > max(2*day, m.freeride) {
		age = max(age, r.Granted)
	}
	return age < m.freeride && (!r.RolledBack() || r.Aged.Sub(r.RolledBackSince) <= rolledFor)
}

// check holds the dishonest bound: what was licensed while running is within what was allowed. Answers within the day in
// which a signed lead settles are counted from their first.
func (m *model) check(t interface{ Fatalf(string, ...any) }) {
	if m.licensed > m.allowed+slack {
		t.Fatalf("licensed for %v of running time, %v are allowed, after\n%s", m.licensed, m.allowed, m.events())
	}
}

// TestDishonest plays random games against the bound: a person who was on line for a while, perhaps while the server was
// ahead, and recorded everything; then the licence is revoked, and what is left of the last answer and what was never
// shown is all there is.
func TestDishonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(rapid.SampledFrom([]time.Duration{day, 2 * day, 3 * day}).Draw(t, "freeride"))
		m.start()
		for range rapid.IntRange(1, 6).Draw(t, "answers") {
			m.server = rapid.SampledFrom([]time.Duration{0, 0, 0, 55 * day, 365 * day}).Draw(t, "server")
			m.ask()
			m.rest(rapid.SampledFrom([]time.Duration{minute, 8 * hour, 7 * day}).Draw(t, "rest"))
		}
		hidden := rapid.IntRange(0, 1).Draw(t, "hidden")
		for range hidden {
			m.hold()
		}
		m.revoked, m.server = true, 0
		m.allowed, m.licensed = m.freeride, 0
		var first time.Duration
		style := rapid.SampledFrom([]string{"constant", "where it stopped", "a little before", "random", "right", "frozen", "in turn"}).Draw(t, "style")
		length := rapid.SampledFrom([]time.Duration{50 * time.Second, 7 * minute, 14 * minute, hour, 8 * hour, 20 * hour, 0}).Draw(t, "length")
		replays := rapid.IntRange(0, 3).Draw(t, "replays")
		kills := rapid.IntRange(0, 2).Draw(t, "kills")
		restores := rapid.IntRange(0, 6).Draw(t, "restores") == 0
		played := 0
		for n := range rapid.IntRange(10, 120).Draw(t, "starts") {
			m.rest(rapid.SampledFrom([]time.Duration{0, minute, 16 * hour, day, 5 * day}).Draw(t, "off"))
			how := style
			if how == "in turn" {
				how = rapid.SampledFrom([]string{"constant", "where it stopped", "a little before", "random", "right", "frozen"}).Draw(t, "now")
			}
			switch how {
			case "constant":
				m.setWall(epoch.Sub(m.real))
			case "where it stopped":
				m.setWall(m.store.clock.Mark.Sub(m.real))
			case "a little before":
				m.setWall(m.store.clock.Mark.Sub(m.real) - 4*minute - 50*time.Second)
			case "random":
				m.setWall(time.Duration(rapid.Int64Range(-int64(60*day), int64(60*day)).Draw(t, "wall")))
			case "right":
				m.setWall(0)
			case "frozen":
				m.freeze(m.store.clock.Mark)
			}
			if restores && m.clock == nil && n%20 == 19 {
				if c := rapid.IntRange(0, len(m.copies)).Draw(t, "copy"); c < len(m.copies) {
					m.restore(m.copies[c])
				} else {
					m.restore(kept{})
				}
			}
			m.start()
			if replays > 0 && rapid.IntRange(0, replays).Draw(t, "play") == 0 {
				m.deliver(m.tape[rapid.IntRange(0, len(m.tape)-1).Draw(t, "what")])
				played++
			}
			if rapid.IntRange(0, 30).Draw(t, "really") == 0 {
				m.ask() // which brings a No
			}
			if first = length; first == 0 {
				first = rapid.SampledFrom([]time.Duration{50 * time.Second, 14 * minute, 8 * hour, 20 * hour}).Draw(t, "run")
			}
			m.run(first)
			if kills > 0 && rapid.IntRange(0, kills).Draw(t, "kill") > 0 {
				m.kill()
			} else {
				m.close()
			}
			m.check(t)
		}
	})
}

// TestHonest tells random stories of people who are licensed and whose clock, or whose vendor's server, is wrong for less
// than a day of running time: whoever had an answer within freeride is not restricted while the clock is right, and a server
// that is right is believed.
func TestHonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const freeride = 30 * day
		m := newModel(freeride)
		m.start()
		m.ask()
		m.run(hour)
		m.close()
		wrong := rapid.SampledFrom([]time.Duration{-20000 * day, -10 * day, -9 * hour, -30 * minute, 30 * minute, 9 * hour, day, 20 * day, 55 * day, 20000 * day})
		hostile := rapid.SampledFrom([]string{"clock", "server", "both", "neither"}).Draw(t, "wrong")
		crashes := rapid.Bool().Draw(t, "crashes")
		heard := true // the server, since it was last ahead: two such hours days apart are one long one to who asks in both
		for range rapid.IntRange(1, 40).Draw(t, "starts") {
			m.rest(rapid.SampledFrom([]time.Duration{minute, hour, 16 * hour, day, 64 * hour, 7 * day}).Draw(t, "off"))
			if m.wrong < 20*hour && (hostile == "clock" || hostile == "both") && rapid.IntRange(0, 2).Draw(t, "wrong now") == 0 {
				m.setWall(wrong.Draw(t, "by"))
			}
			if m.server != 0 { // an hour at most
				m.server = 0
			} else if m.off != 0 {
				// Nothing can tell who is right while both are wrong: that is not promised.
			} else if (hostile == "server" || hostile == "both") && heard && rapid.IntRange(0, 3).Draw(t, "ahead") == 0 {
				m.server, heard = rapid.SampledFrom([]time.Duration{10 * day, 55 * day, 365 * day}).Draw(t, "server"), false
			}
			m.start()
			online := rapid.IntRange(0, 2).Draw(t, "on line") == 0
			if online {
				if believed := m.ask(); !believed && m.off == 0 && m.server == 0 && !m.passed() {
					t.Fatalf("an answer of a server that is right is refused; clock %+v, after\n%s", m.clock.Now(), m.events())
				}
				heard = heard || m.server == 0
			}
			if online && m.server != 0 && rapid.Bool().Draw(t, "again") {
				m.run(10 * minute)
				m.ask()
			}
			if m.off != 0 {
				m.run(rapid.SampledFrom([]time.Duration{10 * time.Second, minute, hour}).Draw(t, "wrong for"))
				m.setWall(0) // the clock is put right
				if online {
					m.ask()
				}
			}
			for left := rapid.SampledFrom([]time.Duration{minute, hour, 8 * hour}).Draw(t, "run"); left > 0; left -= 30 * minute {
				m.run(min(left, 30*minute))
				if since := m.real.Sub(m.told); since < freeride-hour && !m.grants() {
					t.Fatalf("restricted %v after an answer; clock %+v, after\n%s", since, m.clock.Now(), m.events())
				}
			}
			if crashes && rapid.Bool().Draw(t, "crash") {
				m.kill()
			} else {
				m.close()
			}
		}
	})
}

// TestDishonestExhaustively plays every game of a few moves.
func TestDishonestExhaustively(t *testing.T) {
	moves := []func(*model){
		func(m *model) { m.start(); m.run(13 * hour) },
		func(m *model) { m.start(); m.run(50 * time.Second); m.kill() },
		func(m *model) { m.close() },
		func(m *model) { m.setWall(m.store.clock.Mark.Sub(m.real)) },
		func(m *model) { m.setWall(30 * day) },
		func(m *model) { m.rest(30 * hour); m.setWall(0) },
		func(m *model) { m.start(); m.server = 55*day - m.server; m.ask() },
		func(m *model) { m.start(); m.ask() },
		func(m *model) { m.start(); m.deliver(m.tape[0]) },
		func(m *model) { m.start(); m.deliver(m.tape[len(m.tape)-1]) },
		func(m *model) { m.revoked = true; m.start(); m.ask() },
	}
	depth := 3
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		depth = 5
	}
	game := make([]int, depth)
	for games := 1; ; games++ {
		m := newModel(day)
		m.start()
		m.ask()
		for _, move := range game {
			moves[move](m)
			m.check(t)
		}
		m.start()
		m.run(26 * hour) // whatever is left is used
		m.check(t)
		i := 0
		for ; i < depth; i++ {
			if game[i]++; game[i] < len(moves) {
				break
			}
			game[i] = 0
		}
		if i == depth {
			t.Logf("%d games", games)
			return
		}
	}
}

// TestHonestExhaustively tells every story of a few days: how long the computer was off, what is wrong for a moment after
// it was started, whether an answer comes then, and how the application ends.
func TestHonestExhaustively(t *testing.T) {
	const freeride = 30 * day
	wrongs := []func(*model){
		func(m *model) {},
		func(m *model) { m.setWall(-20000 * day) },
		func(m *model) { m.setWall(-9 * hour) },
		func(m *model) { m.setWall(day) },
		func(m *model) { m.setWall(20000 * day) },
		func(m *model) { m.server = 55 * day },
	}
	offs := []time.Duration{hour, 16 * hour, 7 * day}
	depth := 2
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		depth = 3
	}
	kinds := len(wrongs) * len(offs) * 2 * 2
	stories := 1
	for range depth {
		stories *= kinds
	}
	for n := range stories {
		m := newModel(freeride)
		m.start()
		m.ask()
		m.close()
		heard := true
		for story := n; story > 0 || m.copies == nil; story /= kinds {
			k := story % kinds
			online, crash := k%2 == 1, k/2%2 == 1
			wrong := k / 4 % len(wrongs)
			if wrong == len(wrongs)-1 && !heard {
				wrong = 0
			}
			m.rest(offs[k/4/len(wrongs)])
			wrongs[wrong](m)
			m.start()
			if online {
				m.ask()
				heard = m.server == 0
			}
			m.run(10 * minute)
			m.setWall(0)
			if m.server = 0; online && wrong != len(wrongs)-1 {
				m.ask()
			}
			for range 9 {
				m.run(hour)
				if since := m.real.Sub(m.told); since < freeride-hour && !m.grants() {
					t.Fatalf("story %d: restricted %v after an answer; clock %+v, after\n%s", n, since, m.clock.Now(), m.events())
				}
			}
			if crash {
				m.kill()
			} else {
				m.close()
			}
		}
	}
	t.Logf("%d stories", stories)
}

// The server is ahead once, and later, off line, the clock is wrong for a moment and further behind than that: it was right
// before and is right after, so what was read in between is no measure for it.
func TestAClockThatIsWrongForAMomentUnderALead(t *testing.T) {
	for _, wrong := range []time.Duration{-2 * day, -10 * day, -16 * day} {
		m := newModel(30 * day)
		m.start()
		m.ask()
		m.run(hour)
		m.close()
		m.rest(day)
		m.start()
		m.ask() // which is a lead, after a day
		m.close()
		m.rest(8 * day)
		m.server = 10 * day
		m.start()
		m.ask()
		m.close()
		m.server = 0
		for range 20 {
			m.rest(day)
			m.setWall(wrong)
			m.start()
			m.run(10 * time.Second)
			m.setWall(0)
			m.run(minute)
			m.close()
			if ahead := m.store.clock.Wall.Line.Sub(m.real); ahead > 10*day {
				t.Fatalf("the clock is %v off for a moment, and the line %v ahead, after\n%s", wrong, ahead, m.events())
			}
		}
		m.start()
		if !m.grants() {
			t.Errorf("restricted %v after an answer; clock %+v", m.real.Sub(m.told), m.clock.Now())
		}
	}
}

// The server was ahead four times, by more each time. A right answer after days off line, which another confirms a day later, is no
// dropped lead, and is not made one with those.
func TestAConfirmedLeadIsNoDroppedOne(t *testing.T) {
	m := newModel(30 * day)
	answer := func(off, server time.Duration) {
		t.Helper()
		m.rest(off)
		m.server = server
		m.start()
		if !m.ask() {
			t.Fatalf("an answer of a server that is %v ahead is refused; clock %+v, after\n%s", server, m.clock.Now(), m.events())
		}
		m.run(minute)
		m.close()
	}
	answer(minute, 0)
	for n := range 4 {
		answer(minute, time.Duration(50+100*n)*day)
		answer(minute, 0)
	}
	answer(64*hour, 0) // a lead
	answer(day, 0)     // which is confirmed
	answer(minute, 0)
	answer(day, 0)
}
