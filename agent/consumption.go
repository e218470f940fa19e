package agent

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/quota"
)

// Consumption is what became of an amount that was taken of a limitation.
type Consumption struct {
	LimitationID string
	// TransactionID is what [Agent.Rollback] wants; empty when Booked.
	TransactionID string
	// Booked: the server could not be asked; the amount was taken of what was
	// last known to remain and will be told to the server later.
	Booked bool
	// Remaining is what is left, less what was booked and not delivered yet; RemainingKnown is false where the server does not tell, as for a limitation without limit.
	Remaining      decimal.Decimal
	RemainingKnown bool
	NextReset      time.Time // zero when not told
}

// Consume takes an amount from a limitation, by its ID or name, and returns what
// is left. It asks the server while the caller waits. A transient failure is not
// tried again, because the repetition could count twice. When ctx ends meanwhile,
// Consume waits 2 s longer for the answer, because the server may have taken the
// amount.
//
// Without an answer the amount is refused. With Config.ConsumeOffline it is booked
// instead, as long as enough was last known to remain, also when ctx's deadline
// passes before the server can be asked. An amount that is refused because no answer came
// may still have been counted by the server; one that is booked is counted
// once. Amounts that were booked before are
// delivered first if all together may exceed the limit. The amount must be as for [Agent.UseAmount].
//
// The error is nil when the amount was taken, else an *[Error]; it wraps
// [ErrLimitReached] when the limit is used up.
func (a *Agent) Consume(ctx context.Context, limitation string, amount decimal.Decimal) (Consumption, error) {
	if err := checkAmount(amount); err != nil {
		return Consumption{}, opConsume.failed(err)
	}
	use := quota.Use{LimitationID: limitation, UserID: a.set.UserID, Value: amount, ExternalID: uuid.NewString()}
	var done quota.Taken
	asked := false
	err := opConsume.call(ctx, a, func(ctx context.Context) (err error) {
		asked = true
		done, err = a.quota.Take(ctx, use)
		return err
	})
	if !asked && errors.Is(err, context.DeadlineExceeded) {
		// Another call was under way for so long.
		done, err = a.quota.Book(ctx, use, cause(err))
		err = opConsume.failed(err)
	}
	if done.Booked {
		a.changed()
	}
	return Consumption(done), err
}

// ConsumptionStatus asks the server for the account of a limitation, by its ID or
// name, without taking anything: TransactionID is empty. [Agent.Limit] tells what is
// known without asking. An answer that says more is left than is known here is
// returned but not kept, because it could be an old one; only a reset whose time has
// come, or a newer licence, raises what is known.
func (a *Agent) ConsumptionStatus(ctx context.Context, limitation string) (Consumption, error) {
	var told quota.Taken
	err := opAskConsumption.call(ctx, a, func(ctx context.Context) (err error) {
		told, err = a.quota.Status(ctx, limitation)
		return err
	})
	return Consumption(told), err
}

// Rollback gives back what a transaction of [Agent.Consume] has taken. It then sends
// a heartbeat, because only an answer that cannot be replayed may raise what is
// known to be left. The error is nil when the server has the amount back, else an
// *[Error].
func (a *Agent) Rollback(ctx context.Context, c Consumption) error {
	if a.unmade() {
		return errNotMade
	}
	if c.TransactionID == "" {
		return opRollback.failed(inputError("there is no transaction to give back; an amount that was booked off line has none yet"))
	}
	if !isUUID(c.LimitationID) || !isUUID(c.TransactionID) {
		return opRollback.failed(inputError("the limitation ID or the transaction ID is not one that Consume returned"))
	}
	return opRollback.call(ctx, a, func(ctx context.Context) error {
		err := a.quota.Rollback(ctx, c.LimitationID, c.TransactionID)
		if err == nil {
			_ = a.lease.Heartbeat(ctx, false) // without an answer, the next one tells
		}
		return err
	})
}
