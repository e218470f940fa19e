// Package turn lets one call to the server be under way at a time, within the
// agent's life.
package turn

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// ErrEnded is returned for a call that comes after the agent's life.
var ErrEnded = errors.New("the agent's life has ended")

// NotCalledError says: the server was not called.
type NotCalledError struct{ Err error }

func (e *NotCalledError) Error() string {
	return fmt.Sprintf("the licence server was not called: %v", e.Err)
}

// Unwrap returns why not, usually the end of a context.
func (e *NotCalledError) Unwrap() error { return e.Err }

// GivenUpError says: whoever waited for a call gave it up; others may still wait.
type GivenUpError struct{ Err error }

func (e *GivenUpError) Error() string { return fmt.Sprintf("the call was given up: %v", e.Err) }

// Unwrap returns why.
func (e *GivenUpError) Unwrap() error { return e.Err }

// A Turn hands out turns at calling the server. Make it with [New]. It is safe
// for concurrent use.
type Turn struct {
	before func(context.Context)
	taken  chan struct{} // full while somebody's turn lasts
	name   atomic.Pointer[string]
	joined heartbeat.Contact[outcome]
	life   context.Context // ends with End
	end    context.CancelFunc
}

// outcome is what everybody who joined a call gets.
type outcome struct{ err error }

// New returns a Turn. before runs at the beginning of each turn; nil: nothing.
func New(before func(context.Context)) *Turn {
	t := &Turn{before: before, taken: make(chan struct{}, 1)}
	t.life, t.end = context.WithCancel(context.Background())
	return t
}

// Call waits for its turn and calls do with a context that ends with the agent's
// life as well. The name is for who wants to know whose turn it is, see
// [Turn.Name]. A panic in do (of the application's HTTP client, for instance)
// ends the call and nothing else: it becomes a [heartbeat.PanicError].
func (t *Turn) Call(ctx context.Context, name string, do func(context.Context) error) (err error) {
	ctx, stop := t.alive(ctx)
	defer stop()
	if err := t.take(ctx); err != nil {
		if t.Ended() {
			return ErrEnded
		}
		return &NotCalledError{err}
	}
	defer t.leave()
	defer func() {
		if v := recover(); v != nil {
			err = &heartbeat.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	t.name.Store(&name)
	if t.before != nil {
		t.before(ctx)
	}
	return do(ctx)
}

// Join is [Turn.Call] for a call that others may join while it is under way:
// they get its result, and it goes on until nobody waits any more.
func (t *Turn) Join(ctx context.Context, name string, do func(context.Context) error) error {
	if t.Ended() {
		return ErrEnded
	}
	got, _, err := t.joined.Do(ctx, func(ctx context.Context) (outcome, error) {
		return outcome{t.Call(ctx, name, do)}, nil
	})
	if err != nil {
		return &GivenUpError{err}
	}
	return got.err
}

// Name is that of the call under way, or of the last one.
func (t *Turn) Name() string {
	if name := t.name.Load(); name != nil {
		return *name
	}
	return ""
}

// Ended reports whether the agent's life is over.
func (t *Turn) Ended() bool { return t.life.Err() != nil }

// End ends the agent's life: calls under way give up, and no other begins.
func (t *Turn) End() { t.end() }

// Drain waits until no call is under way, and takes the last turn for good.
func (t *Turn) Drain(ctx context.Context) error { return t.take(ctx) }

// alive bounds a context by the agent's life as well.
func (t *Turn) alive(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(t.life, cancel)
	return ctx, func() { stop(); cancel() }
}

func (t *Turn) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *Turn) leave() { <-t.taken }
