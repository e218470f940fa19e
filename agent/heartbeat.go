package agent

import (
	"context"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Heartbeat sends a heartbeat for a person who waits, and returns the decision that
// follows. A transient failure is tried once more within two seconds. If a heartbeat
// is under way, Heartbeat joins it. If a licence key from [Preseed] still
// waits to be activated, Heartbeat activates it instead.
//
// The error is nil when the server answered with the licence, whatever its flags
// say. Otherwise it is an *[Error], also when the server refused (Kind
// [KindConflict]). The decision is right in either case.
func (a *Agent) Heartbeat(ctx context.Context) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	if a.seeding.Waits() {
		err := a.seed(ctx)
		return a.Decision(), err
	}
	err := a.contact(ctx, true)
	return a.Decision(), err
}

// Refresh is the former name of [Agent.Heartbeat].
//
// Deprecated: use [Agent.Heartbeat].
func (a *Agent) Refresh(ctx context.Context) (enforcement.Decision, error) { return a.Heartbeat(ctx) }

// contact sends a heartbeat or joins the one under way.
func (a *Agent) contact(ctx context.Context, patient bool) error {
	return opHeartbeat.join(ctx, a, func(ctx context.Context) error {
		err := a.lease.Heartbeat(ctx, patient)
		if err == nil {
			// The server is there, so this is the moment. What it does not take now
			// stays queued, and is no failure of the heartbeat.
			_, _ = a.outbox.Deliver(ctx)
		}
		return err
	})
}
