package heartbeat

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPlan(t *testing.T) {
	noon := at(t, "2026-06-01 12:00")
	daily := Plan{Started: noon.Add(-100 * day), History: History{AnsweredAt: noon, Random: 0.5}}
	var turn time.Duration // the place of a seed, in the middle of the interval
	for ; turn < 10*time.Hour || turn > 15*time.Hour; turn = daily.Schedule.turn(noon, daily.Seed).at.Sub(noon) {
		daily.Seed += 1 << 40
	}
	failed := func(p Plan, after time.Duration, retryAfter time.Duration) Plan {
		return p.Failed(noon.Add(after), retryAfter, 0.5)
	}
	with := func(p Plan, change func(*Plan)) Plan { change(&p); return p }
	fast := with(daily, func(p *Plan) { p.Schedule = parse(t, "@every 10s") })

	for _, tt := range []struct {
		name string
		plan Plan
		now  time.Duration // since noon
		want time.Duration
	}{
		{"no evidence", Plan{Started: noon}, 0, 0},
		{"no evidence and long running", Plan{Started: noon.Add(-time.Hour)}, 0, 0},
		{"zero plan", Plan{}, 0, 0},
		{"running", daily, 0, turn},
		{"running, asked later", daily, turn - 1, turn},
		{"running and late", daily, turn + time.Hour, turn + time.Hour},
		{"started with a fresh answer", with(daily, func(p *Plan) { p.Started = noon.Add(time.Hour) }), time.Hour, turn},
		{"started after its turn", with(daily, func(p *Plan) { p.Started = noon.Add(day - 1) }), day - 1, day - 1 + 15*time.Second},
		{"started overdue", with(daily, func(p *Plan) { p.Started = noon.Add(day) }), day, day},
		{"started very overdue", with(daily, func(p *Plan) { p.Started = noon.Add(90 * day) }), 90 * day, 90 * day},

		{"woken after a nap", daily.Woken(noon.Add(5 * time.Hour)), 5 * time.Hour, turn},
		{"woken after a quarter", daily.Woken(noon.Add(6 * time.Hour)), 6 * time.Hour, 6*time.Hour + 15*time.Second},
		{"woken after its turn", daily.Woken(noon.Add(turn + 1)), turn + 1, turn + 1 + 15*time.Second},
		{"woken overdue", daily.Woken(noon.Add(3 * day)), 3 * day, 3*day + 15*time.Second},
		{"woken just before its turn", daily.Woken(noon.Add(turn - 1)), turn - 1, turn},
		{"woken, short interval", fast.Woken(noon.Add(time.Hour)), time.Hour, time.Hour + 250*time.Millisecond},

		{"denied", daily.Answered(noon, false, 0.5), 0, 45 * time.Minute},
		{"denied again", daily.Answered(noon, false, 0.5).Answered(noon, false, 0.5), 0, 90 * time.Minute},
		{"denied for long", with(daily.Answered(noon, false, 0.5), func(p *Plan) { p.Denials = 100 }), 0, 18 * time.Hour},
		{"denied, then Yes", daily.Answered(noon, false, 0.5).Answered(noon, true, 0.5), 0, turn},
		{"denied before the start", Plan{Started: noon.Add(time.Minute), History: History{AnsweredAt: noon, Denied: true}}, time.Minute, time.Minute},
		{"denied and woken", daily.Answered(noon, false, 0.5).Woken(noon.Add(2 * time.Hour)), 2 * time.Hour, 2*time.Hour + 15*time.Second},
		{"denied with a short interval", fast.Answered(noon, false, 0.5), 0, 7500 * time.Millisecond},

		{"failed in time", failed(daily, 20*time.Hour, 0), 20 * time.Hour, 20*time.Hour + 45*time.Minute},
		{"failed in time, twice", failed(failed(daily, 19*time.Hour, 0), 20*time.Hour, 0), 20 * time.Hour, 20*time.Hour + 45*time.Minute},
		{"failed shortly before due", failed(daily, day-20*time.Minute, 0), day - 20*time.Minute, day - 5*time.Minute},
		{"failed just before due", failed(daily, day-1, 0), day - 1, day - 1 + 45*time.Second},
		{"failed in time, just overdue", failed(failed(daily, day-20*time.Minute, 0), day+20*time.Minute, 0), day + 20*time.Minute, day + 65*time.Minute},
		{"failed in time, now overdue", failed(failed(daily, day-30*time.Minute, 0), day+30*time.Minute, 0), day + 30*time.Minute, day + 30*time.Minute + 30*time.Second},
		{"failed in time, overdue again", failed(failed(failed(daily, day-time.Hour, 0), day, 0), day, 0), day, day + time.Minute},
		{"failed overdue", failed(daily, day, 0), day, day + 30*time.Second},
		{"failed overdue, twice", failed(failed(daily, day, 0), day, 0), day, day + time.Minute},
		{"failed overdue, often", with(failed(daily, day, 0), func(p *Plan) { p.Urgent = 7 }), day, day + 30*time.Minute},
		{"failed overdue, very often", with(failed(daily, day, 0), func(p *Plan) { p.Urgent = 1 << 40 }), day, day + 30*time.Minute},
		{"failed without evidence", Plan{Started: noon}.Failed(noon, 0, 0.5), 0, 30 * time.Second},
		{"failed, least jitter", Plan{Started: noon}.Failed(noon, 0, 0), 0, 5 * time.Second},
		{"failed, eager", failed(with(daily, func(p *Plan) { p.Eager = true }), time.Hour, 0), time.Hour, time.Hour + 30*time.Second},
		{"failed after a No", failed(daily.Answered(noon, false, 0.5), time.Hour, 0), time.Hour, time.Hour + 30*time.Second},
		{"failed, short interval", failed(fast, 9*time.Second, 0), 9 * time.Second, 16500 * time.Millisecond},
		{"failed, short interval, often", with(failed(fast, 9*time.Second, 0), func(p *Plan) { p.Failures = 4 }), 9 * time.Second, 69 * time.Second},

		{"asked to wait", failed(daily, 20*time.Hour, 10*time.Minute), 20 * time.Hour, 20*time.Hour + 45*time.Minute},
		{"asked to wait long", failed(daily, 20*time.Hour, 2*time.Hour), 20 * time.Hour, 22*time.Hour + 30*time.Minute},
		{"asked to wait too long", failed(daily, 0, 100*day), 0, day + 30*time.Minute},
		{"asked to wait, negative", failed(daily, 20*time.Hour, -time.Hour), 20 * time.Hour, 20*time.Hour + 45*time.Minute},
		{"asked to wait, urgent", Plan{Started: noon}.Failed(noon, 10*time.Minute, 0.5), 0, 12*time.Minute + 30*time.Second},
		{"asked to wait, woken", failed(daily, 20*time.Hour, 2*time.Hour).Woken(noon.Add(20*time.Hour + 1)), 20 * time.Hour, 22*time.Hour + 30*time.Minute},

		{"failed, woken later", failed(daily, 20*time.Hour, 0).Woken(noon.Add(20*time.Hour + 10*time.Minute)), 20*time.Hour + 10*time.Minute, 20*time.Hour + 10*time.Minute + 15*time.Second},
		{"failed, woken at once", failed(daily, 20*time.Hour, 0).Woken(noon.Add(20*time.Hour + 1)), 20 * time.Hour, 20*time.Hour + time.Minute},
		{"failed, woken before", failed(daily.Woken(noon.Add(19*time.Hour)), 20*time.Hour, 0), 20 * time.Hour, 20*time.Hour + 45*time.Minute},
		{"failed, woken too late to matter", failed(daily, 20*time.Hour, 0).Woken(noon.Add(21 * time.Hour)), 20 * time.Hour, 20*time.Hour + 45*time.Minute},

		{"answer in the future", daily, -6 * time.Minute, -6 * time.Minute},
		{"answer within the slack", daily, -5 * time.Minute, turn},
		{"failure in the future", failed(daily, 20*time.Hour, 0), 0, 0},
		{"start in the future", Plan{Started: noon.Add(365 * day)}, 0, 0},
		{"start and waking in the future", with(daily, func(p *Plan) { p.Started, p.LastWake = noon.Add(365*day), noon.Add(365*day) }), 0, turn},
		{"failed after the clock went back", with(daily, func(p *Plan) { p.AnsweredAt = noon.Add(365 * day) }).Failed(noon, 0, 0.5), 0, 45 * time.Minute},
	} {
		if got := tt.plan.Next(noon.Add(tt.now)).Sub(noon); got != tt.want {
			t.Errorf("%s: at %v the next contact is at %v, want %v", tt.name, tt.now, got, tt.want)
		}
	}
}

// A monotonic reading would hide the time asleep.
func TestPlanIsInWallTime(t *testing.T) {
	now := time.Now()
	p := Plan{Started: now, LastWake: now, History: History{AnsweredAt: now}}
	for _, p := range []Plan{p, p.Failed(now, 0, 0.5), p.Answered(now, false, 0.5), {Started: now.Add(time.Minute)}} {
		if next := p.Next(now); next != next.Round(0) {
			t.Errorf("%+v gives %v", p, next)
		}
	}
}

func drawPlan(t *rapid.T) Plan {
	base := drawTime(t, "base")
	near := func(name string) time.Time {
		if rapid.Bool().Draw(t, name+" absent") {
			return time.Time{}
		}
		return base.Add(time.Duration(rapid.Int64Range(-int64(3*day), int64(3*day)).Draw(t, name)))
	}
	p := Plan{
		Schedule: drawSchedule(t),
		Seed:     rapid.Uint64().Draw(t, "seed"),
		Eager:    rapid.Bool().Draw(t, "eager"),
		Started:  near("started"),
		LastWake: near("last wake"),
		History: History{
			AnsweredAt: near("last answer"),
			Denied:     rapid.Bool().Draw(t, "denied"),
			Denials:    rapid.IntRange(0, 100).Draw(t, "denials"),
			Random:     drawRandom(t),
		},
	}
	for range rapid.IntRange(0, 3).Draw(t, "failures") {
		p = p.Failed(base.Add(time.Duration(rapid.Int64Range(-int64(3*day), int64(3*day)).Draw(t, "failure"))),
			time.Duration(rapid.Int64Range(-int64(day), int64(3*day)).Draw(t, "retry after")), drawRandom(t))
	}
	return p
}

func drawRandom(t *rapid.T) float64 {
	return rapid.Float64Range(0, 1-1e-9).Draw(t, "random")
}

// Whatever happened, the next contact is never before now, never out of reach, and does not move while nothing happens.
func TestPlanHoldsStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		now := drawTime(t, "now")
		if !p.AnsweredAt.IsZero() {
			now = p.AnsweredAt.Add(time.Duration(rapid.Int64Range(-int64(10*day), int64(10*day)).Draw(t, "since")))
		}
		next := p.Next(now)
		if next.Before(now) {
			t.Fatalf("%v before %v", next, now)
		}
		// A start or a waking that was in the future and was left out may count once its time has come.
		if p.Started.Before(now) && p.LastWake.Before(now) {
			if between := now.Add(next.Sub(now) / 2); !p.Next(between).Equal(next) {
				t.Fatalf("at %v the next contact is at %v, at %v at %v", now, next, between, p.Next(between))
			}
		}
		if wait := next.Sub(now); wait > 2*MaxInterval+time.Hour {
			t.Fatalf("wait of %v", wait)
		}
	})
}

// The server is left alone for as long as it asks, up to a day, whatever else happens.
func TestPlanHonoursRetryAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		failure := drawTime(t, "now")
		asked := time.Duration(rapid.Int64Range(1, int64(3*day)).Draw(t, "retry after"))
		p := drawPlan(t).Failed(failure, asked, drawRandom(t))
		p = p.Woken(failure.Add(time.Duration(rapid.Int64Range(0, int64(day)).Draw(t, "woken"))))
		wait := p.Next(failure).Sub(failure)
		if wait < min(asked, MaxRetryAfter) {
			t.Fatalf("asked to wait %v, waits %v", asked, wait)
		}
	})
}

// Failures never lead to a burst, nor to silence: the wait lies between five seconds and an hour for intervals from a
// minute on, and waking brings it down to no less than a minute unless it was less before.
func TestPlanBacksOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		failure := drawTime(t, "now")
		p.Failures, p.FailingSince = rapid.IntRange(0, 1000).Draw(t, "earlier failures"), failure.Add(-time.Hour)
		p = p.Failed(failure, 0, drawRandom(t))
		pace := p.Schedule.turn(failure, p.Seed).pace
		floor, ceiling := min(firstRetry, pace)/12, lastRetry
		p.LastWake = time.Time{}
		wait := p.Next(failure).Sub(failure)
		if wait < floor || wait > ceiling {
			t.Fatalf("wait of %v after %d failures, pace %v", wait, p.Failures, pace)
		}
		woken := p.Woken(failure.Add(time.Duration(rapid.Int64Range(1, int64(2*time.Hour)).Draw(t, "woken")))).Next(failure).Sub(failure)
		if woken > wait || woken < min(wait, firstRetry, pace) {
			t.Fatalf("wait of %v, woken %v", wait, woken)
		}
	})
}

// In an outage of an hour, a plan that was in order when it began makes at most two requests, and in a longer one at most
// two in any hour until the answer is overdue.
func TestPlanIsCalmInAnOutage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{Seed: rapid.Uint64().Draw(t, "seed"), History: History{AnsweredAt: drawTime(t, "answer")}}
		var contacts []time.Time
		now := p.Next(p.AnsweredAt)
		for range 50 {
			contacts = append(contacts, now)
			p = p.Failed(now, 0, drawRandom(t))
			now = p.Next(now)
		}
		due := p.Schedule.Due(p.AnsweredAt)
		for i := range contacts[2:] {
			if i > 0 && !contacts[i+1].Before(due) {
				break
			}
			if span := contacts[i+2].Sub(contacts[i]); span < time.Hour {
				t.Fatalf("three requests in %v", span)
			}
		}
		if first := contacts[1]; !first.Before(due) {
			t.Fatalf("first repetition at %v, due %v", first, due)
		}
	})
}

func BenchmarkPlanNext(b *testing.B) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	p := Plan{Seed: 1, Started: now, History: History{AnsweredAt: now}}
	b.ReportAllocs()
	for b.Loop() {
		p.Next(now)
	}
}
