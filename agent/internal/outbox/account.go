package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// recount compares what is booked with what the journal holds. The two differ
// after a crash between writing the one and the other, or when the journal was
// removed: what is booked and not queued is queued again. The claim says that
// nobody is delivering.
func (o *Outbox) recount(ctx context.Context, claim *journal.Claim) error {
	entries, err := claim.Batch(ctx, math.MaxInt)
	if err != nil {
		return err
	}
	queuedUp := map[string]decimal.Decimal{}
	for _, e := range entries {
		var q Entry
		if json.Unmarshal(e.Data, &q) == nil && q.Kind == ConsumptionEntry {
			id := strings.ToLower(q.Name)
			queuedUp[id] = queuedUp[id].Add(q.Amount)
		}
	}
	now := o.Ledger.Now()
	o.Ledger.Refresh(ctx) // another window may have delivered since
	k := o.Ledger.Known()
	for _, lost := range k.Lost(queuedUp, now) {
		entry := Entry{Kind: ConsumptionEntry, Name: lost.LimitationID, Amount: lost.Booked, ID: uuid.NewString(), At: lost.BookedAt}
		if err := o.Add(ctx, entry); err != nil {
			return err
		}
		id := strings.ToLower(lost.LimitationID)
		queuedUp[id] = queuedUp[id].Add(lost.Booked)
	}
	if own := *k; !own.Recount(queuedUp, now) {
		return nil
	}
	return o.Ledger.Keep(ctx, func(k *record.Known) { k.Recount(queuedUp, now) })
}

// Recount makes what is booked in the record what the journal holds. Where another
// process delivers, it is that one which counts.
func (o *Outbox) Recount(ctx context.Context) error {
	j, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if !o.claiming.TryLock() {
		return nil // this one delivers
	}
	defer o.claiming.Unlock()
	claim, err := j.Claim()
	if errors.Is(err, journal.ErrClaimed) {
		return nil
	}
	if err != nil {
		return err
	}
	defer claim.Release()
	return o.recount(ctx, claim)
}
