package agent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Off line for good reason: the clock is wrong at one start, as after a boot into
// another system, or with a dead battery, and right a minute later. Nothing is left
// of it, at once and for the rest of freeride.
func TestAClockThatIsWrongAtOneStart(t *testing.T) {
	for _, off := range []time.Duration{
		-4 * time.Minute, -30 * time.Minute, -time.Hour, -2 * time.Hour, -9 * time.Hour, -10 * day, -30 * 365 * day, 30 * time.Minute, 9 * time.Hour, day - time.Minute, day, 20 * day, 55 * day, 54 * 365 * day,
	} {
		t.Run(off.String(), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.activated(slasconetest.License{Freeride: new(30), Expires: time.Now().AddDate(1, 0, 0)})
				w.close(a)
				w.line.set(func(l *line) { l.down = true })
				w.sleep(5 * day)
				w.moveClock(off)
				a = w.open()
				w.start(a)
				w.sleep(time.Minute)
				if state := a.Decision().State; off < -5*day && state != enforcement.Grace {
					t.Errorf("while it is wrong: %v", a.Decision())
				}
				w.moveClock(0)
				w.sleep(time.Minute)
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				for _, wait := range []time.Duration{5 * time.Hour, 20 * time.Hour, 24 * time.Hour, 6 * day} {
					w.close(a)
					w.sleep(wait)
					a = w.open()
					w.start(a)
					w.sleep(time.Minute)
					expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				}
				w.close(a)
				w.sleep(16 * day) // nearly all of freeride
				if state := w.open().Decision().State; state > enforcement.Grace {
					t.Errorf("on the last days of freeride: %v", state)
				}
			})
		})
	}
}

// The clock is ahead by less than a day for a minute, then right, and the application is never closed: it is told so for a
// day, and restricts nobody.
func TestAClockThatWasALittleAheadOfAMachineThatRunsOn(t *testing.T) {
	for _, off := range []time.Duration{9 * time.Hour, day - time.Minute} {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, restarts %v", off, restarts), func(t *testing.T) {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					a, _ := w.activated(slasconetest.License{Freeride: new(30), Expires: time.Now().AddDate(1, 0, 0)})
					w.line.set(func(l *line) { l.down = true })
					w.start(a)
					w.sleep(9 * time.Hour)
					w.moveClock(off)
					w.sleep(time.Minute)
					w.moveClock(0)
					w.sleep(time.Minute)
					expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
					if d := a.Decision(); d.Then != enforcement.Active || d.Next.State != enforcement.Active {
						t.Errorf("what comes is said to be %v: %+v", d.Then, d.Next)
					}
					for range 9 {
						w.sleep(3 * time.Hour)
						if restarts {
							w.close(a)
							a = w.open()
							w.start(a)
						}
						if d := a.Decision(); d.State > enforcement.Grace {
							t.Fatalf("restricted although licensed: %v", d)
						}
					}
					expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				})
			})
		}
	}
}

// Licensed, off line for days, and with a clock that is right: crashes, a second
// window and many starts a day cost nothing.
func TestManyStartsCostNothing(t *testing.T) {
	for name, story := range map[string]struct {
		run    time.Duration
		kill   bool
		window bool // another one runs all the time
	}{
		"a crash every 3 minutes": {3 * time.Minute, true, false},
		"a crash every hour":      {time.Hour, true, false},
		"closed every 3 minutes":  {3 * time.Minute, false, false},
		"beside another window":   {14 * time.Minute, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
				p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(3), Expires: time.Now().AddDate(1, 0, 0)})
				p.begin(false)
				p.end(false)
				p.tape.block(true)
				if story.window {
					p.start(p.open())
				}
				cut := time.Now()
				for time.Since(cut) < 3*day-12*time.Hour {
					for range 4 {
						p.run()
						if !p.works(story.run) {
							t.Fatalf("after %v: %v", time.Since(cut), p.agent.Decision())
						}
						p.end(story.kill)
					}
					p.sleep(15 * time.Hour)
				}
			})
		})
	}
}

// Parts of an older state, put together so that nothing newer can be read, are a
// restored copy: one answer ends that.
func TestPartsOfAnOlderState(t *testing.T) {
	for name, mix := range map[string]func(p *player, old parts){
		"the item and its copy, the mark is new": func(p *player, old parts) { p.putBackItems(old); p.putBackFiles(old, ".copy") },
		"the copy alone, mark and item removed": func(p *player, old parts) {
			p.putBackItems(parts{})
			p.putBackFiles(old, ".copy")
			p.putBackFiles(parts{}, ".mark")
		},
		"the item, its copy is new, no mark":           func(p *player, old parts) { p.putBackItems(old); p.putBackFiles(parts{}, ".mark") },
		"the copy and its spill file, the item is new": func(p *player, old parts) { p.putBackFiles(old, ".spill"); p.putBackFiles(old, ".copy") },
		"the item new, the copy old, no spill file":    func(p *player, old parts) { p.putBackFiles(parts{}, ".spill"); p.putBackFiles(old, ".copy") },
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
				lic := slasconetest.License{Freeride: new(30)}
				for range 40 { // more than an item takes
					lic.Limitations = append(lic.Limitations, slasconetest.Limitation{Name: uuid.NewString(), Value: "10"})
				}
				p.lic = p.srv.AddLicense(lic)
				p.begin(false)
				p.end(false)
				old := p.copyParts()
				spilt := false
				for path := range old.files {
					spilt = spilt || strings.HasSuffix(path, ".spill")
				}
				if !spilt {
					t.Fatal("there is no spill file")
				}
				for range 2 {
					p.sleep(time.Hour)
					p.run()
					if _, err := p.agent.Heartbeat(p.Context()); err != nil {
						t.Fatal(err)
					}
					p.end(false)
				}
				mix(p, old)
				p.tape.block(true)
				for range 2 {
					p.run()
					p.sleep(time.Minute)
					if ahead := time.Until(p.agent.Now()); strings.HasSuffix(name, "the mark is new") && ahead < 14*time.Minute {
						t.Errorf("what a run may have left unkept is charged with %v", ahead)
					}
					if p.agent.Diagnose().RolledBackSince.IsZero() {
						t.Error("nothing is suspected")
					}
					expect(t, p.agent.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
					p.end(false)
				}
				p.tape.block(false)
				p.run()
				p.sleep(time.Minute)
				if _, err := p.agent.Heartbeat(p.Context()); err != nil {
					t.Fatal(err)
				}
				expect(t, p.agent.Decision(), enforcement.Active, enforcement.NoCause)
				p.end(false)
				p.tape.block(true)
				p.run()
				p.sleep(time.Minute)
				expectTrust(t, p.agent)
				expect(t, p.agent.Decision(), enforcement.Active, enforcement.NoCause)
				p.end(false)
			})
		})
	}
}

// The vendor's server runs ahead for an hour.
func TestAServerThatIsAhead(t *testing.T) {
	for _, ahead := range []time.Duration{10 * day, 55 * day, 365 * day} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(30)})
			w.sleep(time.Minute)
			w.srv.Advance(ahead)
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Error(err)
			}
			w.sleep(time.Hour)
			w.srv.Advance(-ahead)
			for range 2 {
				if _, err := a.Heartbeat(w.Context()); err != nil {
					t.Errorf("%v ahead, and right again: %v", ahead, err)
				}
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				w.close(a)
				w.sleep(time.Minute)
				a = w.open()
			}
			if off := time.Until(a.Now()).Abs(); off > time.Minute {
				t.Errorf("trusted time is off by %v", off)
			}
		})
	}
}

// A server that was ahead for longer than a day is believed in the end. Once it is
// right, the error names both times and the ways out, each of which is one.
func TestAServerThatWasAheadForDays(t *testing.T) {
	for name, out := range map[string]func(p *player) error{
		"deactivated": func(p *player) error { _, err := p.agent.Deactivate(p.Context()); return err },
		"erased":      func(p *player) error { return p.agent.Erase(p.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
				p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(30), TokenLimit: new(1)})
				p.begin(false)
				const ahead = 55 * day
				p.srv.Advance(ahead)
				for range 3 {
					if _, err := p.agent.Heartbeat(p.Context()); err != nil {
						t.Fatal(err)
					}
					p.sleep(25 * time.Hour)
				}
				was := p.srv.Now()
				p.srv.Advance(-ahead)
				_, err := p.agent.Heartbeat(p.Context())
				p.takeWayOut(err, was, out)
				p.sleep(time.Minute)
				expect(t, p.agent.Decision(), enforcement.Active, enforcement.NoCause)
				if off := time.Until(p.agent.Now()).Abs(); off > time.Minute {
					t.Errorf("trusted time is off by %v", off)
				}
				p.end(false)
			})
		})
	}
}

// takeWayOut checks that the error of a server that is behind what was accepted, of
// was, names both times and the ways out, and takes one of them.
func (p *player) takeWayOut(err error, was time.Time, out func(*player) error) {
	p.Helper()
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindIntegrity {
		p.Fatalf("%v", err)
	}
	for _, want := range []string{p.srv.Now().Format("2006-01-02"), "accepted, of " + was.Format("2006-01"), "deactivate", "erase"} {
		if !strings.Contains(err.Error(), want) {
			p.Errorf("%v does not tell %q", err, want)
		}
	}
	if err := out(p); err != nil {
		p.Fatal(err)
	}
	p.end(false)
	p.run()
	if _, err := p.agent.Activate(p.Context(), p.lic.Key); err != nil {
		p.Fatal(err)
	}
}
