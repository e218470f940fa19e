package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// job is how the plan of deliveries is told from those of others.
const job = "delivery"

const (
	// interval is how long entries wait at most while the server answers.
	interval = time.Hour
	// Threshold is how many entries are delivered without waiting for
	// that, Pause after the last delivery at the earliest.
	Threshold = 200
	Pause     = time.Minute
)

// Next says when to deliver; zero when nothing is queued, or nothing
// can be delivered because no licence is held.
func (o *Outbox) Next(now time.Time) time.Time {
	n := o.pending.Load() - o.foreign.Load()
	if n <= 0 || !o.Ledger.Known().Facts.Held() {
		return time.Time{}
	}
	o.mu.Lock()
	history := o.history
	o.mu.Unlock()
	next := o.plan(history).Next(now)
	if n >= Threshold && history.Failures == 0 && !history.Denied {
		if soon := record.Latest(now, history.AnsweredAt.Add(Pause)); soon.Before(next) {
			next = soon
		}
	}
	return next
}

func (o *Outbox) plan(history heartbeat.History) heartbeat.Plan {
	if history.AnsweredAt.IsZero() {
		history.AnsweredAt = o.Ledger.Started()
	}
	return o.Plan(history, heartbeat.Nearest(interval), job)
}

// note remembers how a delivery went, for the plan of the next.
func (o *Outbox) note(err error) {
	now := o.Ledger.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	c := &o.history
	silence, _ := errors.AsType[*slascone.SilenceError](err)
	switch {
	case err == nil:
		*c = c.Answered(now, true, chance.Float64())
	case silence != nil && silence.Reason == slascone.Cancelled, silence == nil && errors.Is(err, context.Canceled):
		// The caller gave up, which says nothing about the server.
	case slascone.IsConflict(err):
		*c = c.Answered(now, false, chance.Float64())
	default:
		var retryAfter time.Duration
		if silence != nil {
			retryAfter = silence.RetryAfter
		}
		*c = c.Failed(o.plan(*c), now, retryAfter, chance.Float64())
	}
}
