package agent

import (
	"context"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Deactivate delivers what is queued, gives the seat back so that the licence can be
// used elsewhere, and removes what is kept of it. If the server cannot be asked,
// nothing is removed: the seat would be lost. A transient failure is tried once more
// within two seconds. What could not be delivered stays queued for the next licence.
//
// The error is nil when the seat is free, else an *[Error].
func (a *Agent) Deactivate(ctx context.Context) (enforcement.Decision, error) {
	err := opDeactivate.call(ctx, a, func(ctx context.Context) error {
		seated, err := a.lease.CanGiveBack(ctx)
		if err != nil {
			return err
		}
		if !seated {
			return a.lease.Forget(ctx)
		}
		if a.knowledge().Seat.Held() {
			// A refusal does not matter: the seat ends with the licence.
			if err := a.seat.Close(ctx); err != nil && !isConflict(err) {
				return err
			}
		}
		// Also what other windows have queued. A report that does not go through
		// keeps no seat.
		_, _ = a.outbox.Deliver(ctx)
		return a.lease.GiveBack(ctx)
	})
	a.changed()
	return a.Decision(), err
}

// Abandon removes what is kept of the licence without giving its seat back. It
// is for a machine that will not reach the server again, for instance before it
// goes on with licence files: the seat stays taken until the vendor frees it.
// Where the server can be reached, [Agent.Deactivate] is the way.
//
// The error is nil when nothing is held any more, else an *[Error].
func (a *Agent) Abandon(ctx context.Context) (enforcement.Decision, error) {
	err := opAbandon.call(ctx, a, func(ctx context.Context) error {
		if !a.lease.Holds() {
			return ErrNotActivated
		}
		return a.lease.Forget(ctx)
	})
	a.changed()
	return a.Decision(), err
}
