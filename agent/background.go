package agent

import (
	"context"
	"errors"
	"time"

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
			a.pace.Woke(now)
			a.ledger.Resume(now, slept)
			a.ring()
		},
	},
		heartbeat.Job{Name: jobHeartbeat, Next: a.lease.Next, Run: func(ctx context.Context) error {
			err := a.contact(ctx, false)
			a.changed()
			return err
		}},
		heartbeat.Job{Name: jobSeat, Next: a.seat.Next, Run: func(ctx context.Context) error {
			return opRenewSession.call(ctx, a, a.seat.Renew)
		}},
		heartbeat.Job{Name: jobLine, Next: a.process.Next, Run: a.process.Keep},
		heartbeat.Job{Name: jobSeeding, Next: a.seeding.Next, Run: a.seed},
		heartbeat.Job{Name: jobDelivery, Next: a.outbox.Next, Run: func(ctx context.Context) error {
			return opFlush.call(ctx, a, func(ctx context.Context) error {
				_, err := a.outbox.Deliver(ctx)
				return err
			})
		}},
	)
}

// changed has the background jobs planned anew.
func (a *Agent) changed() {
	if a.unmade() {
		return
	}
	a.runMu.Lock()
	defer a.runMu.Unlock()
	if a.runner != nil {
		a.runner.Changed()
	}
}

// network stands for the networks of this computer. Only the runner looks at it.
type network struct {
	addresses func() string // in tests; nil: as the system tells them
}

// noticeNetwork looks whether the computer has come to another network.
func (a *Agent) noticeNetwork(now time.Time, failing bool) {
	a.pace.Addresses = a.network.addresses
	a.pace.Notice(now, failing)
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
	if !a.settling.Holds() && a.alarm.Warn(&s.Decision, now) {
		a.events.Publish(GraceWarning{Decision: s.Decision, Left: s.Decision.Until.Sub(now)})
	}
	a.alarm.Set(&s.Decision, now)
}

// seed activates the key that was laid down. What comes of it is what the next try
// is planned from.
func (a *Agent) seed(ctx context.Context) error {
	_, err := a.Activate(ctx, a.set.seeded.key)
	if err != nil {
		e, _ := errors.AsType[*Error](err)
		a.seeding.Failed(err, e != nil && e.Kind == KindConflict)
	}
	return err
}
