package agent

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Activate asks the server to assign a seat of the licence with this key (a licence
// key, a token key, or one from the vendor's former system) and returns the decision
// that follows. If another licence of the product is held, the new one replaces it
// once the server has said yes; a refusal leaves it untouched. A transient failure
// is tried once more within two seconds.
//
// The key may be as a person pasted it: blanks, quotes, line ends and invisible
// characters are taken out, unusual dashes and digits become plain ones, and a UUID
// is found within a longer text.
//
// A server may refuse because this installation already has a seat (2001, 2005). A
// heartbeat then asks whether that is a seat of this licence; if it is, Activate
// succeeds.
//
// The error is nil when a licence was assigned, else an *[Error].
func (a *Agent) Activate(ctx context.Context, key string) (enforcement.Decision, error) {
	return a.ActivateAt(ctx, key, time.Time{})
}

// ActivateAt is [Agent.Activate] for a seat that was taken earlier, such as off
// line: the vendor's list of clients then shows the time at. It changes nothing
// about the licence's own dates. Zero is the time at which the server is asked.
func (a *Agent) ActivateAt(ctx context.Context, key string, at time.Time) (enforcement.Decision, error) {
	read, err := checkKey(key)
	if err != nil {
		return a.Decision(), opActivate.failed(err)
	}
	err = opActivate.call(ctx, a, func(ctx context.Context) error {
		before := a.knowledge()
		err := a.lease.Activate(ctx, read.Text, at)
		a.seat.Drop(ctx, before)
		if err == nil {
			a.seat.Hurry(ctx)
		}
		return err
	})
	a.changed()
	if err == nil {
		a.seeding.Activated(ctx)
	}
	return a.Decision(), advise(err, read)
}
