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
	// reason. They stay queued; entries of other kinds are delivered meanwhile.
	waiting map[string]bool
	// foreign says that entries of a later version are among those that are queued.
	// They stay for it: it may come back.
	foreign bool
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
			l := nextLoad(batch[:min(len(batch), batchSize)])
			later := batch[len(l.kept):]
			again, err := d.carry(ctx, l, later)
			if refused, ok := errors.AsType[undecidedError](err); ok {
				if open == nil {
					open = refused.error
				}
				d.wait(l.entries[0].Kind)
				break
			}
			if err != nil {
				return err
			}
			if again {
				break
			}
			batch = later
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
	if len(d.waiting) == 0 && !d.foreign {
		oldest, err := d.claim.Batch(ctx, batchSize)
		if d.foreign = slices.ContainsFunc(oldest, foreign); err != nil || !d.foreign {
			d.Outbox.foreign.Store(0)
			return oldest, err
		}
	}
	all, err := d.claim.Batch(ctx, math.MaxInt)
	count := len(all)
	all = slices.DeleteFunc(all, foreign)
	d.Outbox.foreign.Store(int64(count - len(all)))
	return slices.DeleteFunc(all, func(e journal.Entry) bool {
		q, _ := read(e)
		return d.waiting[q.Kind]
	}), err
}

// read reads an entry; ok is false for one that only a later version could have
// written.
func read(e journal.Entry) (q Entry, ok bool) {
	err := json.Unmarshal(e.Data, &q)
	return q, err == nil && q.known()
}

func foreign(e journal.Entry) bool {
	_, ok := read(e)
	return !ok
}

// A load is what one call can carry: the entries as they are kept, and what they
// say.
type load struct {
	kept    []journal.Entry
	entries []Entry
}

// after is the load without its first n entries.
func (l load) after(n int) load { return load{l.kept[n:], l.entries[n:]} }

// nextLoad returns the entries at the beginning of a batch that one call can
// carry: they are of one kind, and no analytical field is among them twice, for
// which there is a conflict (6003).
func nextLoad(batch []journal.Entry) (l load) {
	fields := make(map[string]bool)
	for i, e := range batch {
		q, _ := read(e) // it can be read: see batch
		field := strings.ToLower(q.Name)
		if i > 0 && q.Kind != l.entries[0].Kind || q.Kind == MeasureEntry && fields[field] {
			l.kept = batch[:i]
			return l
		}
		fields[field] = true
		l.entries = append(l.entries, q)
	}
	l.kept = batch
	return l
}

// carry delivers a load and acknowledges it. Where the server refuses it for the
// sake of what is in it, fewer entries are tried, down to the one that is refused
// by itself. later is what follows in the batch; again says that one of it, or of
// the load, was delivered before its turn, so that a new batch is needed.
func (d *delivery) carry(ctx context.Context, l load, later []journal.Entry) (again bool, err error) {
	for size := len(l.kept); len(l.kept) > 0; {
		size = min(size, len(l.kept))
		refused := d.send(ctx, l.entries[:size])
		switch blame := d.blame(refused); {
		case refused == nil:
			if err := d.settle(ctx, l.kept[:size]); err != nil {
				return false, err
			}
			l = l.after(size)
			size *= 2
		case blame == elsewhere:
			return false, refused
		case size > 1:
			size = fewer(size, blame)
		default:
			if again, err := d.settleRefused(ctx, l, later, refused, blame); again || err != nil {
				return again, err
			}
			l = l.after(1)
		}
	}
	return false, nil
}

// fewer is how many entries to try when that many were refused.
func fewer(size int, b blame) int {
	if b == suspected {
		return 1 // a server that refuses everything is not asked for each half
	}
	return size / 2
}

// settleRefused deals with the first entry of a load, which is refused by itself.
// One at fault is dropped, else nothing after it would ever arrive. again says that
// a later one was delivered before its turn.
func (d *delivery) settleRefused(ctx context.Context, l load, later []journal.Entry, refused error, b blame) (again bool, err error) {
	verdict := wornOut
	if b == suspected {
		verdict, err = d.judge(ctx, l.kept[0], l.entries[0], slices.Concat(l.kept[1:], later), refused)
		if err != nil {
			return false, err
		}
	}
	if verdict != acquitted {
		if err := d.reject(ctx, l.entries[0], refused); err != nil {
			return false, err
		}
	}
	return verdict != wornOut, d.settle(ctx, l.kept[:1])
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
	if len(d.waiting) > 0 || d.foreign {
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
