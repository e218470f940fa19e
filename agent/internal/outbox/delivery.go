package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

const (
	// batchSize is how many entries one call carries.
	batchSize = 200
	// settleTimeout bounds how long the journal may take to note what the server
	// has taken.
	settleTimeout = 15 * time.Second
)

// Rejected is an entry that the server refused, or that cannot be sent, and that
// was dropped so that the rest can follow.
type Rejected struct {
	Kind string // one of the kinds of entries
	Name string
	Err  error // a *[slascone.ConflictError], a *[slascone.SilenceError] or [record.ErrLimitReached]
}

// Deliver empties the journal, and returns what was dropped of it, which is also
// told by events. The caller has the turn.
func (o *Outbox) Deliver(ctx context.Context) ([]Rejected, error) {
	if len(o.Ledger.Known().JournalKey) == 0 || !o.Ledger.Known().Facts.Held() {
		return nil, nil // nothing was ever queued, or the server does not know for whom
	}
	d := delivery{Outbox: o}
	tried, err := d.deliver(ctx)
	if tried {
		o.note(err)
	}
	return d.rejected, err
}

// delivery is one attempt to empty the journal.
type delivery struct {
	*Outbox
	claim    *journal.Claim
	rejected []Rejected
	// waiting are the kinds of entries whose oldest one is refused for an unknown
	// reason. They stay queued; entries of other kinds go past them.
	waiting map[string]bool
}

// deliver makes the attempt; tried is false when there was nothing to deliver.
func (d *delivery) deliver(ctx context.Context) (tried bool, err error) {
	j, err := d.Open(ctx)
	if err != nil {
		return true, err
	}
	// Other windows of the application queue in the same journal.
	n, err := j.Pending(ctx)
	if err != nil {
		return true, err
	}
	k := d.Ledger.Known()
	d.claiming.Lock() // of this process nobody but a count, which is short, holds it
	defer d.claiming.Unlock()
	if d.pending.Store(int64(n)); n == 0 && !k.HasBooked() && d.Outbox.claim == nil {
		return false, nil
	}
	if d.Outbox.claim == nil {
		d.Outbox.claim, err = j.Claim()
	}
	if errors.Is(err, journal.ErrClaimed) {
		return true, nil // another window of the application is at it
	}
	if err != nil {
		return true, err
	}
	d.claim = d.Outbox.claim
	defer func() {
		if len(d.taken) == 0 || d.Ended() {
			d.leaveClaim()
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
		d.pending.Store(int64(n))
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
func read(e journal.Entry) (q Entry, ok bool) {
	err := json.Unmarshal(e.Data, &q)
	return q, err == nil
}

// nextRun returns the entries at the beginning of a batch that one call can
// carry: they are of one kind, and no analytical field is among them twice, for
// which there is a conflict (6003). An entry that cannot be read is a run
// without entries.
func nextRun(batch []journal.Entry) (run []journal.Entry, entries []Entry) {
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
		if i > 0 && q.Kind != entries[0].Kind || q.Kind == MeasureEntry && fields[field] {
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
func (d *delivery) run(ctx context.Context, run []journal.Entry, entries []Entry, later []journal.Entry) (again bool, err error) {
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
func (d *delivery) reject(ctx context.Context, e Entry, err error) error {
	d.tellRejected(e, err)
	if e.Kind != ConsumptionEntry {
		return nil
	}
	return d.Ledger.Keep(ctx, func(k *record.Known) { k.ChangeAccount(e.Name, func(x *record.Account) { x.Unbook(e.Amount) }) })
}

func (d *delivery) tellRejected(e Entry, err error) {
	r := Rejected{Kind: e.Kind, Name: e.Name, Err: err}
	d.rejected = append(d.rejected, r)
	d.Outbox.Rejected(r)
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := acknowledge(ctx); err != nil {
		d.taken = append(d.taken, entries...)
		return err
	}
	return nil
}

// settleTaken acknowledges what could not be before. Until it can, nothing is
// sent.
func (d *delivery) settleTaken(ctx context.Context) error {
	taken := d.taken
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
	d.taken = nil
	return d.settleEach(ctx, pending)
}
