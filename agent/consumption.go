package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// Consumption is what became of an amount that was taken of a limitation.
type Consumption struct {
	LimitationID string
	// TransactionID is what [Agent.Rollback] wants; empty when Booked.
	TransactionID string
	// Booked: the server could not be asked; the amount was taken of what was
	// last known to remain and will be told to the server later.
	Booked bool
	// Remaining is what is left, less what was booked and not delivered yet; known
	// is false where the server does not tell, as for a limitation without limit.
	Remaining      decimal.Decimal
	RemainingKnown bool
	NextReset      time.Time // zero when not told
}

// ErrLimitReached is wrapped when an amount is refused because the limit, with
// any goodwill, is used up.
var ErrLimitReached = record.ErrLimitReached

var (
	errReplayed      = errors.New("the answer is one that was given before; nothing was taken")
	errStillReported = errors.New("what was taken off line is still being reported by another window of the application; try again")
)

// Consume takes an amount of a limitation, by its ID or name, and returns what
// is left. The server is asked while the caller waits; a transient failure is
// not tried again, because a repetition could count twice. When ctx ends
// meanwhile, the answer is waited for a moment longer (2 s), because the server
// may have taken the amount.
//
// Without an answer the amount is refused, or, with Config.ConsumeOffline,
// booked as long as what was last known to remain suffices; so it is where ctx's
// deadline passes before the server can be asked. One that is refused for want of
// an answer may still be counted by the server, one that is booked is counted
// once. What was booked before is delivered first where the two together may
// exceed the limit. The amount must be as for [Agent.UseAmount].
//
// The error is nil when the amount was taken, else an *[Error]; it wraps
// [ErrLimitReached] when the limit is used up.
func (a *Agent) Consume(ctx context.Context, limitation string, amount decimal.Decimal) (Consumption, error) {
	const op = "consume"
	if err := checkAmount(amount); err != nil {
		return Consumption{}, wrap(op, err)
	}
	use := queued{Kind: consumptionEntry, Name: limitation, Amount: amount, ID: uuid.NewString()}
	var done Consumption
	asked := false
	err := a.call(ctx, op, func(ctx context.Context) (err error) {
		asked = true
		done, err = a.take(ctx, use)
		return err
	})
	if !asked && errors.Is(err, context.DeadlineExceeded) {
		// Another call was under way for so long.
		done, err = a.bookInstead(ctx, use, cause(err))
		err = wrap(op, err)
	}
	return done, err
}

// take asks the server for an amount. The caller holds the line.
func (a *Agent) take(ctx context.Context, use queued) (Consumption, error) {
	k, limit, err := a.limitation(use.Name)
	if err != nil {
		return Consumption{}, err
	}
	cancelled := func() bool { return errors.Is(ctx.Err(), context.Canceled) }
	if left, known := k.Remaining(limit); !limit.Unlimited() && k.Account(limit.ID).Booked.IsPositive() && (!known || left.LessThan(use.Amount)) {
		_, undelivered := a.deliver(ctx)
		if k, limit, err = a.limitation(use.Name); err != nil {
			return Consumption{}, err
		}
		if k.Account(limit.ID).Booked.IsPositive() { // other reports that could not be delivered do not matter here
			switch {
			case undelivered == nil:
				return Consumption{}, errStillReported
			case cancelled():
				return Consumption{}, undelivered
			}
			return a.bookInstead(ctx, use, undelivered)
		}
	}
	if cancelled() {
		return Consumption{}, &turn.NotCalledError{Err: ctx.Err()}
	}
	use.Name, use.At = limit.ID, a.ledger.Now()
	waiting, stop := turn.WithGrace(ctx, turn.AnswerGrace)
	defer stop()
	free := a.queue.reserve(limit.ID, use.Amount)
	defer free()
	answer := a.sendConsumption(waiting, k, []queued{use})
	switch answer.Kind {
	case slascone.Silence:
		free()
		return a.bookInstead(ctx, use, answer.AsError())
	case slascone.No:
		if enforcement.Code(answer.Conflict.ID) == enforcement.ConsumptionExhausted {
			return Consumption{}, ErrLimitReached
		}
		return Consumption{}, answer.AsError()
	}
	result := answer.Value[0]
	if !result.Refused() && !a.queue.fresh(result.TransactionID) {
		return Consumption{}, errReplayed
	}
	// Where the account cannot be kept, that is told by an event; the amount is
	// taken or refused all the same.
	_ = a.learnAccount(ctx, result, decimal.Zero)
	if result.Refused() {
		return Consumption{}, ErrLimitReached
	}
	done := Consumption{LimitationID: limit.ID, TransactionID: result.TransactionID, NextReset: result.NextReset}
	if result.Remaining != nil {
		k := a.knowledge()
		done.Remaining, done.RemainingKnown = result.Remaining.Sub(k.Account(limit.ID).Booked), true
	}
	return done, nil
}

// limitation finds a limitation of the licence that is held.
func (a *Agent) limitation(name string) (record.Known, license.Limitation, error) {
	k := a.knowledge()
	if !k.Facts.Held() {
		return k, license.Limitation{}, ErrNotActivated
	}
	limit, ok := k.Licence.Limitation(name)
	if !ok {
		return k, limit, inputError(fmt.Sprintf("the licence has no limitation %q", name))
	}
	return k, limit, nil
}

// bookInstead books an amount that the server could not be asked for, if that
// is permitted; else the error is what it failed with.
func (a *Agent) bookInstead(ctx context.Context, use queued, failure error) (Consumption, error) {
	// What the server does not understand now it would not take later.
	if !a.set.ConsumeOffline || !isUnheard(failure) || a.blame(failure) != elsewhere {
		return Consumption{}, failure
	}
	// The server may have the amount: it must not be left to a caller who has given
	// up whether it is known here too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	_, limit, err := a.limitation(use.Name)
	if err != nil {
		return Consumption{}, err
	}
	use.Name, use.At = limit.ID, a.ledger.Now()
	return a.book(ctx, use, failure)
}

// Rollback gives back what a transaction of [Agent.Consume] has taken. The error
// is nil when the server has it back, else an *[Error].
func (a *Agent) Rollback(ctx context.Context, c Consumption) error {
	const op = "rollback"
	if c.TransactionID == "" {
		return wrap(op, inputError("there is no transaction to give back; an amount that was booked off line has none yet"))
	}
	return a.call(ctx, op, func(ctx context.Context) error {
		answer := a.set.client.RollbackConsumption(ctx, c.LimitationID, c.TransactionID, a.ledger.ServerTime())
		if err := answer.AsError(); err != nil {
			return err
		}
		// Where the account cannot be kept, that is told by an event.
		_ = a.learnAccount(ctx, answer.Value, decimal.Zero)
		return nil
	})
}

// book takes an amount without the server.
func (a *Agent) book(ctx context.Context, use queued, silence error) (Consumption, error) {
	if err := a.recountQueue(ctx); err != nil {
		return Consumption{}, err
	}
	done := Consumption{LimitationID: use.Name, Booked: true}
	fits := false
	// First the record, then the journal: a crash between the two leaves less to
	// take off line until the next count, never more.
	err := a.ledger.Keep(ctx, func(k *record.Known) {
		limit, held := k.Licence.Limitation(use.Name)
		left, known := k.Remaining(limit)
		left = left.Sub(a.queue.asked(use.Name)) // the server may be giving it away now
		fits = held && (limit.Unlimited() || known && left.Cmp(use.Amount) >= 0)
		if !fits {
			return
		}
		k.ChangeAccount(limit.ID, func(x *record.Account) { x.Book(use.Amount, use.At) })
		if known {
			done.Remaining, done.RemainingKnown = left.Sub(use.Amount), true
		}
	})
	if err == nil && !fits {
		return Consumption{}, fmt.Errorf("%w; and off line no more than what was last known to remain can be taken", silence)
	}
	if err == nil {
		err = a.enqueue(ctx, use)
	}
	if err != nil {
		if fits {
			_ = a.ledger.Keep(ctx, func(k *record.Known) { k.ChangeAccount(use.Name, func(x *record.Account) { x.Unbook(use.Amount) }) })
		}
		return Consumption{}, err
	}
	a.changed()
	return done, nil
}

// recount makes what is booked what the journal holds. The two differ after a
// crash between writing the one and the other. The claim says that nobody is
// delivering.
func (a *Agent) recount(ctx context.Context, claim *journal.Claim) error {
	entries, err := claim.Batch(ctx, math.MaxInt)
	if err != nil {
		return err
	}
	queuedUp := map[string]decimal.Decimal{}
	for _, e := range entries {
		var q queued
		if json.Unmarshal(e.Data, &q) == nil && q.Kind == consumptionEntry {
			id := strings.ToLower(q.Name)
			queuedUp[id] = queuedUp[id].Add(q.Amount)
		}
	}
	now := a.ledger.Now()
	k := a.knowledge()
	if !k.Recount(queuedUp, now) {
		return nil
	}
	return a.ledger.Keep(ctx, func(k *record.Known) { k.Recount(queuedUp, now) })
}

// recountQueue is recount for who has no claim. Where another process delivers,
// it is that one which counts.
func (a *Agent) recountQueue(ctx context.Context) error {
	j, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	if !a.queue.claiming.TryLock() {
		return nil // this one delivers
	}
	defer a.queue.claiming.Unlock()
	claim, err := j.Claim()
	if errors.Is(err, journal.ErrClaimed) {
		return nil
	}
	if err != nil {
		return err
	}
	defer claim.Release()
	return a.recount(ctx, claim)
}

// learnAccount learns what the server says of a limitation, and that an amount
// which was booked has been delivered.
func (a *Agent) learnAccount(ctx context.Context, c slascone.Consumption, delivered decimal.Decimal) error {
	return a.ledger.Keep(ctx, func(k *record.Known) {
		k.ChangeAccount(c.LimitationID, func(x *record.Account) {
			x.Remaining, x.NextReset, x.After = c.Remaining, c.NextReset, k.ReceivedAt
			x.Unbook(delivered)
		})
	})
}

// sendConsumption tells the server of amounts that follow one another.
func (a *Agent) sendConsumption(ctx context.Context, k record.Known, entries []queued) slascone.Answer[[]slascone.Consumption] {
	h := slascone.ConsumptionHeartbeat{ClientID: a.install.ClientID, TokenKey: k.Licence.TokenKey()}
	for _, e := range entries {
		h.Uses = append(h.Uses, slascone.ConsumptionUse{LimitationID: e.Name, UserID: a.set.UserID, ExternalID: e.ID, At: e.At, Value: e.Amount})
	}
	return a.set.client.Consume(ctx, h, k.ServerTime(a.ledger.Now()))
}
