package agent

import (
	"context"
	"errors"

	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// call makes one call to the server at a time, within the agent's life.
func (op operation) call(ctx context.Context, a *Agent, do func(context.Context) error) error {
	if err := a.mute(); err != nil {
		return op.failed(err)
	}
	return op.told(a, a.turn.Call(given.Context(ctx), string(op), do))
}

// join is call for one that others may join while it is under way.
func (op operation) join(ctx context.Context, a *Agent, do func(context.Context) error) error {
	if err := a.mute(); err != nil {
		return op.failed(err)
	}
	return op.told(a, a.turn.Join(given.Context(ctx), string(op), do))
}

// mute returns why the server cannot be called at all; nil when it can.
func (a *Agent) mute() error {
	if a.unmade() {
		return errNotMade
	}
	return a.unnamed
}

// told words the outcome of a call. A panic in what the application gave (its
// HTTP client, for instance) has ended the call and nothing else.
func (op operation) told(a *Agent, err error) error {
	if p, ok := errors.AsType[*heartbeat.PanicError](err); ok {
		a.log.Error("licence agent: a call panicked", "call", string(op), "panic", p.Value)
	}
	err = op.failed(err)
	a.rememberFailure(err)
	return err
}

// underway is the call that is being made, or was made last.
func (a *Agent) underway() operation { return operation(a.turn.Name()) }
