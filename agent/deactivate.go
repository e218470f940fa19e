package agent

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Deactivate delivers what is queued, gives the seat back, so that the licence
// can be used elsewhere, and removes what is kept of it. When the server cannot
// be asked nothing is removed: the seat would be lost. A transient failure is
// tried once more within two seconds. What could not be delivered stays queued
// for the next licence.
//
// The error is nil when the seat is free, else an *[Error].
func (a *Agent) Deactivate(ctx context.Context) (enforcement.Decision, error) {
	err := a.call(ctx, "deactivate", a.deactivate)
	return a.Decision(), err
}

func (a *Agent) deactivate(ctx context.Context) error {
	k := a.knowledge()
	switch {
	case k.License.IsZero() && k.Files.Waiting != "":
		return a.forget(ctx)
	case k.OnlyVouched():
		return errors.New("the licence is in a keyring that does not answer; send a heartbeat first")
	case k.License.IsZero():
		return ErrNotActivated
	case k.License.TokenKey() == "" && k.License.FromFile():
		// A file that names this client itself has no seat that could be given back.
		return a.forget(ctx)
	case k.License.TokenKey() == "":
		return errors.New("the server has not told which seat is held; send a heartbeat first")
	}
	// A seat that is free while the licence stays here would serve twice, so the
	// store is tried before the server.
	if err := a.ledger.Keep(ctx, func(*record.Known) {}); err != nil {
		return err
	}
	if err := a.outlived(); err != nil {
		return err
	}
	if k.Seat.Held() {
		// A refusal does not matter: the seat ends with the licence.
		if err := a.seat.Close(ctx); err != nil && !isConflict(err) {
			return err
		}
	}
	// Also what other windows have queued. A report that does not go through
	// keeps no seat.
	_, _ = a.outbox.Deliver(ctx)
	answer := slascone.Twice(ctx, func(ctx context.Context) slascone.Answer[struct{}] {
		return a.set.client.Unassign(ctx, k.License.TokenKey(), k.ServerTime(a.ledger.Now()))
	})
	switch enforcement.Code(answer.Conflict.ID) {
	case enforcement.TokenAlreadyUnassigned, enforcement.TokenKeyUnknown:
		// The seat is free already: somebody else gave it back.
		answer = slascone.Answer[struct{}]{Kind: slascone.Yes}
	}
	if answer.Kind == slascone.Silence {
		_ = a.learnSilence(ctx, answer.Err)
	}
	if err := answer.AsError(); err != nil {
		return err
	}
	return a.forget(ctx)
}

// Abandon removes what is kept of the licence without giving its seat back. It
// is for a machine that will not reach the server again, for instance before it
// goes on with licence files: the seat stays taken until the vendor frees it.
// Where the server can be reached, [Agent.Deactivate] is the way.
//
// The error is nil when nothing is held any more, else an *[Error].
func (a *Agent) Abandon(ctx context.Context) (enforcement.Decision, error) {
	const op = "abandon"
	err := a.call(ctx, op, func(ctx context.Context) error {
		if k := a.knowledge(); k.Evidence.IsZero() && k.Files == (record.Files{}) {
			return ErrNotActivated
		}
		return a.forget(ctx)
	})
	return a.Decision(), err
}

// forget removes the licence from this machine.
func (a *Agent) forget(ctx context.Context) error {
	now := a.ledger.Now()
	err := a.ledger.Keep(ctx, func(k *record.Known) {
		was := k.Past
		if !k.License.IsZero() {
			was = record.PastOf(k, now)
		}
		*k = record.Known{Record: record.Record{
			Facts: k.Facts.Forget(now), Contact: k.Contact.Answered(now, true, rand.Float64()),
			Past: was, JournalKey: k.JournalKey, Run: k.Run, Transactions: k.Transactions,
		}}
	})
	a.changed()
	return err
}
