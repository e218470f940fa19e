package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Consumption is what became of an amount that was taken of a limitation.
type Consumption struct {
	LimitationID string
	// TransactionID is what [Agent.Rollback] wants; empty when Booked.
	TransactionID string
	// Booked: the server could not be asked; the amount was taken of what was
	// last known to remain and will be told to the server later.
	Booked bool
	// Remaining is what is left; known is false where the server does not tell,
	// as for a limitation without limit.
	Remaining      decimal.Decimal
	RemainingKnown bool
	NextReset      time.Time // zero when not told
}

// unbook takes back what was booked, because the server has it now or has
// refused it.
func (x *account) unbook(amount decimal.Decimal) {
	x.Booked = decimal.Max(x.Booked.Sub(amount), decimal.Zero)
}

// ErrLimitReached is wrapped when an amount is refused because the limit, with
// any goodwill, is used up.
var ErrLimitReached = errors.New("the limit is reached")

// account is what is known of a limitation beside the licence itself.
type account struct {
	LimitationID string           `json:"limitation_id"`
	Remaining    *decimal.Decimal `json:"remaining,omitempty"` // as the server last told at At; nil: not told
	At           time.Time        `json:"at,omitzero"`         // trusted time
	Booked       decimal.Decimal  `json:"booked,omitzero"`     // taken off line and not yet delivered
}

// Consume takes an amount of a limitation, by its ID or name, and returns what
// is left. The server is asked while the caller waits; a transient failure is
// not tried again, because a repetition could count twice.
//
// Without an answer the amount is refused, or, with Config.ConsumeOffline,
// booked as long as what was last known to remain suffices.
//
// The error is nil when the amount was taken, else an *[Error]; it wraps
// [ErrLimitReached] when the limit is used up.
func (a *Agent) Consume(ctx context.Context, limitation string, amount decimal.Decimal) (Consumption, error) {
	const op = "consume"
	if amount.Sign() <= 0 {
		return Consumption{}, &Error{Op: op, Kind: UsageKind, Err: inputError(fmt.Sprintf("the amount %s is not above zero", amount))}
	}
	var done Consumption
	err := a.call(ctx, op, func(ctx context.Context) error {
		k := a.knowledge()
		if !k.Facts.Held() {
			return &Error{Op: op, Kind: UsageKind, Err: ErrNotActivated}
		}
		limit, ok := k.licence.Limitation(limitation)
		if !ok {
			return &Error{Op: op, Kind: UsageKind, Err: inputError(fmt.Sprintf("the licence has no limitation %q", limitation))}
		}
		use := queued{Kind: consumptionEntry, Name: limit.ID, Amount: amount, ID: uuid.NewString(), At: a.clock.Now().Time}
		answer := a.sendConsumption(ctx, k, []queued{use})
		if answer.Kind == slascone.Silence {
			err := errorOf(op, answer)
			if !a.set.ConsumeOffline || answer.Err.Reason == slascone.Cancelled {
				return err
			}
			done, err = a.book(ctx, op, limit, use, err)
			return err
		}
		if answer.Kind == slascone.No {
			err := errorOf(op, answer)
			if enforcement.Code(answer.Conflict.ID) == enforcement.ConsumptionExhausted {
				err = &Error{Op: op, Kind: ConflictKind, Code: enforcement.ConsumptionExhausted, Err: ErrLimitReached}
			}
			return err
		}
		result := answer.Value[0]
		if !result.Refused() && !a.queue.fresh(result.TransactionID) {
			return &Error{Op: op, Kind: IntegrityKind, Err: errors.New("the answer is one that was given before; nothing was taken")}
		}
		kept := a.learnAccount(ctx, op, result, decimal.Zero)
		if result.Refused() {
			return &Error{Op: op, Kind: ConflictKind, Code: enforcement.ConsumptionExhausted, Err: ErrLimitReached}
		}
		done = Consumption{LimitationID: limit.ID, TransactionID: result.TransactionID, NextReset: result.NextReset}
		if result.Remaining != nil {
			done.Remaining, done.RemainingKnown = *result.Remaining, true
		}
		return kept
	})
	return done, err
}

// Rollback gives back what a transaction of [Agent.Consume] has taken.
func (a *Agent) Rollback(ctx context.Context, c Consumption) error {
	const op = "rollback"
	if c.TransactionID == "" {
		return &Error{Op: op, Kind: UsageKind, Err: inputError("there is no transaction to give back; an amount that was booked off line has none yet")}
	}
	return a.call(ctx, op, func(ctx context.Context) error {
		answer := a.set.client.RollbackConsumption(ctx, c.LimitationID, c.TransactionID, a.serverTime(a.knowledge()))
		if err := errorOf(op, answer); err != nil {
			return err
		}
		return a.learnAccount(ctx, op, answer.Value, decimal.Zero)
	})
}

// book takes an amount without the server.
func (a *Agent) book(ctx context.Context, op string, limit license.Limitation, use queued, silence error) (Consumption, error) {
	done := Consumption{LimitationID: limit.ID, Booked: true}
	fits := false
	// First the record, then the journal: a crash between the two leaves less to
	// take off line, never more.
	if err := a.keep(ctx, op, func(k *knowledge) {
		left, known := k.remaining(limit)
		fits = limit.Unlimited() || known && left.Cmp(use.Amount) >= 0
		if !fits {
			return
		}
		k.changeAccount(limit.ID, func(x *account) { x.Booked = x.Booked.Add(use.Amount) })
		if known {
			done.Remaining, done.RemainingKnown = left.Sub(use.Amount), true
		}
	}); err != nil {
		return Consumption{}, err
	}
	if !fits {
		return Consumption{}, fmt.Errorf("%w; and off line no more than what was last known to remain can be taken", silence)
	}
	if err := a.enqueue(ctx, use); err != nil {
		return Consumption{}, &Error{Op: op, Kind: UsageKind, Err: err}
	}
	a.changed()
	return done, nil
}

// remaining is what is known to be left of a limitation, less what was taken
// off line since.
func (k *knowledge) remaining(limit license.Limitation) (left decimal.Decimal, known bool) {
	told, at := limit.Remaining, k.ReceivedAt
	i := slices.IndexFunc(k.Accounts, func(x account) bool { return strings.EqualFold(x.LimitationID, limit.ID) })
	if i >= 0 && k.Accounts[i].Remaining != nil && !k.Accounts[i].At.Before(at) {
		told = k.Accounts[i].Remaining
	}
	if told == nil {
		return decimal.Zero, false
	}
	left = *told
	if i >= 0 {
		left = left.Sub(k.Accounts[i].Booked)
	}
	return left, true
}

// changeAccount changes the account of a limitation in a list of its own.
func (k *knowledge) changeAccount(limitationID string, change func(*account)) {
	k.Accounts = slices.Clone(k.Accounts)
	i := slices.IndexFunc(k.Accounts, func(x account) bool { return strings.EqualFold(x.LimitationID, limitationID) })
	if i < 0 {
		i = len(k.Accounts)
		k.Accounts = append(k.Accounts, account{LimitationID: limitationID})
	}
	change(&k.Accounts[i])
}

// learnAccount learns what the server says of a limitation, and that an amount
// which was booked has been delivered.
func (a *Agent) learnAccount(ctx context.Context, op string, c slascone.Consumption, delivered decimal.Decimal) error {
	now := a.clock.Now().Time
	return a.keep(ctx, op, func(k *knowledge) {
		k.changeAccount(c.LimitationID, func(x *account) {
			x.Remaining, x.At = c.Remaining, now
			x.unbook(delivered)
		})
	})
}

// sendConsumption tells the server of amounts that follow one another.
func (a *Agent) sendConsumption(ctx context.Context, k knowledge, entries []queued) slascone.Answer[[]slascone.Consumption] {
	h := slascone.ConsumptionHeartbeat{ClientID: a.clientID, TokenKey: k.licence.TokenKey()}
	for _, e := range entries {
		h.Uses = append(h.Uses, slascone.ConsumptionUse{LimitationID: e.Name, UserID: a.set.UserID, ExternalID: e.ID, At: e.At, Value: e.Amount})
	}
	return a.set.client.Consume(ctx, h, a.serverTime(k))
}
