package agent

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Activate asks the server to assign a seat of the licence with this key (a
// licence key, a token key, or one from the vendor's former system) and
// returns the decision that follows. If another licence of the product is held,
// the new one replaces it once the server has said yes; a refusal leaves it
// untouched. A transient failure is tried once more within two seconds.
//
// The key may be as a person pasted it: blanks, quotes, line ends and invisible
// characters are taken out, dashes and digits of other forms become ASCII, and a
// UUID is found within a text.
//
// The error is nil when a licence was assigned, else an *[Error].
// A server that has this installation on a seat of that licence already, and
// refuses a second activation (2001, 2005), is asked by a heartbeat: if it is so,
// that is success.
func (a *Agent) Activate(ctx context.Context, key string) (enforcement.Decision, error) {
	return a.ActivateAt(ctx, key, time.Time{})
}

// ActivateAt is [Agent.Activate] with the time at which the seat was taken, for
// the vendor's list of clients: the licence's own times are the server's. Zero is
// when the server hears of it.
func (a *Agent) ActivateAt(ctx context.Context, key string, at time.Time) (enforcement.Decision, error) {
	read, err := checkKey(key)
	if err != nil {
		return a.Decision(), opActivate.failed(err)
	}
	err = opActivate.call(ctx, a, func(ctx context.Context) error {
		before := a.knowledge()
		err := a.lease.Activate(ctx, read.Text, at)
		a.seat.Drop(ctx, before)
		return err
	})
	a.changed()
	if err == nil {
		a.seeding.Activated(ctx)
	}
	return a.Decision(), advise(err, read)
}
