package heartbeat

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// A Contact lets at most one call to the server be under way. Whoever asks while it is joins it and gets the same
// result. The zero Contact is ready for use.
type Contact[T any] struct {
	mu      sync.Mutex
	current *call[T]
}

type call[T any] struct {
	cancel  context.CancelFunc
	waiting int
	done    chan struct{}
	result  T
	err     error
}

// PanicError is what [Contact.Do] returns when the function panicked, and what a [Job] returns to say that it did.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("heartbeat: contact panicked: %v", e.Value) }

// Do runs fn in a goroutine of its own, or joins the run under way, and waits for the result. It returns early with the
// context's error when ctx ends; the run itself goes on for the others, and is cancelled when nobody waits any more.
// Joined reports whether the run had been begun by somebody else, with their fn.
//
// The context passed to fn carries the values of the first caller's ctx, but neither its end nor its deadline.
func (c *Contact[T]) Do(ctx context.Context, fn func(context.Context) (T, error)) (result T, joined bool, err error) {
	ctx = given.Context(ctx)
	if err := ctx.Err(); err != nil {
		return result, false, err
	}
	var r *call[T]
	for {
		var abandoned <-chan struct{}
		if r, joined, abandoned = c.join(ctx, fn); r != nil {
			break
		}
		select {
		case <-abandoned:
		case <-ctx.Done():
			return result, false, ctx.Err()
		}
	}
	select {
	case <-r.done:
		return r.result, joined, r.err
	case <-ctx.Done():
		c.leave(r)
		return result, joined, ctx.Err()
	}
}

// join begins a run or joins the one under way. If that one has been cancelled, it returns the channel that tells its end.
func (c *Contact[T]) join(ctx context.Context, fn func(context.Context) (T, error)) (r *call[T], joined bool, abandoned <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r = c.current; r != nil {
		if r.waiting == 0 {
			return nil, false, r.done
		}
		r.waiting++
		return r, true, nil
	}
	runCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r = &call[T]{cancel: cancel, waiting: 1, done: make(chan struct{})}
	c.current = r
	go c.run(runCtx, r, fn)
	return r, false, nil
}

// Running reports whether a call is under way.
func (c *Contact[T]) Running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current != nil
}

func (c *Contact[T]) run(ctx context.Context, r *call[T], fn func(context.Context) (T, error)) {
	// Overwritten by any return of fn; what remains is a goroutine that fn ended by runtime.Goexit.
	r.err = fmt.Errorf("heartbeat: contact ended without a result")
	defer func() {
		if v := recover(); v != nil {
			r.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		r.cancel()
		c.mu.Lock()
		c.current = nil
		c.mu.Unlock()
		close(r.done)
	}()
	r.result, r.err = fn(ctx)
}

// leave takes one waiter away. A run that nobody waits for is cancelled.
func (c *Contact[T]) leave(r *call[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.waiting--; r.waiting == 0 {
		r.cancel()
	}
}
