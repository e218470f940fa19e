package agent

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// The model of package clock plays against the clock; this plays the same games
// against the whole agent, with its stores and a server that signs. What is drawn
// are moves, so that a failure shrinks to few of them.

// A move is one thing that somebody does, with what it needs.
type move struct {
	Do   string
	Wait time.Duration // for which nothing runs, before
	Run  time.Duration // how long the application runs, after
	Kill bool
	By   time.Duration // of a clock
	Copy int           // which copy of the parts
	Part string        // which part; empty: all
	What int           // which answer
	Take int64         // of a limitation
	Doze time.Duration // for which the computer is suspended in the middle of the run
}

// A server is by how much its clock is off at each of the first three answers.
type server [3]time.Duration

// witnesses are the parts that tell how new the state is: the keyring's item, and
// files by the end of their names.
var witnesses = []string{"item", ".copy", ".mark", ".spill"}

// allOfParts are those and what tells only of what was not delivered.
var allOfParts = append(slices.Clone(witnesses), ".journal")

// pages is how many of the limitation there are.
const pages = 10

// gambler is a player whose gains are counted.
type gambler struct {
	*player
	copies  []parts
	version []int          // of each copy
	parts   map[string]int // how new each part is; 0: gone
	newest  int
	shown   map[string]bool // answers that were accepted since the parts were last put back
	answers []recorded

	freeride time.Duration
	gained   time.Duration // running time that was usable
	allowed  time.Duration

	taken, takeable int64 // of pages
}

// gamblersSlack is what sampling, the tolerance and what is not kept add up to.
const gamblersSlack = 35 * time.Minute

// keep copies the parts, which are now as new as can be.
func (g *gambler) keep() {
	g.newest++
	for _, part := range witnesses {
		g.parts[part] = g.newest
	}
	if len(g.copies) < 8 {
		g.copies, g.version = append(g.copies, g.copyParts()), append(g.version, g.newest)
	}
}

// restore puts parts back, or removes them where the copy is none. Where nothing
// newer is left, that is one of the games that yield a freeride each.
func (g *gambler) restore(m move) {
	old, version := parts{}, 0
	if m.Copy < len(g.copies) {
		old, version = g.copies[m.Copy], g.version[m.Copy]
	}
	for _, part := range allOfParts {
		switch {
		case m.Part != "" && m.Part != part:
			continue
		case part == "item":
			g.putBackItems(old)
		default:
			g.putBackFiles(old, part)
		}
		if part != ".journal" {
			g.parts[part] = version
		}
	}
	if slices.Max(slices.Collect(maps.Values(g.parts))) < g.newest {
		g.allowed += g.freeride
		g.takeable += pages
		g.newest = slices.Max(slices.Collect(maps.Values(g.parts)))
		clear(g.shown)
	}
}

// play makes a move, and says what is wrong then.
func (g *gambler) play(m move) (wrong string) {
	g.sleep(m.Wait)
	switch m.Do {
	case "right":
		g.set(g.now())
	case "where it stopped":
		g.set(g.ended)
	case "what was kept":
		g.set(g.kept)
	case "a little before":
		g.set(g.ended.Add(-290 * time.Second))
	case "one date":
		g.set(began.Add(time.Hour))
	case "somewhere":
		g.set(g.now().Add(m.By))
	case "held":
		g.freeze(g.ended)
	case "restore":
		g.restore(m)
	case "answer":
		a := g.answers[m.What%len(g.answers)]
		g.tape.replay(&a)
		defer g.tape.replay(nil)
	}
	g.run()
	if m.Do == "answer" {
		g.sleep(time.Second)
		a := g.answers[m.What%len(g.answers)]
		if _, err := g.agent.Heartbeat(g.Context()); err == nil && !g.shown[string(a.body)] {
			g.shown[string(a.body)] = true
			g.allowed += g.freeride // as if it had been under way for long
		}
	}
	g.takePages(m.Take)
	g.works(m.Run / 2)
	if m.Doze > 0 {
		at := g.cfg.Now()
		g.suspend(m.Doze)
		if m.Do == "where it stopped" { // and is set so before the application runs again
			g.set(at)
		}
	}
	g.works(m.Run - m.Run/2)
	g.end(m.Kill)
	g.keep()
	if g.taken > g.takeable {
		return fmt.Sprintf("%d of %d pages were taken", g.taken, g.takeable)
	}
	if g.gained > g.allowed+gamblersSlack {
		return fmt.Sprintf("%v of running time were usable, %v are allowed", g.gained, g.allowed)
	}
	return ""
}

// works lets the application work and counts how long it was usable.
func (g *gambler) works(d time.Duration) {
	for left := d; left > 0; left -= 10 * time.Minute {
		step := min(left, 10*time.Minute)
		g.sleep(step)
		if g.agent.Decision().State <= enforcement.Grace {
			g.gained += step
		}
	}
}

// takePages takes an amount off line, if it can be had.
func (g *gambler) takePages(amount int64) {
	if amount == 0 {
		return
	}
	if _, err := g.agent.Consume(g.Context(), "pages", decimal.NewFromInt(amount)); err == nil {
		g.taken += amount
	}
}

// gamble plays moves from the beginning, and returns what is wrong and after how
// many of them.
func gamble(t *testing.T, off server, moves []move) (wrong string, n int) {
	t.Helper()
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		g := &gambler{player: p, parts: map[string]int{}, shown: map[string]bool{}, freeride: day, allowed: day, takeable: pages}
		p.cfg.ConsumeOffline = true
		p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(1), Expires: time.Now().AddDate(9, 0, 0), Limitations: []slasconetest.Limitation{
			{Name: "pages", Value: fmt.Sprint(pages), Reset: slasconetest.ResetPeriodically, ResetDays: 7},
		}})
		p.run()
		for i, by := range off {
			p.srv.Advance(by)
			if i == 0 {
				if _, err := p.agent.Activate(p.Context(), p.lic.Key); err != nil {
					t.Fatal(err)
				}
			} else {
				_, _ = p.agent.Heartbeat(p.Context())
			}
			p.srv.Advance(-by)
			p.sleep(time.Minute)
		}
		for _, a := range p.tape.answers {
			if a.path == "/heartbeats" {
				g.answers = append(g.answers, a)
				g.shown[string(a.body)] = true
			}
		}
		p.end(false)
		g.keep()
		p.sleep(time.Hour)
		p.run() // an answer that is recorded and not shown
		p.tape.hold(true)
		_, _ = p.agent.Heartbeat(p.Context())
		g.answers = append(g.answers, p.tape.last(t, "/heartbeats"))
		p.tape.hold(false)
		p.end(true)
		g.keep()
		p.tape.block(true)
		p.srv.UpdateLicense(p.lic.Key, func(l *slasconetest.License) { l.Inactive = true })
		for i, m := range moves {
			if wrong = g.play(m); wrong != "" {
				n = i + 1
				return
			}
		}
	})
	return wrong, n
}

// dishonestMoves are what is done, those of the parts and the answers more often.
var dishonestMoves = []string{"nothing", "right", "where it stopped", "what was kept", "a little before", "one date", "somewhere", "held", "restore", "restore", "restore", "answer", "answer"}

func drawMove(t *rapid.T) move {
	m := move{
		Do:   rapid.SampledFrom(dishonestMoves).Draw(t, "do"),
		Wait: rapid.SampledFrom([]time.Duration{0, time.Minute, 16 * time.Hour, 5 * day}).Draw(t, "wait"),
		Run:  rapid.SampledFrom([]time.Duration{50 * time.Second, 14 * time.Minute, time.Hour, 8 * time.Hour, 13 * time.Hour}).Draw(t, "run"),
		Kill: rapid.Bool().Draw(t, "kill"),
		Take: rapid.SampledFrom([]int64{0, 1, 4, pages}).Draw(t, "take"),
	}
	if rapid.IntRange(0, 3).Draw(t, "suspended") == 0 {
		m.Doze = rapid.SampledFrom([]time.Duration{time.Minute, 9 * time.Hour, 3 * day}).Draw(t, "doze")
	}
	switch m.Do {
	case "somewhere":
		m.By = rapid.SampledFrom([]time.Duration{-60 * day, -9 * time.Hour, -time.Hour, 9 * time.Hour, 23 * time.Hour, 2 * day, 60 * day}).Draw(t, "by")
	case "restore":
		m.Copy = rapid.IntRange(0, 8).Draw(t, "copy")
		m.Part = rapid.SampledFrom(append([]string{""}, allOfParts...)).Draw(t, "part")
	case "answer":
		m.What = rapid.IntRange(0, 3).Draw(t, "answer")
	}
	return m
}

// checks has rapid make so many checks, and more with LEASEHOLD_HEAVY.
func checks(t *testing.T, plain, heavy int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	was, n := f.Value.String(), plain
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		n = heavy
	}
	if was != f.DefValue {
		return // asked for
	}
	if err := f.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// TestGamblers: whatever is done with clock, parts and recorded answers, in
// whatever order, running time bounds it.
func TestGamblers(t *testing.T) {
	checks(t, 4, 60)
	rapid.Check(t, func(rt *rapid.T) {
		var off server
		for i := range off {
			off[i] = rapid.SampledFrom([]time.Duration{0, 0, 0, 55 * day, -10 * time.Minute, -9 * time.Hour, -10 * day}).Draw(rt, "server")
		}
		moves := rapid.SliceOfN(rapid.Custom(drawMove), 4, 14).Draw(rt, "moves")
		if wrong, n := gamble(t, off, moves); wrong != "" {
			rt.Fatalf("%s, after %v, %+v", wrong, off, moves[:n])
		}
	})
}

// TestGamblersExhaustively plays every game of few moves, and uses what is left.
func TestGamblersExhaustively(t *testing.T) {
	var every []move
	for _, do := range slices.Compact(slices.Clone(dishonestMoves)) {
		m := move{Do: do, Run: 14 * time.Minute, Kill: true}
		switch do {
		case "restore":
			for _, part := range append([]string{""}, witnesses...) {
				every = append(every, move{Do: do, Part: part, Run: time.Hour}, move{Do: do, Part: part, Copy: 99, Run: m.Run, Kill: true})
			}
			continue
		case "answer":
			every = append(every, move{Do: do, Run: time.Hour}, move{Do: do, What: 3, Run: time.Hour})
			continue
		case "somewhere":
			m.By = 2 * day
		}
		every = append(every, m)
	}
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		t.Skipf("%d games take minutes: LEASEHOLD_HEAVY=1 plays them", len(every)*len(every))
	}
	games := len(every) * len(every)
	rest := move{Do: "what was kept", Run: 26 * time.Hour, Kill: true}
	step := 7 // in CI: whatever is the second move, some of the first moves are played
	if os.Getenv("LEASEHOLD_HEAVY") == "all" {
		step = 1
	}
	for n := 0; n < games; n += step {
		moves := []move{every[n%len(every)], every[n/len(every)]}
		moves = append(moves, rest, move{Do: "where it stopped", Run: 26 * time.Hour})
		if wrong, played := gamble(t, server{}, moves); wrong != "" {
			t.Fatalf("%s, after %+v", wrong, moves[:played])
		}
	}
	t.Logf("one in %d of %d games", step, games)
}

// An honest move: how long the computer was off, what is wrong for a moment then,
// whether the server can be reached, how long the work is, and how it ends.
type day24 struct {
	Off    time.Duration
	Wrong  time.Duration // of the clock, for 10 minutes
	Ahead  time.Duration // of the server, for as long; below zero: it is behind
	Doze   time.Duration // the computer is suspended, in the middle of the work
	Online bool
	Work   time.Duration
	Crash  bool
	Window bool   // a second one
	Gone   string // a part that is lost
}

// TestHonestPeople: whoever is licensed, has a clock that is right now, and had an
// answer within freeride, is not restricted, whatever was wrong before.
func TestHonestPeople(t *testing.T) {
	checks(t, 4, 60)
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) day24 {
			d := day24{
				Off:    rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 16 * time.Hour, 64 * time.Hour, 7 * day}).Draw(t, "off"),
				Online: rapid.IntRange(0, 2).Draw(t, "on line") == 0,
				Work:   rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 8 * time.Hour}).Draw(t, "work"),
				Crash:  rapid.Bool().Draw(t, "crash"),
				Window: rapid.IntRange(0, 3).Draw(t, "window") == 0,
			}
			if rapid.IntRange(0, 2).Draw(t, "wrong") == 0 {
				d.Wrong = rapid.SampledFrom([]time.Duration{-20 * 365 * day, -10 * day, -9 * time.Hour, 30 * time.Minute, 9 * time.Hour, day, 55 * day, 20000 * day}).Draw(t, "by")
			} else if rapid.IntRange(0, 3).Draw(t, "ahead") == 0 {
				d.Ahead = rapid.SampledFrom([]time.Duration{10 * day, 55 * day, 365 * day, -10 * time.Minute, -9 * time.Hour, -2 * day, -10 * day}).Draw(t, "for")
			}
			if rapid.IntRange(0, 3).Draw(t, "suspended") == 0 {
				d.Doze = rapid.SampledFrom([]time.Duration{time.Minute, 16 * time.Hour, 64 * time.Hour}).Draw(t, "doze")
			}
			if rapid.IntRange(0, 5).Draw(t, "lost") == 0 {
				d.Gone = rapid.SampledFrom([]string{".copy", ".journal", ".run"}).Draw(t, "part")
			}
			return d
		}), 2, 10).Draw(rt, "days")
		if wrong, n := live(t, days); wrong != "" {
			rt.Fatalf("%s, after %+v", wrong, days[:n])
		}
	})
}

// live lives days, and returns what is wrong and after how many of them.
func live(t *testing.T, days []day24) (wrong string, n int) {
	t.Helper()
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		const freeride = 30 * day
		p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(30), TokenLimit: new(1)})
		p.begin(false)
		p.sleep(time.Hour)
		p.end(false)
		told, heard := p.now(), true
		for i, d := range days {
			p.tape.block(true)
			p.sleep(d.Off)
			if d.Gone != "" {
				p.putBackFiles(parts{}, d.Gone)
			}
			p.set(p.now().Add(d.Wrong))
			if d.Ahead > 0 && !heard {
				d.Ahead = 0 // two such hours, days apart, are one long one to who asks in both
			}
			p.srv.Advance(d.Ahead)
			p.tape.block(!d.Online)
			p.run()
			var window *Agent
			if d.Window {
				window = p.open()
				p.start(window)
			}
			p.sleep(10 * time.Minute)
			p.srv.Advance(-d.Ahead)
			p.set(p.now())
			if d.Online && d.Ahead > 0 {
				heard = false
			} else if d.Online && (d.Ahead == 0 || d.Work >= time.Hour) { // or it is not asked again
				if _, err := p.agent.Heartbeat(p.Context()); err != nil {
					wrong, n = fmt.Sprintf("all is right, and it says %v", err), i+1
				}
				told, heard = p.now(), true
			}
			for left := d.Work; left > 0 && wrong == ""; left -= 30 * time.Minute {
				p.sleep(min(left, 30*time.Minute))
				if left <= d.Work/2 {
					p.suspend(d.Doze)
					d.Doze = 0
				}
				for _, a := range []*Agent{p.agent, window} {
					if since := p.now().Sub(told); a != nil && since < freeride-time.Hour && a.Decision().State > enforcement.Grace {
						wrong, n = fmt.Sprintf("%v, %v after an answer", a.Decision(), since), i+1
					}
				}
			}
			if window != nil {
				_ = window.Close(context.Background())
			}
			p.end(d.Crash)
			if wrong != "" {
				return
			}
		}
	})
	return wrong, n
}
