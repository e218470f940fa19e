package outbox

import (
	"context"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// send makes the call for entries of one kind.
func (d *delivery) send(ctx context.Context, entries []Entry) error {
	ctx, cancel := turn.WithGrace(ctx, turn.AnswerGrace)
	defer cancel()
	k := d.Ledger.Known()
	switch entries[0].Kind {
	case UsageEntry:
		return d.sendUsage(ctx, k, entries).AsError()
	case MeasureEntry:
		return d.sendMeasurements(ctx, k, entries).AsError()
	case ConsumptionEntry:
		answer := d.sendConsumption(ctx, k, entries)
		if err := answer.AsError(); err != nil {
			return err
		}
		for i, c := range answer.Value {
			fresh, err := ledger.Learn(ctx, d.Ledger, func(k *record.Known) bool {
				before := k.Transactions
				if !k.NewTransaction("entry " + entries[i].ID) {
					// It was delivered before, and that was not acknowledged.
					k.ChangeAccount(c.LimitationID, func(x *record.Account) { x.Unbook(entries[i].Amount) })
					return true
				}
				if !c.Refused() && !k.NewTransaction(c.TransactionID) {
					k.Transactions = before
					return false
				}
				k.LearnSpending(c, entries[i].Amount, entries[i].Amount, d.Ledger.Now())
				return true
			})
			if err == nil && !fresh {
				err = errReplayed
			}
			if err != nil {
				return err
			}
			if c.Refused() {
				d.tellRejected(entries[i], record.ErrLimitReached)
			}
		}
	}
	return nil
}

// sendUsage delivers uses that follow one another in the journal.
func (o *Outbox) sendUsage(ctx context.Context, k *record.Known, entries []Entry) slascone.Answer[struct{}] {
	h := slascone.NamedUsageHeartbeat{
		ClientID: o.ClientID, UserID: o.UserID, TokenKey: k.License.TokenKey(),
		CreateFeatures: true,
	}
	for _, e := range addUp(entries, usageInterval) {
		h.Usages = append(h.Usages, slascone.NamedUsage{Feature: e.Name, At: e.At, Value: e.Amount})
	}
	return o.Client.SendNamedUsage(ctx, h, k.ServerTime(o.Ledger.Now()))
}

// sendMeasurements delivers measurements that follow one another.
func (o *Outbox) sendMeasurements(ctx context.Context, k *record.Known, entries []Entry) slascone.Answer[struct{}] {
	h := slascone.AnalyticalHeartbeat{ClientID: o.ClientID, UserID: o.UserID, TokenKey: k.License.TokenKey()}
	for _, e := range entries {
		h.Measurements = append(h.Measurements, slascone.Measurement{FieldID: e.Name, Value: e.Value, At: e.At})
	}
	return o.Client.SendAnalytics(ctx, h, k.ServerTime(o.Ledger.Now()))
}

// sendConsumption tells the server of amounts that follow one another.
func (o *Outbox) sendConsumption(ctx context.Context, k *record.Known, entries []Entry) slascone.Answer[[]slascone.Consumption] {
	h := slascone.ConsumptionHeartbeat{ClientID: o.ClientID, TokenKey: k.License.TokenKey()}
	for _, e := range entries {
		h.Uses = append(h.Uses, slascone.ConsumptionUse{LimitationID: e.Name, UserID: o.UserID, ExternalID: e.ID, At: e.At, Value: e.Amount})
	}
	return o.Client.Consume(ctx, h, k.ServerTime(o.Ledger.Now()))
}

// errReplayed: what was delivered stays queued.
var errReplayed = &slascone.SilenceError{Reason: slascone.Stale, Status: 200, Detail: "the answer is one that was given before; nothing was delivered"}
