package heartbeat

import (
	"context"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A season is an installation that lives through ninety days with a real plan in a real runner.
type season struct {
	t      *testing.T
	random *rand.Rand
	runner *Runner

	mu         sync.Mutex
	offset     time.Duration // of the wall clock; sleep and clock changes add to it
	plan       Plan
	up         bool
	retryAfter time.Duration // what the server asks for; 0: it does not answer
	contacts   []time.Time   // by the wall clock
	real       []time.Time   // the same by the bubble's clock
	answers    int
}

func (s *season) now() time.Time { return time.Now().Add(s.offset).Round(0) }

func (s *season) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *season) contact(context.Context) error {
	time.Sleep(200 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contacts, s.real = append(s.contacts, s.now()), append(s.real, time.Now())
	if s.up {
		s.answers++
		s.plan = s.plan.Answered(s.now(), true, s.random.Float64())
	} else {
		s.plan = s.plan.Failed(s.now(), s.retryAfter, s.random.Float64())
	}
	return nil
}

func (s *season) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// sleep puts the machine to sleep: the wall clock goes on and the timers do not.
func (s *season) sleep(d time.Duration) { s.set(func() { s.offset += d }) }

// during returns how many contacts were made while f ran.
func (s *season) during(f func()) int {
	var before, after int
	s.set(func() { before = len(s.contacts) })
	f()
	synctest.Wait()
	s.set(func() { after = len(s.contacts) })
	return after - before
}

// between checks a number of contacts.
func (s *season) between(what string, low, high, got int) {
	s.t.Helper()
	if got < low || got > high {
		s.t.Errorf("%s: %d contacts, want %d to %d", what, got, low, high)
	}
}

// fresh checks that the last answer is not overdue.
func (s *season) fresh(what string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if due := s.plan.Schedule.Due(s.plan.AnsweredAt); !s.now().Before(due) {
		s.t.Errorf("%s: overdue since %v", what, s.now().Sub(due))
	}
}

func (s *season) restart() {
	s.t.Helper()
	if s.runner != nil {
		if err := s.runner.Close(s.t.Context()); err != nil {
			s.t.Error(err)
		}
	}
	s.set(func() {
		s.plan = Plan{Schedule: s.plan.Schedule, Seed: s.plan.Seed, Started: s.now(), History: History{AnsweredAt: s.plan.AnsweredAt, Random: s.random.Float64()}}
	})
	var err error
	s.runner, err = NewRunner(RunnerConfig{
		Now:    s.clock,
		OnWake: func(now time.Time, _ time.Duration) { s.set(func() { s.plan = s.plan.Woken(now) }) },
	}, Job{
		Name: "heartbeat",
		Next: func(now time.Time) time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.plan.Next(now)
		},
		Run: s.contact,
	})
	if err == nil {
		err = s.runner.Start(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestNinetyDays(t *testing.T) {
	seeds := uint64(1)
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		seeds = 30
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			s := &season{t: t, random: rand.New(rand.NewPCG(seed, 0)), up: true, plan: Plan{Seed: seed * 0x9e3779b97f4a7c15}}
			begin := time.Now()

			s.between("first start", 1, 1, s.during(func() { s.restart(); time.Sleep(time.Second) }))
			s.between("ten quiet days", 10, 12, s.during(func() { time.Sleep(10 * day) }))
			s.fresh("quiet days")

			// Laptop days: eight hours of use, sixteen of sleep, a nap in between.
			for range 10 {
				s.between("waking", 1, 1, s.during(func() { s.sleep(16 * time.Hour); time.Sleep(2 * time.Minute) }))
				s.fresh("after waking")
				time.Sleep(3 * time.Hour)
				s.between("a nap", 0, 1, s.during(func() { s.sleep(30 * time.Minute); time.Sleep(10 * time.Minute) }))
				time.Sleep(4 * time.Hour)
			}
			s.between("three weeks asleep", 1, 1, s.during(func() { s.sleep(21 * day); time.Sleep(2 * time.Minute) }))
			s.fresh("after three weeks")

			// An outage of an hour, anywhere in the day.
			var until time.Duration
			s.set(func() { until = time.Duration(s.random.Int64N(int64(day))) })
			time.Sleep(until)
			s.set(func() { s.up = false })
			s.between("an hour's outage", 0, 2, s.during(func() { time.Sleep(time.Hour) }))
			s.set(func() { s.up = true })
			s.between("recovery", 0, 2, s.during(func() { time.Sleep(time.Hour + time.Second) }))
			s.fresh("after the outage")

			// Five days without a network, then a waking; it allows one extra attempt.
			s.set(func() { s.up = false })
			s.between("five days without a network", 4*24*2-50, 5*24*2+50, s.during(func() { time.Sleep(5 * day) }))
			s.between("waking without a network", 1, 3, s.during(func() { s.sleep(time.Hour); time.Sleep(3 * time.Minute) }))
			s.set(func() { s.up = true })
			s.between("the network is back", 1, 1, s.during(func() {
				s.set(func() { s.plan = s.plan.Woken(s.now()) })
				s.runner.Changed()
				time.Sleep(2 * time.Minute)
			}))
			s.fresh("with the network")

			// Two days of 429 with Retry-After.
			time.Sleep(2 * day)
			s.set(func() { s.up, s.retryAfter = false, 3*time.Hour })
			s.between("429 storm", 8, 17, s.during(func() { time.Sleep(2 * day) }))
			s.set(func() { s.up, s.retryAfter = true, 0 })
			s.between("after the storm", 1, 2, s.during(func() { time.Sleep(5 * time.Hour) }))

			// The clock goes back a year: one contact, by which the plan finds back. Then forward: one again.
			s.between("back a year", 1, 1, s.during(func() { s.sleep(-365 * day); time.Sleep(2 * time.Minute) }))
			s.between("a day in the past", 1, 2, s.during(func() { time.Sleep(day) }))
			s.between("forward a year", 1, 1, s.during(func() { s.sleep(365 * day); time.Sleep(2 * time.Minute) }))
			s.between("an NTP step", 0, 1, s.during(func() { s.sleep(-2 * time.Second); time.Sleep(2 * time.Minute) }))
			s.fresh("after the clock changes")

			// Restarts: one in good time makes no contact, one after a weekend off makes one at once.
			for range 20 {
				s.between("a restart", 0, 1, s.during(func() { s.restart(); time.Sleep(time.Minute) }))
			}
			s.set(func() { s.offset += 3 * day })
			s.between("after a weekend off", 1, 1, s.during(func() { s.restart(); time.Sleep(time.Second) }))

			for s.clock().Before(begin.Add(90 * day)) {
				time.Sleep(day)
				s.fresh("to the end")
			}
			if err := s.runner.Close(t.Context()); err != nil {
				t.Error(err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for i := 1; i < len(s.real); i++ {
				if gap := s.real[i].Sub(s.real[i-1]); gap < time.Second {
					t.Errorf("a burst: contacts at %v and %v later", s.contacts[i-1], gap)
				}
			}
			if s.answers < 45 {
				t.Errorf("%d answers", s.answers)
			}
		})
	}
}

// An application that starts before the network does tries again within minutes, then less and less often.
func TestStartBeforeTheNetwork(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			s := &season{t: t, random: rand.New(rand.NewPCG(seed, 1))}
			s.between("first minutes", 2, 7, s.during(func() { s.restart(); time.Sleep(2*time.Minute + time.Second) }))
			s.between("first hour", 3, 20, s.during(func() { time.Sleep(time.Hour) }))
			s.between("a day", 24, 90, s.during(func() { time.Sleep(day) }))
			s.set(func() { s.up = true })
			s.between("then", 1, 1, s.during(func() { time.Sleep(time.Hour + time.Second) }))
			if err := s.runner.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
