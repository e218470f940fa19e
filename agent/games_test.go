package agent

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/filelock"
)

var update = flag.Bool("update", false, "write the table of games into SECURITY.md anew")

// A game is what somebody does each day with an application whose licence has a
// freeride of 3 days, from when the network is cut and the licence is switched
// off: in the morning something is done, then the application works for 8 hours.
type game struct {
	name    string
	prepare func(p *player) any // before the network is cut
	morning func(p *player, day int, prepared any)
	run     time.Duration // how long the application runs at a time; 8 h if 0
	kill    bool          // it is killed, instead of closed
	file    time.Duration // a licence file for so long, instead of an answer; 0: none
	heavy   int           // played only with LEASEHOLD_HEAVY, for so many days
	want    int           // days that are usable; the most there may be where it is killed in between
	stops   string        // what stops it, or why nothing can
	service string        // what the service would have to change
}

// always is each day.
const always = -1

// began is when bubbles begin.
var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func rightClock(*player, int, any)           {}
func whereItStopped(p *player, _ int, _ any) { p.set(p.ended) }
func whereItWasKept(p *player, _ int, _ any) { p.set(p.kept) }
func oneDate(p *player, _ int, _ any)        { p.set(began.Add(time.Hour)) }
func newestAnswer(p *player) any             { return p.tape.last(p.T, "/heartbeats") }
func allParts(p *player) any                 { return p.copyParts() }

// allPartsClosed are all parts as they are while nothing runs.
func allPartsClosed(p *player) any {
	p.end(false)
	return p.copyParts()
}

func playAnswer(p *player, _ int, a any)    { r := a.(recorded); p.tape.replay(&r) }
func putAllBack(p *player, _ int, kept any) { p.putBack(kept.(parts)) }
func eraseAll(p *player, _ int, _ any)      { p.putBack(parts{}) }
func noMoreWrites(p *player, _ int, _ any)  { p.cfg.Keyring = readOnly{p.ring} }
func littleBefore(p *player, _ int, _ any)  { p.set(p.ended.Add(-290 * time.Second)) }
func heldStill(p *player, _ int, _ any)     { p.freeze(p.ended) }
func itemAndCopy(p *player, _ int, kept any) {
	p.putBackItems(kept.(parts))
	p.putBackFiles(kept.(parts), ".copy")
}
func onePart(p *player, d int, kept any) {
	switch d % 3 {
	case 0:
		p.putBackItems(kept.(parts))
	case 1:
		p.putBackFiles(kept.(parts), ".copy")
	default:
		p.putBackFiles(kept.(parts), ".mark")
	}
}

// likeAnotherWindow holds the lock of running processes.
func likeAnotherWindow(p *player, _ int, _ any) {
	if p.lock != nil {
		return
	}
	for _, path := range filesBelow(p.T, p.cfg.StateDir) {
		if strings.HasSuffix(path, ".run") {
			lock, err := filelock.TakeShared(p.Context(), path)
			if err != nil {
				p.Fatal(err)
			}
			p.lock = lock
			p.Cleanup(lock.Release)
		}
	}
}

// notShown has an answer of the sixth day recorded and lost, and plays it once it
// is worth most. The licence is on until then.
func notShown(p *player, d int, _ any) {
	p.tape.replay(nil)
	p.tape.hold(d == 5)
	p.srv.UpdateLicense(p.lic.Key, func(l *slasconetest.License) { l.Inactive = d != 5 })
	if d == 8 {
		playAnswer(p, d, newestAnswer(p))
	}
}

// all does one thing after the other in the morning.
func all(things ...func(*player, int, any)) func(*player, int, any) {
	return func(p *player, d int, prepared any) {
		for _, do := range things {
			do(p, d, prepared)
		}
	}
}

// readOnly is a keyring that takes nothing.
type readOnly struct{ storage.Keyring }

func (readOnly) Set(_, _, _ string) error { return errors.New("access denied") }
func (readOnly) Delete(_, _ string) error { return errors.New("access denied") }

// counted are the games that yield no more than freeride in running time.
var counted = []game{
	{name: "none: the clock is right", morning: rightClock, want: 2, stops: "freeride"},
	{name: "the clock is set to where it stopped, the application closed", morning: whereItStopped, want: 8, stops: "running time"},
	{name: "the same, the application killed", morning: whereItStopped, kill: true, heavy: 30, want: 8, stops: "running time, which is kept every 15 minutes"},
	{name: "the same, killed every 14 minutes", morning: whereItStopped, kill: true, run: 14 * time.Minute, heavy: 20, want: 8, stops: "what was not kept is charged at the next start"},
	{name: "the same, the clock set to what was kept last", morning: whereItWasKept, kill: true, run: 14 * time.Minute, heavy: 20, want: 6, stops: "the same"},
	{name: "the clock is set to 4 min 50 s before where it stopped", morning: littleBefore, want: 3, stops: "behind the line for 24 h of running time"},
	{name: "the clock is set to one date, the application closed", morning: oneDate, want: 3, stops: "the same"},
	{name: "the same, the application killed", morning: oneDate, kill: true, heavy: 30, want: 3, stops: "the same"},
	{name: "the clock is held still while the application runs, which is killed", morning: heldStill, kill: true, want: 2, stops: "the same"},
	{name: "the newest good answer is played again", prepare: newestAnswer, morning: playAnswer, want: 2, stops: "an answer is fresh once"},
	{name: "the same, the clock set to where it stopped", prepare: newestAnswer, morning: all(playAnswer, whereItStopped), heavy: 30, want: 8, stops: "an answer is fresh once, and running time"},
	{name: "all is erased each day, and an old answer played; the clock is right", prepare: newestAnswer, morning: all(eraseAll, playAnswer), want: 2, stops: "it grants by its own date"},
	{name: "one part of an older state is put back, another one each day, the clock set to where it stopped", prepare: allParts, morning: all(onePart, whereItStopped),
		kill: true, want: 8, stops: "the newest part is believed"},
	{name: "the keyring's item and its copy are put back, the mark is not; the clock is set to one date", prepare: allPartsClosed, morning: all(itemAndCopy, oneDate), kill: true, want: 8,
		stops: "every part bears witness of the line"},
	{name: "the same, killed every 14 minutes", prepare: allPartsClosed, morning: all(itemAndCopy, oneDate), kill: true, run: 14 * time.Minute, heavy: 20, want: 5,
		stops: "the line of an older state is moved on by the most that was not kept"},
	{name: "another program holds the lock that a second window would hold; the clock is set to what was kept last, killed every 14 minutes", morning: all(likeAnotherWindow, whereItWasKept),
		kill: true, run: 14 * time.Minute, heavy: 30, want: 9, stops: "a try to reach the server keeps the line as well"},
	{name: "a licence file of 30 days, the clock set to one date, the application killed", file: 30 * day, heavy: 400, morning: oneDate, kill: true, want: 3, stops: "behind the line for 24 h of running time"},
	{name: "a licence file of 30 days, the clock set to where it stopped, the application killed", file: 30 * day, heavy: 400, morning: whereItStopped, kill: true, want: 107, stops: "running time: 30 days, and the 7 of grace"},
}

// uncounted are those that yield one freeride each time, for which nothing on the
// computer can tell the player from an honest user.
var uncounted = []game{
	{name: "an answer of the sixth day is recorded and not shown, and played on the ninth; the clock set to where it stopped", morning: all(notShown, whereItStopped), kill: true, heavy: 30, want: 16,
		stops: "one freeride for each answer: it is a real one, as if it had been under way for long", service: "sign the nonce together with the body"},
	{name: "all parts are put back to one moment, and the clock with them", prepare: allParts, morning: all(putAllBack, oneDate), want: always,
		stops: "the computer is what it was then", service: "nothing would help; a shorter freeride makes it more work"},
	{name: "all is erased, an old answer played, and the clock set to its date", prepare: newestAnswer, morning: all(eraseAll, playAnswer, oneDate), want: always,
		stops: "it is what a new computer looks like", service: "sign the nonce together with the body"},
	{name: "the state cannot be written, and is as it was; the clock is set to one date", prepare: allParts, morning: all(putAllBack, noMoreWrites, oneDate), want: always,
		stops: "an honest user's disk may be full as well; the help desk's report tells", service: "nothing would help; a shorter freeride makes it more work"},
}

// days is for how long the game is played.
func (g *game) days() int {
	switch {
	case os.Getenv("LEASEHOLD_HEAVY") != "":
		return max(g.heavy, 30)
	case g.want == always:
		return 4
	}
	return g.want + 1
}

// play plays the game and returns how many days were usable.
func (g *game) play(t *testing.T) (usable int) {
	run := g.run
	if run == 0 {
		run = 8 * time.Hour
	}
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		expires := time.Now().AddDate(3, 0, 0)
		if g.file > 0 {
			expires = time.Now().Add(g.file)
		}
		p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(3), Expires: expires})
		p.begin(g.file > 0)
		var prepared any
		if g.prepare != nil {
			prepared = g.prepare(p)
		}
		p.end(false)
		p.tape.block(true)
		p.srv.UpdateLicense(p.lic.Key, func(l *slasconetest.License) { l.Inactive = true })
		for d := range g.days() {
			p.sleep(time.Until(began.Add(time.Duration(d+1) * day)))
			ok := true
			for left := 8 * time.Hour; left > 0; left -= run {
				g.morning(p, d, prepared)
				p.run()
				ok = p.works(min(left, run)) && ok
				p.end(g.kill)
			}
			if ok {
				usable++
			}
		}
	})
	return usable
}

// begin has the application run with its licence, from the server or from a file.
func (p *player) begin(file bool) {
	p.Helper()
	if !file {
		p.run()
		_, err := p.agent.Activate(p.Context(), p.lic.Key)
		p.sleep(time.Minute)
		_, again := p.agent.Heartbeat(p.Context())
		if err := errors.Join(err, again); err != nil {
			p.Fatal(err)
		}
		return
	}
	p.tape.block(true) // else the first heartbeat finds the licence
	p.run()
	if _, err := p.agent.ImportFile(p.Context(), p.srv.LicenseFile(p.lic.Key, testDevice)); err != nil {
		p.Fatal(err)
	}
}

// TestGames plays each game, and holds the tables in SECURITY.md to what it yields.
// With -update it writes them.
func TestGames(t *testing.T) {
	table := gamesTable(t, "days", "why no more", counted) + gamesTable(t, "days", "why it cannot be told", uncounted) + spendingTable(t)
	const file, from, to = "../SECURITY.md", "<!-- games: go test ./agent -run TestGames -update -->\n", "<!-- /games -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), from)
	was, after, end := strings.Cut(rest, to)
	switch {
	case !ok || !end:
		t.Fatalf("%s has no place for the tables", file)
	case was == table:
	case *update:
		if err := os.WriteFile(file, []byte(before+from+table+to+after), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is out of date; run this test with -update. It should be\n%s", file, table)
	}
}

// gamesTable plays games and tells of them in Markdown.
func gamesTable(t *testing.T, unit, why string, games []game) string {
	t.Helper()
	var b strings.Builder
	service := games[0].service != ""
	fmt.Fprintf(&b, "\n| game | %s | %s |%s\n|---|---|---|%s\n", unit, why, column(" what the service would have to do |", service), column("---|", service))
	for i := range games {
		g := &games[i]
		if g.heavy == 0 || os.Getenv("LEASEHOLD_HEAVY") != "" {
			t.Run(g.name, func(t *testing.T) {
				got, want := g.play(t), g.want
				if want == always {
					want = g.days()
				}
				if got != want && (g.run == 0 || got > want) {
					t.Errorf("%d of %d days are usable, want %d", got, g.days(), want)
				}
			})
		}
		yield := fmt.Sprint(g.want)
		switch {
		case g.want == always:
			yield = "every day"
		case g.run > 0:
			yield = "at most " + yield
		}
		fmt.Fprintf(&b, "| %s | %s | %s |%s\n", g.name, yield, g.stops, column(" "+g.service+" |", service))
	}
	b.WriteString("\n")
	return b.String()
}

func column(text string, wanted bool) string {
	if wanted {
		return text
	}
	return ""
}

// take takes an amount, if it can be had.
func (p *player) take(amount int64) (taken int64) {
	p.run()
	p.sleep(time.Second)
	if _, err := p.agent.Consume(p.Context(), "pages", decimal.NewFromInt(amount)); err != nil {
		return 0
	}
	return amount
}

// takes takes an amount five times, with something done and a restart before each.
func (p *player) takes(amount int64, before func()) (taken int64) {
	for range 5 {
		p.end(false)
		before()
		taken += p.take(amount)
		p.sleep(2 * time.Minute)
	}
	return taken
}

func spendingTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| game with a limitation of 10 a week | taken | why |\n|---|---|---|\n")
	for _, g := range spendings {
		t.Run(g.name, func(t *testing.T) {
			playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
				p.cfg.ConsumeOffline = true
				p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(30), Limitations: []slasconetest.Limitation{
					{Name: "pages", Value: "10", Reset: slasconetest.ResetPeriodically, ResetDays: 7},
				}})
				p.begin(false)
				if got := g.play(p); got != g.want {
					t.Errorf("%d are taken, want %d", got, g.want)
				}
			})
		})
		fmt.Fprintf(&b, "| %s | %d | %s |\n", g.name, g.want, g.stops)
	}
	b.WriteString("\n")
	return b.String()
}

var spendings = []struct {
	name  string
	play  func(p *player) int64
	want  int64
	stops string
}{
	{"all is taken off line, the journal removed, and so on", func(p *player) int64 {
		p.end(false)
		p.tape.block(true)
		return p.takes(10, func() { p.putBackFiles(parts{}, ".journal") })
	}, 10, "the record says what is booked, not the journal"},
	{"an answer that gave 1 is played for others, on line", func(p *player) int64 {
		taken := p.take(1)
		a := p.tape.last(p.T, "/consumption_heartbeats")
		p.tape.replay(&a)
		for range 20 {
			taken += p.take(1)
		}
		return taken
	}, 1, "a transaction counts once"},
	{"the same, with a restart before each", func(p *player) int64 {
		taken := p.take(1)
		a := p.tape.last(p.T, "/consumption_heartbeats")
		p.tape.replay(&a)
		return taken + p.takes(1, func() {})
	}, 1, "transactions are remembered in the record"},
	{"9 are booked off line, and delivered with the answer to 1 that were taken before, and so on", func(p *player) int64 {
		taken := p.take(1)
		a := p.tape.last(p.T, "/consumption_heartbeats")
		p.tape.block(true)
		return taken + p.takes(9, func() {
			p.tape.replay(&a)
			p.run()
			_ = p.agent.Flush(p.Context())
			p.tape.replay(nil)
		})
	}, 10, "the same; what was delivered so stays booked"},
	{"9 are taken, the account is asked for, with the answer of a better time, 1 is taken off line, and so on", func(p *player) int64 {
		if _, err := p.agent.ConsumptionStatus(p.Context(), "pages"); err != nil {
			p.Fatal(err)
		}
		a := p.tape.last(p.T, "/consumption")
		taken := p.take(9)
		p.tape.block(true)
		return taken + p.takes(1, func() {
			p.tape.replay(&a)
			p.run()
			_, _ = p.agent.ConsumptionStatus(p.Context(), "pages")
			p.tape.replay(nil)
		})
	}, 10, "what is left rises only by a reset or a newer licence"},
	{"the same with what an amount was given back by", func(p *player) int64 {
		c, err := p.agent.Consume(p.Context(), "pages", decimal.NewFromInt(9))
		p.sleep(time.Second)
		if err == nil {
			err = p.agent.Rollback(p.Context(), c)
		}
		if err != nil {
			p.Fatal(err)
		}
		a := p.tape.last(p.T, "/rollback")
		taken := p.take(9)
		p.tape.block(true)
		return taken + p.takes(1, func() {
			p.tape.replay(&a)
			p.run()
			_ = p.agent.Rollback(p.Context(), c)
			p.tape.replay(nil)
		})
	}, 10, "the same"},
	{"the keyring's item and its copy are put back and the journal is removed, the mark is not, five times", func(p *player) int64 {
		p.end(false)
		kept := p.copyParts()
		p.tape.block(true)
		return p.takes(10, func() { itemAndCopy(p, 0, kept); p.putBackFiles(parts{}, ".journal") })
	}, 10, "nothing is taken off line with an older state: what is left is not known"},
	{"all parts are put back to one moment, five times", func(p *player) int64 {
		p.end(false)
		kept := p.copyParts()
		p.tape.block(true)
		return p.takes(10, func() { p.putBack(kept) })
	}, 50, "the computer is what it was then; the service knows better with the first answer"},
}
