package agent

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// The background jobs, as they are named in logs.
const (
	jobHeartbeat = "heartbeat"
	jobSeat      = "seat"
	jobDelivery  = "delivery"
	jobSeeding   = "seeding"
	jobLine      = "line"
)

// newRunner makes the runner for the background jobs. What fails in one is in
// the record, the log and the events, and its plan reckons with it; after a
// panic that may not be so, and the runner lets the job wait.
func (a *Agent) newRunner() (*heartbeat.Runner, error) {
	return heartbeat.NewRunner(heartbeat.RunnerConfig{
		Now:    func() time.Time { return a.ledger.Now() },
		Logger: a.log,
		OnWake: func(now time.Time, slept time.Duration) {
			a.woken.Store(now.UnixNano())
			a.ledger.Resume(now, slept)
			a.ring()
		},
	},
		heartbeat.Job{Name: jobHeartbeat, Next: a.nextHeartbeat, Run: func(ctx context.Context) error {
			err := a.contact(ctx, false)
			a.changed()
			return err
		}},
		heartbeat.Job{Name: jobSeat, Next: a.seat.Next, Run: func(ctx context.Context) error {
			return a.call(ctx, "session renew", a.seat.Renew)
		}},
		heartbeat.Job{Name: jobLine, Next: a.nextLine, Run: a.keepLine},
		heartbeat.Job{Name: jobSeeding, Next: a.nextSeeding, Run: a.seed},
		heartbeat.Job{Name: jobDelivery, Next: a.outbox.Next, Run: func(ctx context.Context) error {
			return a.call(ctx, "flush", func(ctx context.Context) error {
				_, err := a.outbox.Deliver(ctx)
				return err
			})
		}},
	)
}

// changed has the background jobs planned anew.
func (a *Agent) changed() {
	a.runMu.Lock()
	defer a.runMu.Unlock()
	if a.runner != nil {
		a.runner.Changed()
	}
}

// nextHeartbeat says when the next heartbeat is due; zero for never.
//
// Without a licence there is one at the start: a server that still knows this
// client gives it its licence back, for instance after a keyring was lost. One
// that is out of reach is asked for again and again. A licence from a file needs
// none.
func (a *Agent) nextHeartbeat(now time.Time) time.Time {
	k := a.knowledge()
	if a.unnamed != nil || k.License.FromFile() || k.License.IsZero() && !k.OnlyVouched() && (!k.Facts.NoLicenseSince.IsZero() || !k.Contact.AnsweredAt.Before(a.ledger.Started())) {
		return time.Time{}
	}
	a.noticeNetwork(now, k.Contact.Failures > 0)
	return a.heartbeatPlan(&k).Next(now)
}

func (a *Agent) heartbeatPlan(k *record.Known) heartbeat.Plan {
	plan := a.plan(k.Contact, a.ledger.Opener.ScheduleFor(k.License))
	plan.Freeride = patience(k.License, a.set.Policy)
	if since := a.ledger.Reading().RolledBackSince; since.After(k.Contact.AnsweredAt) {
		// Only an answer settles what time it is.
		plan.AnsweredAt, plan.Started = time.Time{}, since
	}
	if doubted := k.DoubtedAt(a.ledger.Now()); !doubted.IsZero() {
		plan.AnsweredAt, plan.Started = time.Time{}, doubted
	}
	return plan
}

// patience is the licence's own freeride, if the policy tells nobody of silence
// in its first half: else to be in no hurry would show. 0 is none.
func patience(l license.License, p *enforcement.Policy) time.Duration {
	freeride, _ := l.Freeride()
	if steps := p.Ladder(enforcement.Unreachable); len(steps) > 0 {
		if from := steps[0].After.From; from != enforcement.HalfFreeride && from != enforcement.Freeride {
			return 0
		}
	}
	return freeride
}

// plan makes the plan of a job of this device from its history.
func (a *Agent) plan(c heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
	p := heartbeat.Plan{
		Schedule: s,
		Seed:     heartbeat.Seed(append([]string{a.install.Identity.ID}, seed...)...),
		Started:  a.ledger.Started(),
		History:  c,
	}
	if woken := a.woken.Load(); woken != 0 {
		p = p.Woken(time.Unix(0, woken).UTC())
	}
	return p
}

// ring is called when something changes by itself: it announces the decision
// that holds now and the warnings that are due, and sets the alarm anew.
func (a *Agent) ring() {
	defer func() {
		if v := recover(); v != nil {
			a.log.Error("licence agent: a callback panicked", "panic", v)
		}
	}()
	s, _ := a.ledger.Current()
	now := a.ledger.Aged()
	if !a.settling.holds() && a.alarm.Warn(&s.Decision, now) {
		a.events.Publish(GraceWarning{Decision: s.Decision, Left: s.Decision.Until.Sub(now)})
	}
	a.alarm.Set(&s.Decision, now)
}
