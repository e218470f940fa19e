package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// recount makes what is booked what the journal holds. The two differ after a
// crash between writing the one and the other. The claim says that nobody is
// delivering.
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
	k := o.Ledger.Known()
	if !k.Recount(queuedUp, now) {
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
