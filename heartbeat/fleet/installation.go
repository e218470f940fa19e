package fleet

import (
	"math/rand/v2"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// A period is a time in which the application runs.
type period struct {
	on, off time.Time
	start   bool // a start of the process, not the end of a sleep
}

// installation simulates one installation from its first period on.
//
// It is long because it is one life of an installation, told in its order.
func (r *run) installation(number int, t *tally) {
	random := rand.New(rand.NewPCG(r.Seed, uint64(number)))
	plan := heartbeat.Plan{
		Schedule: r.Schedule,
		Freeride: r.Freeride,
		Seed:     heartbeat.Seed(string(r.scenario), randomID(random)),
	}
	periods := r.periods(number, random)

	// The last answer before the beginning: at any time in one interval before the machine was last used.
	first := periods[0].on
	pace := r.Schedule.Due(first).Sub(first)
	plan.AnsweredAt = first.Add(-time.Duration(random.Int64N(int64(pace))))
	plan.Random = random.Float64()

	var overdue, backlogged, refreshed bool
	for _, p := range periods {
		if p.start {
			plan = heartbeat.Plan{Schedule: plan.Schedule, Freeride: plan.Freeride, Seed: plan.Seed, Started: p.on, History: heartbeat.History{AnsweredAt: plan.AnsweredAt, Missed: plan.Missed, Random: random.Float64()}}
		} else {
			plan = plan.Woken(p.on)
		}
		for at := plan.Next(p.on); at.Before(p.off); at = plan.Next(at) {
			counts := !at.Before(monday)
			if counts {
				t.requests++
				t.buckets[at.Sub(monday)/r.width]++
			}
			if !at.Before(r.down) && at.Before(r.back) {
				t.failed++
				backlogged = true
				plan = plan.Failed(at, r.RetryAfter, random.Float64())
				continue
			}
			if counts && !overdue && at.Sub(plan.AnsweredAt) > r.Schedule.Interval() { // saves time
				overdue = at.Sub(later(later(p.on, r.Schedule.Due(plan.AnsweredAt)), plan.AnsweredAt.Add(r.Freeride/2))) > time.Minute
			}
			if !refreshed && !at.Before(r.since) {
				refreshed = true
				t.refreshed = max(t.refreshed, at.Sub(r.since))
				if backlogged {
					t.cleared = max(t.cleared, at.Sub(r.back))
				}
			}
			plan = plan.Answered(at, true, random.Float64())
		}
	}
	if overdue {
		t.overdue++
	}
	if backlogged {
		t.backlog++
	}
	if !refreshed {
		t.waiting++
	}
}

// randomID returns a device ID.
func randomID(random *rand.Rand) string {
	const hex = "0123456789abcdef"
	var id [32]byte
	for i, n := 0, uint64(0); i < len(id); i, n = i+1, n>>4 {
		if i%16 == 0 {
			n = random.Uint64()
		}
		id[i] = hex[n&15]
	}
	return string(id[:])
}

// periods returns when the application runs, beginning early enough before the simulation for all to have settled.
func (r *run) periods(number int, random *rand.Rand) []period {
	settling := monday.Add(-3 * r.Schedule.Due(monday).Sub(monday))
	switch r.scenario {
	case Monday:
		return r.officeHours(number, random)
	case Release:
		return []period{{on: settling, off: r.since}, {on: r.since, off: r.end, start: true}}
	default:
		return []period{{on: settling, off: r.end}}
	}
}

// officeHours returns the working days from the Friday before on. People keep their habits to within some minutes.
func (r *run) officeHours(number int, random *rand.Rand) []period {
	shutDown := number%2 == 0
	arrival := 8*time.Hour + 30*time.Minute + normal(random, 30*time.Minute)
	stay := 9*time.Hour + normal(random, 30*time.Minute)
	var periods []period
	for day := monday.AddDate(0, 0, -3); day.Before(r.end); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		on := day.Add(arrival + normal(random, 5*time.Minute))
		periods = append(periods, period{on: on, off: on.Add(stay), start: shutDown})
	}
	return periods
}

// normal returns a normally distributed duration around 0, cut off at three standard deviations.
func normal(random *rand.Rand, deviation time.Duration) time.Duration {
	return time.Duration(min(max(random.NormFloat64(), -3), 3) * float64(deviation))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
