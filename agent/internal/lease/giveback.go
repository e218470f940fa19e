package lease

import (
	"context"
	"errors"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// CanGiveBack reports whether the server has a seat that [Lease.GiveBack] can give
// back. It has none for a licence file that names this client itself, or one that
// waits for its activation: such a licence is only forgotten. The error says why
// neither is possible.
func (l *Lease) CanGiveBack(ctx context.Context) (seated bool, err error) {
	k := l.Ledger.Known()
	switch {
	case k.License.IsZero() && k.Files.Waiting != "":
		return false, nil
	case k.OnlyVouched():
		return false, errors.New("the licence is in a keyring that does not answer; send a heartbeat first")
	case k.License.IsZero():
		return false, record.ErrNotActivated
	case k.License.TokenKey() == "" && k.License.FromFile():
		return false, nil
	case k.License.TokenKey() == "":
		return false, errors.New("the server has not told which seat is held; send a heartbeat first")
	}
	// A seat that is free while the licence stays here would serve twice, so the
	// store is tried before the server.
	if err := l.Ledger.Keep(ctx, func(*record.Known) {}); err != nil {
		return false, err
	}
	return true, l.Ledger.Outlived()
}

// GiveBack gives the seat back, and forgets the licence when that is done.
func (l *Lease) GiveBack(ctx context.Context) error {
	k := l.Ledger.Known()
	if k.License.TokenKey() == "" {
		return l.Forget(ctx) // another window has given it back meanwhile
	}
	given := slascone.Twice(ctx, func(ctx context.Context) slascone.Answer[struct{}] {
		return l.Client.Unassign(ctx, k.License.TokenKey(), k.ServerTime(l.Ledger.Now()))
	})
	switch enforcement.Code(given.Conflict.ID) {
	case enforcement.TokenAlreadyUnassigned, enforcement.TokenKeyUnknown:
		// The seat is free already: somebody else gave it back.
		given = slascone.Answer[struct{}]{Kind: slascone.Yes}
	}
	if given.Kind == slascone.Silence {
		_ = l.learnSilence(ctx, given.Err)
	}
	if err := given.AsError(); err != nil {
		return err
	}
	return l.Forget(ctx)
}

// Holds reports whether anything is held that [Lease.Forget] would remove.
func (l *Lease) Holds() bool {
	k := l.Ledger.Known()
	return !k.Evidence.IsZero() || k.Files != (record.Files{})
}

// Forget removes the licence from this machine.
func (l *Lease) Forget(ctx context.Context) error {
	now := l.Ledger.Now()
	return l.Ledger.Keep(ctx, func(k *record.Known) {
		was := k.Past
		if !k.License.IsZero() {
			was = record.PastOf(k, now)
		}
		*k = record.Known{Record: record.Record{
			Facts: k.Facts.Forget(now), Contact: k.Contact.Answered(now, true, chance.Float64()),
			Past: was, JournalKey: k.JournalKey, Run: k.Run, Transactions: k.Transactions,
		}}
	})
}
