package agent

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

const (
	// deliveryInterval is how long entries wait at most while the server answers.
	deliveryInterval = time.Hour
	// deliveryThreshold is how many entries are delivered without waiting.
	deliveryThreshold = 200
	// batchSize is how many entries one call carries.
	batchSize = 200
)

// ReportRejected says: the server refused something that was to be reported, and it
// was dropped so that the rest can follow.
type ReportRejected struct {
	Kind string // "usage", "measure" or "consumption"
	Name string // of the feature, or the ID of the field or limitation
	Err  error
}

func (ReportRejected) event() {}

// Flush delivers what is queued now. The error is nil when nothing is left,
// else an *[Error]; what was not delivered stays queued.
func (a *Agent) Flush(ctx context.Context) error {
	return a.call(ctx, "flush", a.deliver)
}

// nextDelivery says when to deliver; zero when nothing is queued, or nothing
// can be delivered because no licence is held.
func (a *Agent) nextDelivery(now time.Time) time.Time {
	n := a.queue.pending.Load()
	if n == 0 || !a.knowledge().Facts.Held() {
		return time.Time{}
	}
	a.queue.mu.Lock()
	history := a.queue.contact
	a.queue.mu.Unlock()
	if n >= deliveryThreshold && history.Failures == 0 {
		return now
	}
	return a.deliveryPlan(history).Next(now)
}

func (a *Agent) deliveryPlan(history contact) heartbeat.Plan {
	if history.AnsweredAt.IsZero() {
		history.AnsweredAt = a.started
	}
	return a.plan(history, every(deliveryInterval), a.device.ID, jobDelivery)
}

// deliver empties the journal. The caller holds the line.
func (a *Agent) deliver(ctx context.Context) error {
	const op = "flush"
	if len(a.knowledge().JournalKey) == 0 || !a.knowledge().Facts.Held() {
		return nil // nothing was ever queued, or the server does not know for whom
	}
	j, err := a.openQueue(ctx)
	if err != nil {
		return &Error{Op: op, Kind: UsageKind, Err: err}
	}
	// Other windows of the application queue in the same journal.
	n, err := j.Pending(ctx)
	if err != nil {
		return &Error{Op: op, Kind: UsageKind, Err: err}
	}
	if a.queue.pending.Store(int64(n)); n == 0 {
		return nil
	}
	claim, err := j.Claim()
	if errors.Is(err, journal.ErrClaimed) {
		return nil // another window of the application is at it
	}
	if err != nil {
		return &Error{Op: op, Kind: UsageKind, Err: err}
	}
	defer claim.Release()
	err = a.deliverAll(ctx, op, claim)
	if n, countErr := j.Pending(ctx); countErr == nil {
		a.queue.pending.Store(int64(n))
	}
	a.noteDelivery(err)
	return err
}

func (a *Agent) deliverAll(ctx context.Context, op string, claim *journal.Claim) error {
	for {
		batch, err := claim.Batch(ctx, batchSize)
		if err != nil {
			return &Error{Op: op, Kind: UsageKind, Err: err}
		}
		if len(batch) == 0 {
			return nil
		}
		for len(batch) > 0 {
			run, entries := nextRun(batch)
			if err := a.deliverRun(ctx, op, claim, run, entries); err != nil {
				return err
			}
			batch = batch[len(run):]
		}
	}
}

// nextRun returns the entries of one kind at the beginning of a batch. An entry
// that cannot be read, which only a newer version could have written, is a run
// without entries.
func nextRun(batch []journal.Entry) (run []journal.Entry, entries []queued) {
	for i, e := range batch {
		var q queued
		if err := json.Unmarshal(e.Data, &q); err != nil {
			if i == 0 {
				return batch[:1], nil
			}
			return batch[:i], entries
		}
		if i > 0 && q.Kind != entries[0].Kind {
			return batch[:i], entries
		}
		entries = append(entries, q)
	}
	return batch, entries
}

// deliverRun delivers entries of one kind and acknowledges them. When the
// server refuses several, they are delivered one by one, and the one that it
// refuses by itself is dropped: else nothing after it would ever arrive.
func (a *Agent) deliverRun(ctx context.Context, op string, claim *journal.Claim, run []journal.Entry, entries []queued) error {
	err := a.send(ctx, op, entries)
	refused, _ := errors.AsType[*Error](err)
	switch {
	case err == nil:
	case refused == nil || refused.Kind != ConflictKind:
		return err
	case len(run) > 1:
		for i := range run {
			if err := a.deliverRun(ctx, op, claim, run[i:i+1], entries[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	default:
		a.log.Warn("a report was refused and dropped", "kind", entries[0].Kind, "code", int(refused.Code))
		a.events.publish(ReportRejected{Kind: entries[0].Kind, Name: entries[0].Name, Err: err})
		if e := entries[0]; e.Kind == consumptionEntry {
			if err := a.keep(ctx, op, func(k *knowledge) { k.changeAccount(e.Name, func(x *account) { x.unbook(e.Amount) }) }); err != nil {
				return err
			}
		}
	}
	if err := claim.Acknowledge(ctx, run[len(run)-1].Position); err != nil {
		return &Error{Op: op, Kind: UsageKind, Err: err}
	}
	return nil
}

// send makes the call for entries of one kind. An unknown kind is passed over.
func (a *Agent) send(ctx context.Context, op string, entries []queued) error {
	if len(entries) == 0 {
		return nil
	}
	k := a.knowledge()
	switch entries[0].Kind {
	case usageEntry:
		return errorOf(op, a.sendUsage(ctx, k, entries))
	case measureEntry:
		return errorOf(op, a.sendMeasurements(ctx, k, entries))
	case consumptionEntry:
		answer := a.sendConsumption(ctx, k, entries)
		if err := errorOf(op, answer); err != nil {
			return err
		}
		for i, c := range answer.Value {
			if err := a.learnAccount(ctx, op, c, entries[i].Amount); err != nil {
				return err
			}
			if c.Refused() {
				a.events.publish(ReportRejected{Kind: consumptionEntry, Name: c.LimitationID, Err: ErrLimitReached})
			}
		}
	}
	return nil
}

// noteDelivery remembers how a delivery went, for the plan of the next.
func (a *Agent) noteDelivery(err error) {
	now := a.clock.Now().Time
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	if e, ok := errors.AsType[*Error](err); ok && (e.Kind == SilenceKind || e.Kind == IntegrityKind) {
		if e, ok := errors.AsType[*slascone.SilenceError](err); !ok || e.Reason != slascone.Cancelled {
			a.queue.contact = a.queue.contact.failed(a.deliveryPlan(a.queue.contact), now, 0)
		}
		return
	}
	a.queue.contact = a.queue.contact.answered(now, true)
}
