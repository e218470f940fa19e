package storage

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Rejected, see docs/designs.md: The key in the keyring, the state always in a file.
// Rejected, see docs/designs.md: Two keyring items.

// Keyring is the keyring of the operating system as a store uses it: three
// calls that may block for ever. A store calls one at a time, each in a
// goroutine of its own and under a deadline.
type Keyring interface {
	// Get returns the secret, or an error that wraps ErrNotFound. Any other
	// error means that the keyring is unavailable.
	Get(service, user string) (string, error)
	// Set creates or replaces the secret, at most 2,560 bytes of printable
	// ASCII.
	Set(service, user, secret string) error
	// Delete removes the secret, or returns an error that wraps ErrNotFound.
	Delete(service, user string) error
}

// maxHung bounds the goroutines that wait for keyring calls which never come
// back, as go-keyring's do when the daemon dies under an open prompt.
const maxHung = 4

// guard keeps a keyring from hanging its callers.
//
// A call that misses its deadline is left behind, and the breaker opens: for
// the pause, every call fails at once. Then the next call tries again, even if
// the one left behind still hangs, because that one may hang for ever. The
// exception is a write: as long as one hangs it might still take effect, and
// must not overtake a later one.
type guard struct {
	backend Keyring
	timeout time.Duration
	pause   time.Duration

	turn chan struct{} // holds one token: whose turn it is to call

	mu         sync.Mutex
	closed     time.Time // the breaker is open until then
	hung       int
	hungWrites int
}

func newGuard(backend Keyring, timeout, pause time.Duration) *guard {
	g := &guard{backend: backend, timeout: timeout, pause: pause, turn: make(chan struct{}, 1)}
	g.turn <- struct{}{}
	return g
}

func (g *guard) Get(ctx context.Context, service, user string) (string, error) {
	return g.call(ctx, false, func() (string, error) { return g.backend.Get(service, user) })
}

func (g *guard) Set(ctx context.Context, service, user, secret string) error {
	_, err := g.call(ctx, true, func() (string, error) { return "", g.backend.Set(service, user, secret) })
	return err
}

func (g *guard) Delete(ctx context.Context, service, user string) error {
	_, err := g.call(ctx, true, func() (string, error) { return "", g.backend.Delete(service, user) })
	return err
}

type reply struct {
	secret string
	err    error
}

func (g *guard) call(ctx context.Context, write bool, f func() (string, error)) (string, error) {
	if err := g.refuse(); err != nil {
		return "", err
	}
	limit := time.NewTimer(g.timeout)
	defer limit.Stop()
	select {
	case <-g.turn:
	case <-limit.C:
		return "", errHung
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if err := g.refuse(); err != nil {
		g.turn <- struct{}{}
		return "", err
	}

	done := make(chan reply, 1)
	g.start(write, f, done)
	select {
	case r := <-done:
		return r.secret, r.err
	case <-limit.C:
		return "", errHung
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// errHung is the error of a call that missed its deadline, and of those that
// are not made because of it.
var errHung = fmt.Errorf("%w: the keyring does not answer", ErrUnavailable)

// refuse says why no call is made now.
func (g *guard) refuse() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch wait := time.Until(g.closed); {
	case wait > 0:
		return fmt.Errorf("%w within %v, next try in %v", errHung, g.timeout, wait.Round(time.Second))
	case g.hungWrites > 0:
		return fmt.Errorf("%w: a write still hangs", errHung)
	case g.hung >= maxHung:
		return fmt.Errorf("%w: %d calls hang", errHung, g.hung)
	}
	return nil
}

// start runs f in a goroutine. The turn ends with f or with the deadline,
// whichever is first, even if the caller has gone by then.
func (g *guard) start(write bool, f func() (string, error), done chan<- reply) {
	late := time.AfterFunc(g.timeout, func() {
		g.mu.Lock()
		g.closed = time.Now().Add(g.pause)
		g.hung++
		if write {
			g.hungWrites++
		}
		g.mu.Unlock()
		g.turn <- struct{}{}
	})
	go func() {
		var r reply
		defer func() {
			// A D-Bus connection that closes at the wrong moment makes
			// go-keyring panic; that must not take the application down.
			if p := recover(); p != nil {
				r = reply{err: fmt.Errorf("%w: the keyring panicked: %v", ErrUnavailable, p)}
			}
			if late.Stop() {
				g.turn <- struct{}{}
			} else {
				g.mu.Lock()
				g.hung--
				if write {
					g.hungWrites--
				}
				g.mu.Unlock()
			}
			done <- r
		}()
		r.secret, r.err = f()
	}()
}
