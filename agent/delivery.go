package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

const (
	// deliveryInterval is how long entries wait at most while the server answers.
	deliveryInterval = time.Hour
	// deliveryThreshold is how many entries are delivered without waiting for
	// that, deliveryPause after the last delivery at the earliest.
	deliveryThreshold = 200
	deliveryPause     = time.Minute
	// batchSize is how many entries one call carries.
	batchSize = 200
)

// ReportRejected says: the server refused something that was to be reported, or
// it cannot be sent, and it was dropped so that the rest can follow.
type ReportRejected struct {
	Kind string // "usage", "measure" or "consumption"
	Name string // of the feature, or the ID of the field or limitation
	Err  error  // an *[Error]
}

func (ReportRejected) event() {}

// RejectedError is wrapped by the error of [Agent.Flush] when reports were
// dropped.
type RejectedError struct {
	Reports []ReportRejected // in the order of the queue; one at least
}

// Error tells of the first report, and how many more there were.
func (e *RejectedError) Error() string {
	first := e.Reports[0]
	text := fmt.Sprintf("the %s of %q was refused and dropped: %v", first.Kind, first.Name, cause(first.Err))
	if more := len(e.Reports) - 1; more > 0 {
		text += fmt.Sprintf("; so were %d more reports", more)
	}
	return text
}

// Unwrap returns why the first report was dropped.
func (e *RejectedError) Unwrap() error { return e.Reports[0].Err }

// cause is an error without the call that it came from.
func cause(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Err
	}
	return err
}

// Flush delivers what is queued now. What the server refuses for the report's
// own sake, for instance because it does not know an analytical field, is
// dropped and the rest delivered. What it refuses for another reason, the
// licence or the device, stays queued, as does what gets no answer. Where it
// does not say for what reason, the report waits, for a day at least if nothing
// shows that it is at fault, and those of other kinds go past it. When ctx
// ends while a report is under way, its answer is waited for a moment longer
// (2 s), because what the server has taken unheard is sent again.
//
// The error is nil when everything was taken, when there is no licence to
// report for, or while another window of the application is delivering; else it
// is an *[Error]. It wraps a *[RejectedError] when reports were dropped.
func (a *Agent) Flush(ctx context.Context) error {
	const op = "flush"
	return a.call(ctx, op, func(ctx context.Context) error {
		rejected, err := a.deliver(ctx)
		if len(rejected) == 0 {
			return err
		}
		dropped := &RejectedError{rejected}
		first, _ := errors.AsType[*Error](rejected[0].Err)
		told := &Error{Op: op, Kind: first.Kind, Code: first.Code, Err: dropped}
		if stop, ok := errors.AsType[*Error](wrap(op, err)); ok {
			told = &Error{Op: op, Kind: stop.Kind, Code: stop.Code, RetryAfter: stop.RetryAfter, Err: fmt.Errorf("%w; %w", stop.Err, dropped)}
		}
		return told
	})
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
	next := a.deliveryPlan(history).Next(now)
	if n >= deliveryThreshold && history.Failures == 0 && !history.Denied {
		if soon := record.Latest(now, history.AnsweredAt.Add(deliveryPause)); soon.Before(next) {
			next = soon
		}
	}
	return next
}

func (a *Agent) deliveryPlan(history heartbeat.History) heartbeat.Plan {
	if history.AnsweredAt.IsZero() {
		history.AnsweredAt = a.ledger.Started()
	}
	return a.plan(history, heartbeat.Nearest(deliveryInterval), jobDelivery)
}

// deliver empties the journal, and returns what was dropped of it, which is also
// told by events. The caller holds the line.
func (a *Agent) deliver(ctx context.Context) ([]ReportRejected, error) {
	if len(a.knowledge().JournalKey) == 0 || !a.knowledge().Facts.Held() {
		return nil, nil // nothing was ever queued, or the server does not know for whom
	}
	d := delivery{Agent: a}
	tried, err := d.deliver(ctx)
	if tried {
		a.noteDelivery(err)
	}
	return d.rejected, err
}

// delivery is one attempt to empty the journal.
type delivery struct {
	*Agent
	claim    *journal.Claim
	rejected []ReportRejected
	// waiting are the kinds of entries whose oldest one is refused for an unknown
	// reason. They stay queued; entries of other kinds go past them.
	waiting map[string]bool
}

// deliver makes the attempt; tried is false when there was nothing to deliver.
func (d *delivery) deliver(ctx context.Context) (tried bool, err error) {
	j, err := d.openQueue(ctx)
	if err != nil {
		return true, err
	}
	// Other windows of the application queue in the same journal.
	n, err := j.Pending(ctx)
	if err != nil {
		return true, err
	}
	k := d.knowledge()
	d.queue.claiming.Lock() // of this process nobody but a count, which is short, holds it
	defer d.queue.claiming.Unlock()
	if d.queue.pending.Store(int64(n)); n == 0 && !k.HasBooked() && d.queue.claim == nil {
		return false, nil
	}
	if d.queue.claim == nil {
		d.queue.claim, err = j.Claim()
	}
	if errors.Is(err, journal.ErrClaimed) {
		return true, nil // another window of the application is at it
	}
	if err != nil {
		return true, err
	}
	d.claim = d.queue.claim
	defer func() {
		if len(d.queue.taken) == 0 || d.turn.Ended() {
			d.queue.leaveClaim()
		}
	}()
	if err := d.settleTaken(ctx); err != nil {
		return true, err
	}
	if err := d.recount(ctx, d.claim); err != nil {
		return true, err
	}
	err = d.all(ctx)
	if n, countErr := j.Pending(ctx); countErr == nil {
		d.queue.pending.Store(int64(n))
	}
	return true, err
}

func (d *delivery) all(ctx context.Context) error {
	var open error // why some wait
	for {
		batch, err := d.batch(ctx)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return open
		}
		for len(batch) > 0 {
			run, entries := nextRun(batch[:min(len(batch), batchSize)])
			again, err := d.run(ctx, run, entries, batch[len(run):])
			if refused, ok := errors.AsType[undecidedError](err); ok {
				if open == nil {
					open = refused.error
				}
				d.wait(entries[0].Kind)
				break
			}
			if err != nil {
				return err
			}
			if again {
				break
			}
			batch = batch[len(run):]
		}
	}
}

// wait leaves a kind of entries for the next delivery.
func (d *delivery) wait(kind string) {
	if d.waiting == nil {
		d.waiting = make(map[string]bool)
	}
	d.waiting[kind] = true
}

// batch returns the oldest entries, or, when some must wait, all that need not.
func (d *delivery) batch(ctx context.Context) ([]journal.Entry, error) {
	if len(d.waiting) == 0 {
		return d.claim.Batch(ctx, batchSize)
	}
	all, err := d.claim.Batch(ctx, math.MaxInt)
	return slices.DeleteFunc(all, func(e journal.Entry) bool {
		q, _ := read(e)
		return d.waiting[q.Kind]
	}), err
}

// read reads an entry; ok is false for one that only a newer version could have
// written.
func read(e journal.Entry) (q queued, ok bool) {
	err := json.Unmarshal(e.Data, &q)
	return q, err == nil
}

// nextRun returns the entries at the beginning of a batch that one call can
// carry: they are of one kind, and no analytical field is among them twice, for
// which there is a conflict (6003). An entry that cannot be read is a run
// without entries.
func nextRun(batch []journal.Entry) (run []journal.Entry, entries []queued) {
	fields := make(map[string]bool)
	for i, e := range batch {
		q, ok := read(e)
		if !ok {
			if i == 0 {
				return batch[:1], nil
			}
			return batch[:i], entries
		}
		field := strings.ToLower(q.Name)
		if i > 0 && q.Kind != entries[0].Kind || q.Kind == measureEntry && fields[field] {
			return batch[:i], entries
		}
		fields[field] = true
		entries = append(entries, q)
	}
	return batch, entries
}

// run delivers what one call can carry and acknowledges it. Where the server
// refuses that for the sake of what is in it, fewer entries are tried, down to
// the one that is refused by itself: it is dropped, else nothing after it would
// ever arrive. later is what follows in the batch; again says that one of it, or
// of the run, was delivered before its turn, so that a new batch is needed.
func (d *delivery) run(ctx context.Context, run []journal.Entry, entries []queued, later []journal.Entry) (again bool, err error) {
	if len(entries) == 0 {
		return false, d.settle(ctx, run[:1])
	}
	for n := len(run); len(run) > 0; {
		n = min(n, len(run))
		err := d.send(ctx, entries[:n])
		switch blame := d.blame(err); {
		case err == nil:
			if err := d.settle(ctx, run[:n]); err != nil {
				return false, err
			}
			run, entries = run[n:], entries[n:]
			n *= 2
		case blame == elsewhere:
			return false, err
		case n > 1 && blame == suspected:
			n = 1 // a server that refuses everything is not asked for each
		case n > 1:
			n /= 2
		default:
			guilty, tried := true, false
			if blame == suspected {
				var stop error
				if guilty, tried, stop = d.convict(ctx, run[0], entries[0], slices.Concat(run[1:], later), err); stop != nil {
					return false, stop
				}
			}
			if guilty {
				if err := d.reject(ctx, entries[0], err); err != nil {
					return false, err
				}
			}
			if err := d.settle(ctx, run[:1]); err != nil || tried {
				return tried, err
			}
			run, entries = run[1:], entries[1:]
		}
	}
	return false, nil
}

// reject drops an entry.
func (d *delivery) reject(ctx context.Context, e queued, err error) error {
	d.tellRejected(e, err)
	if e.Kind != consumptionEntry {
		return nil
	}
	return d.ledger.Keep(ctx, func(k *record.Known) { k.ChangeAccount(e.Name, func(x *record.Account) { x.Unbook(e.Amount) }) })
}

func (d *delivery) tellRejected(e queued, err error) {
	told := wrap(d.turn.Name(), err).(*Error)
	if told.Kind != ConflictKind {
		// The call was understood as little as one that makes no sense.
		told = &Error{Op: told.Op, Kind: UsageKind, Err: told.Err}
	}
	d.log.Warn("a report was refused and dropped", "kind", e.Kind, "code", int(told.Code), "err", told)
	r := ReportRejected{Kind: e.Kind, Name: e.Name, Err: told}
	d.rejected = append(d.rejected, r)
	d.events.Publish(r)
}

// settle acknowledges entries that are the oldest, but for those that wait.
func (d *delivery) settle(ctx context.Context, entries []journal.Entry) error {
	if len(d.waiting) > 0 {
		return d.settleEach(ctx, entries)
	}
	return d.settleBy(ctx, entries, func(ctx context.Context) error {
		return d.claim.Acknowledge(ctx, entries[len(entries)-1].Position)
	})
}

// settleEach acknowledges entries, whatever is before them.
func (d *delivery) settleEach(ctx context.Context, entries []journal.Entry) error {
	return d.settleBy(ctx, entries, func(ctx context.Context) error {
		positions := make([]uint64, len(entries))
		for i, e := range entries {
			positions[i] = e.Position
		}
		return d.claim.AcknowledgeEach(ctx, positions...)
	})
}

// settleBy acknowledges, also when the caller has just given up: what the server
// has taken must not be sent again. What cannot be acknowledged, for instance on
// a full disk, is remembered.
func (d *delivery) settleBy(ctx context.Context, entries []journal.Entry, acknowledge func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := acknowledge(ctx); err != nil {
		d.queue.taken = append(d.queue.taken, entries...)
		return err
	}
	return nil
}

// settleTaken acknowledges what could not be before. Until it can, nothing is
// sent.
func (d *delivery) settleTaken(ctx context.Context) error {
	taken := d.queue.taken
	if len(taken) == 0 {
		return nil
	}
	pending, err := d.claim.Batch(ctx, math.MaxInt)
	if err != nil {
		return err
	}
	pending = slices.DeleteFunc(pending, func(e journal.Entry) bool {
		return !slices.ContainsFunc(taken, func(t journal.Entry) bool {
			return t.Position == e.Position && bytes.Equal(t.Data, e.Data) // else the file was lost, and this is another
		})
	})
	d.queue.taken = nil
	return d.settleEach(ctx, pending)
}

// send makes the call for entries of one kind. An unknown kind is passed over.
func (d *delivery) send(ctx context.Context, entries []queued) error {
	ctx, cancel := turn.WithGrace(ctx, turn.AnswerGrace)
	defer cancel()
	k := d.knowledge()
	switch entries[0].Kind {
	case usageEntry:
		return d.sendUsage(ctx, k, entries).AsError()
	case measureEntry:
		return d.sendMeasurements(ctx, k, entries).AsError()
	case consumptionEntry:
		answer := d.sendConsumption(ctx, k, entries)
		if err := answer.AsError(); err != nil {
			return err
		}
		for i, c := range answer.Value {
			if err := d.learnAccount(ctx, c, entries[i].Amount); err != nil {
				return err
			}
			if c.Refused() {
				d.tellRejected(entries[i], ErrLimitReached)
			}
		}
	}
	return nil
}

// noteDelivery remembers how a delivery went, for the plan of the next.
func (a *Agent) noteDelivery(err error) {
	now := a.ledger.Now()
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	c := &a.queue.contact
	silence, _ := errors.AsType[*slascone.SilenceError](err)
	switch {
	case err == nil:
		*c = c.Answered(now, true, rand.Float64())
	case silence != nil && silence.Reason == slascone.Cancelled:
		// The caller gave up, which says nothing about the server.
	case isConflict(err):
		*c = c.Answered(now, false, rand.Float64())
	default:
		var retryAfter time.Duration
		if silence != nil {
			retryAfter = silence.RetryAfter
		}
		*c = c.Failed(a.deliveryPlan(*c), now, retryAfter, rand.Float64())
	}
}
