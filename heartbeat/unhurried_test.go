package heartbeat

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// restarted is a plan of one process as the next one begins with it.
func restarted(p Plan, at time.Time) Plan { p.Started = at; return p }

func TestUnhurried(t *testing.T) {
	noon := time.Date(2024, 1, 5, 12, 0, 0, 0, time.UTC) // a Friday
	morning := time.Date(2024, 1, 8, 8, 30, 0, 0, time.UTC)
	week := Plan{Freeride: 7 * day, Started: noon.Add(-time.Hour), History: History{AnsweredAt: noon, Random: 0.5}}
	with := func(freeride time.Duration) Plan { p := week; p.Freeride = freeride; return p }
	denied := week
	denied.Denied = true
	for _, tt := range []struct {
		name       string
		plan       Plan
		on         time.Time
		start      bool
		from, till time.Duration // of the contact, after the machine is on
	}{
		{"a start in the first half", week, morning, true, 0, 8 * time.Hour},
		{"a wake in the first half", week, morning, false, 0, 8 * time.Hour},
		{"a start without freeride", with(0), morning, true, 0, 0},
		{"a wake without freeride", with(0), morning, false, 0, 30 * time.Second},
		{"a start in the second half", with(5 * day), morning, true, 0, 0},
		{"a wake in the second half", with(5 * day), morning, false, 0, 30 * time.Second},
		{"a start when freeride is over", with(2 * day), morning, true, 0, 0},
		{"half of freeride ends that morning", with(2 * (morning.Sub(noon) + time.Minute)), morning, true, 0, time.Minute},
		{"after a No", denied, morning, true, 0, 0},
		{"a freeride in whose half an answer is not even due", with(46 * time.Hour), noon.Add(23*time.Hour - 5*time.Minute), true, 0, 30 * time.Second},
		{"nothing was missed yet", week, noon.Add(time.Hour), false, 0, 22 * time.Hour},
	} {
		seen := map[time.Duration]bool{}
		for seed := range uint64(200) {
			p := tt.plan
			if p.Seed = mix(seed); tt.start {
				p = restarted(p, tt.on)
			} else {
				p = p.Woken(tt.on)
			}
			at := p.Next(tt.on).Sub(tt.on)
			if at < tt.from || at > tt.till {
				t.Errorf("%s: after %v, want %v to %v", tt.name, at, tt.from, tt.till)
			}
			seen[at.Truncate(time.Hour)] = true
		}
		if tt.till == 8*time.Hour && len(seen) < 8 {
			t.Errorf("%s: only in %d different hours", tt.name, len(seen))
		}
	}
}

// Many starts a day, each of which finds the contact missed, do not put it off.
func TestManyStartsPutNothingOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		monday := time.Date(2024, 1, 8, 8, 30, 0, 0, time.UTC)
		p := Plan{Freeride: 7 * day, Seed: rapid.Uint64().Draw(t, "seed"), History: History{AnsweredAt: monday.Add(-66 * time.Hour)}}
		p.Missed = rapid.Bool().Draw(t, "missed")
		want := restarted(p, monday).Next(monday)
		for on := monday; on.Before(want); on = on.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute) {
			p.Random = drawRandom(t)
			if got := restarted(p, on).Next(on); !got.Equal(want) {
				t.Fatalf("at %v after the first start, at %v after one at %v", want, got, on)
			}
		}
	})
}

// Who runs in office hours is known by the last contact that was missed, until the
// machine was on all the time from one answer to the next.
func TestMissedIsRemembered(t *testing.T) {
	noon := time.Date(2024, 1, 8, 12, 0, 0, 0, time.UTC)
	p := Plan{Freeride: 7 * day, Seed: mix(7), Started: noon.Add(-time.Hour), History: History{AnsweredAt: noon.Add(-3 * day)}}
	if p = p.Answered(noon, true, 0.5); !p.Missed {
		t.Error("a contact that was missed over a weekend is not known as such")
	}
	morning := noon.Add(20 * time.Hour)
	if q := restarted(p, noon.Add(time.Second)).Answered(morning, true, 0.5); !q.Missed {
		t.Error("it is forgotten at the next start, though nothing was missed in between")
	}
	if q := p.Woken(noon.Add(time.Second)).Answered(morning, true, 0.5); !q.Missed {
		t.Error("it is forgotten at the next wake, though nothing was missed in between")
	}
	if q := p.Answered(morning, true, 0.5); q.Missed {
		t.Error("it is remembered of a machine that is always on")
	}
	if q := (Plan{Started: noon}).Answered(noon, true, 0.5); q.Missed {
		t.Error("the first contact of all was missed")
	}
}

// However a machine is switched on and off, spreading lets no evidence grow older
// than half of freeride: the contact is made by then, or when the machine is next
// on.
func TestSpreadingEndsInTheMiddleOfFreeride(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := time.Duration(rapid.IntRange(1, 72).Draw(t, "interval")) * time.Hour
		schedule, err := Every(interval)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		p := Plan{
			Schedule: schedule, Seed: rapid.Uint64().Draw(t, "seed"), Started: now,
			Freeride: time.Duration(rapid.IntRange(0, 20*24).Draw(t, "freeride")) * time.Hour,
			History:  History{AnsweredAt: now.Add(-time.Duration(rapid.IntRange(0, 48).Draw(t, "age")) * time.Hour)},
		}
		for range rapid.IntRange(1, 20).Draw(t, "periods") {
			on := now.Add(time.Duration(rapid.IntRange(0, 90*60).Draw(t, "off")) * time.Minute)
			off := on.Add(time.Duration(rapid.IntRange(1, 16*60).Draw(t, "on")) * time.Minute)
			if rapid.Bool().Draw(t, "start") {
				p = restarted(p, on)
			} else {
				p = p.Woken(on)
			}
			for at := p.Next(on); at.Before(off); at = p.Next(at) {
				limit := latest(p.AnsweredAt.Add(max(p.Freeride/2, interval)), on.Add(30*time.Second))
				if at.After(limit) {
					t.Fatalf("asked at %v, on since %v, the last answer is of %v and freeride %v", at, on, p.AnsweredAt, p.Freeride)
				}
				p = p.Answered(at, true, drawRandom(t))
			}
			if at := p.Next(off); at.After(latest(p.AnsweredAt.Add(max(p.Freeride/2, interval)), on.Add(30*time.Second))) && at.After(off) {
				t.Fatalf("to be asked at %v, on since %v, the last answer is of %v and freeride %v", at, on, p.AnsweredAt, p.Freeride)
			}
			now = off
		}
	})
}

// A machine that is always on calls as it would without freeride.
func TestAlwaysOnKeepsToTheSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{Seed: rapid.Uint64().Draw(t, "seed"), History: History{AnsweredAt: drawTime(t, "answer")}}
		p.Started = p.AnsweredAt.Add(-time.Hour)
		q := p
		q.Freeride = 30 * day
		for range 5 {
			at := p.Next(p.AnsweredAt)
			if got := q.Next(q.AnsweredAt); !got.Equal(at) {
				t.Fatalf("%v with freeride, %v without", got, at)
			}
			p, q = p.Answered(at, true, 0), q.Answered(at, true, 0)
		}
	})
}
