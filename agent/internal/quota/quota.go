package quota

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Use is an amount to take of a limitation.
type Use = slascone.ConsumptionUse

// Taken is what became of an amount.
type Taken struct {
	LimitationID   string
	TransactionID  string // empty when Booked
	Booked         bool
	Remaining      decimal.Decimal
	RemainingKnown bool
	NextReset      time.Time // zero when not told
}

// A Quota takes amounts of limitations. Make it with [New].
type Quota struct {
	Config

	mu sync.Mutex // guards what follows
	// asking are the amounts of limitations, by their IDs in lower case, that the
	// server is being asked for.
	asking map[string]decimal.Decimal
}

// Config is what a Quota needs. All fields are required.
type Config struct {
	Ledger   *ledger.Ledger
	Client   *slascone.Client
	ClientID string
	Offline  bool // an amount may be booked without the server

	// Deliver tells the server what was booked before.
	Deliver func(context.Context) error
	// Recount makes what is booked in the record what is in the journal.
	Recount func(context.Context) error
	// Add puts an amount that was booked into the journal.
	Add func(context.Context, Use) error
	// Unheard says of the failure of a call that the server may never have heard of
	// it, and would take it later.
	Unheard func(error) bool
}

// New returns a Quota.
func New(c Config) *Quota { return &Quota{Config: c} }

var (
	// ErrReplayed is returned when an answer is one that was given before.
	ErrReplayed = errors.New("the answer is one that was given before; nothing was taken")
	// ErrStillReported is returned when it is not known what is left.
	ErrStillReported = errors.New("what was taken off line is still being reported by another window of the application; try again")
)

// An UnknownError names a limitation that the licence does not have.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("the licence has no limitation %q", e.Name) }

// bookTimeout bounds how long booking may take when the caller has given up.
const bookTimeout = 15 * time.Second

// Take asks the server for an amount. The caller has the turn.
//
// It is long because it is one transaction, with each way out where it belongs.
func (q *Quota) Take(ctx context.Context, use Use) (Taken, error) {
	k, limit, err := q.limitation(use.LimitationID)
	if err != nil {
		return Taken{}, err
	}
	cancelled := func() bool { return errors.Is(ctx.Err(), context.Canceled) }
	if left, known := k.Remaining(limit); !limit.Unlimited() && k.Account(limit.ID).Booked.IsPositive() && (!known || left.LessThan(use.Value)) {
		undelivered := q.Deliver(ctx)
		if k, limit, err = q.limitation(use.LimitationID); err != nil {
			return Taken{}, err
		}
		if k.Account(limit.ID).Booked.IsPositive() { // other reports that could not be delivered do not matter here
			switch {
			case undelivered == nil:
				return Taken{}, ErrStillReported
			case cancelled():
				return Taken{}, undelivered
			}
			return q.Book(ctx, use, undelivered)
		}
	}
	if cancelled() {
		return Taken{}, &turn.NotCalledError{Err: ctx.Err()}
	}
	use.LimitationID, use.At = limit.ID, q.Ledger.Now()
	waiting, stop := turn.WithGrace(ctx, turn.AnswerGrace)
	defer stop()
	free := q.reserve(limit.ID, use.Value)
	defer free()
	answer := q.ask(waiting, k, use)
	switch answer.Kind {
	case slascone.Silence:
		free()
		return q.Book(ctx, use, answer.AsError())
	case slascone.No:
		if enforcement.Code(answer.Conflict.ID) == enforcement.ConsumptionExhausted {
			return Taken{}, record.ErrLimitReached
		}
		return Taken{}, answer.AsError()
	}
	result := answer.Value[0]
	// Where the account cannot be kept, that is told by an event; the amount is
	// taken or refused all the same.
	fresh, _ := ledger.Learn(ctx, q.Ledger, func(k *record.Known) bool {
		if !result.Refused() && !k.NewTransaction(result.TransactionID) {
			return false
		}
		k.LearnSpending(result, use.Value, decimal.Zero, q.Ledger.Now())
		return true
	})
	if !fresh {
		return Taken{}, ErrReplayed
	}
	if result.Refused() {
		return Taken{}, record.ErrLimitReached
	}
	done := Taken{LimitationID: limit.ID, TransactionID: result.TransactionID, NextReset: result.NextReset}
	if result.Remaining != nil {
		k := q.Ledger.Known()
		done.Remaining, done.RemainingKnown = result.Remaining.Sub(k.Account(limit.ID).Booked), true
	}
	return done, nil
}

// limitation finds a limitation of the licence that is held.
func (q *Quota) limitation(name string) (*record.Known, license.Limitation, error) {
	k := q.Ledger.Known()
	if !k.Facts.Held() {
		return k, license.Limitation{}, record.ErrNotActivated
	}
	limit, ok := k.License.Limitation(name)
	if !ok {
		return k, limit, &UnknownError{name}
	}
	return k, limit, nil
}

// Book books an amount that the server could not be asked for, if that
// is permitted; else the error is what it failed with.
func (q *Quota) Book(ctx context.Context, use Use, failure error) (Taken, error) {
	// What the server does not understand now it would not take later.
	if !q.Offline || !q.Unheard(failure) {
		return Taken{}, failure
	}
	// The server may have the amount: it must not be left to a caller who has given
	// up whether it is known here too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bookTimeout)
	defer cancel()
	_, limit, err := q.limitation(use.LimitationID)
	if err != nil {
		return Taken{}, err
	}
	use.LimitationID, use.At = limit.ID, q.Ledger.Now()
	return q.book(ctx, use, failure)
}

// book takes an amount without the server.
func (q *Quota) book(ctx context.Context, use Use, silence error) (Taken, error) {
	if err := q.Recount(ctx); err != nil {
		return Taken{}, err
	}
	// An older copy does not know what was booked after it. The twin, a backup that was
	// put back, waits for one answer.
	if limit, ok := q.Ledger.Known().License.Limitation(use.LimitationID); ok && !limit.Unlimited() && q.Ledger.Restored() {
		return Taken{}, fmt.Errorf("%w; and off line nothing can be taken, as the kept state is an older copy: go online once, then try again", silence)
	}
	// First the record, then the journal: a crash between the two leaves less to
	// take off line until the next count, never more.
	found, err := ledger.Learn(ctx, q.Ledger, func(k *record.Known) booked { return q.fit(k, use) })
	fits, done := found.fits, found.Taken
	if err == nil && !fits {
		return Taken{}, fmt.Errorf("%w; and off line no more than what was last known to remain can be taken", silence)
	}
	if err == nil {
		err = q.Add(ctx, use)
	}
	if err != nil {
		if fits {
			_ = q.Ledger.Keep(ctx, func(k *record.Known) {
				k.ChangeAccount(use.LimitationID, func(x *record.Account) { x.Unbook(use.Value) })
			})
		}
		return Taken{}, err
	}
	return done, nil
}

// booked is what booking an amount found in the record.
type booked struct {
	Taken
	fits bool
}

// fit books an amount where what is known to remain suffices.
func (q *Quota) fit(k *record.Known, use Use) booked {
	limit, held := k.License.Limitation(use.LimitationID)
	left, known := k.Remaining(limit)
	left = left.Sub(q.asked(limit.ID)) // the server may be giving it away now
	if !held || !limit.Unlimited() && (!known || left.LessThan(use.Value)) {
		return booked{}
	}
	k.ChangeAccount(limit.ID, func(x *record.Account) { x.Book(use.Value, use.At) })
	done := Taken{LimitationID: use.LimitationID, Booked: true}
	if known {
		done.Remaining, done.RemainingKnown = left.Sub(use.Value), true
	}
	return booked{Taken: done, fits: true}
}

// ask asks the server for an amount.
func (q *Quota) ask(ctx context.Context, k *record.Known, use Use) slascone.Answer[[]slascone.Consumption] {
	h := slascone.ConsumptionHeartbeat{ClientID: q.ClientID, TokenKey: k.License.TokenKey(), Uses: []slascone.ConsumptionUse{use}}
	return q.Client.Consume(ctx, h, k.ServerTime(q.Ledger.Now()))
}

// Status asks the server what is left of a limitation, without taking anything.
// The caller has the turn.
func (q *Quota) Status(ctx context.Context, limitation string) (Taken, error) {
	k, limit, err := q.limitation(limitation)
	if err != nil {
		return Taken{}, err
	}
	answer := slascone.Twice(ctx, func(ctx context.Context) slascone.Answer[slascone.Consumption] {
		return q.Client.ConsumptionStatus(ctx, k.License.Key(), limit.ID, q.Ledger.ServerTime())
	})
	if err := answer.AsError(); err != nil {
		return Taken{}, err
	}
	told := answer.Value
	done := Taken{LimitationID: limit.ID, NextReset: told.NextReset}
	if told.Remaining == nil {
		return done, nil
	}
	_ = q.Ledger.Keep(ctx, func(k *record.Known) { k.LearnAccount(told, q.Ledger.Now()) })
	k = q.Ledger.Known()
	done.Remaining, done.RemainingKnown = told.Remaining.Sub(k.Account(limit.ID).Booked), true
	return done, nil
}

// Rollback gives back what a transaction has taken. What is left follows with the
// next heartbeat, as the answer could be an old one.
func (q *Quota) Rollback(ctx context.Context, limitationID, transactionID string) error {
	answer := q.Client.RollbackConsumption(ctx, limitationID, transactionID, q.Ledger.ServerTime())
	if err := answer.AsError(); err != nil {
		return err
	}
	// Where the account cannot be kept, that is told by an event.
	_ = q.Ledger.Keep(ctx, func(k *record.Known) { k.LearnAccount(answer.Value, q.Ledger.Now()) })
	return nil
}
