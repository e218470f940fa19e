package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// life is from Start to the end of Close.
type life struct {
	runMu  sync.Mutex // guards runner and closed
	runner *heartbeat.Runner
	closed bool

	opening  sync.WaitGroup // of the journal, at Start
	noting   sync.WaitGroup // that the change of the device was told
	done     chan struct{}  // closed when Close has done everything
	closeErr error          // set before
}

// Start begins heartbeats and events in the background and returns at once.
// They end when ctx ends or at [Agent.Close]. Starting twice is an error.
func (a *Agent) Start(ctx context.Context) error {
	if a.unmade() {
		return errNotMade
	}
	ctx = given.Context(ctx)
	a.runMu.Lock()
	defer a.runMu.Unlock()
	if a.closed {
		return fmt.Errorf("agent: start: %w", ErrClosed)
	}
	if a.runner != nil {
		return errors.New("agent: start: the agent was started before")
	}
	runner, err := a.newRunner()
	if err != nil {
		return fmt.Errorf("agent: start: %w", err)
	}
	a.runner = runner
	a.alarm.Start(a.ring)
	a.ledger.Resume(a.ledger.Now(), 0)
	a.ring()
	context.AfterFunc(ctx, func() {
		a.alarm.Stop()
		a.settling.End()
		if a.seat.Shared() {
			a.seat.Leave() // nobody renews it here any more
		}
		a.process.Leave() // nor keeps the line
	})
	// The journal may be another process's for seconds, and the caller does not
	// wait for that.
	a.opening.Go(func() { a.reopen(ctx) })
	a.noteDrift()
	if err := runner.Start(ctx); err != nil {
		return fmt.Errorf("agent: start: %w", err)
	}
	return nil
}

// Close ends the background work, gives back a floating seat that no other window
// shares, and keeps what was observed. It returns when that is done or when ctx
// ends, whichever comes first; a call that hangs does not delay it further. Closing
// twice is harmless.
func (a *Agent) Close(ctx context.Context) error {
	if a.unmade() {
		return errNotMade
	}
	ctx = given.Context(ctx)
	a.runMu.Lock()
	again := a.closed
	a.closed = true
	a.runMu.Unlock()
	if !again {
		a.alarm.Stop()
		a.settling.End()
		// A store that hangs must not hold up the caller, so this may outlive ctx
		// by the time that the store allows itself.
		go func() {
			defer close(a.done)
			a.closeErr = a.finish(ctx)
		}()
	}
	select {
	case <-a.done:
		return a.closeErr
	case <-ctx.Done():
		a.turn.End()
		a.events.Close()
		return fmt.Errorf("agent: close: %w", ctx.Err())
	}
}

// finish does what Close promises.
func (a *Agent) finish(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.Join(err, fmt.Errorf("agent: close: panic: %v", v))
		}
		a.events.Close()
		a.seat.Leave()
		a.process.Leave()
	}()
	if a.runner != nil {
		err = a.runner.Close(ctx)
	}
	a.turn.End() // calls under way give up, and the last one leaves the line
	a.noting.Wait()
	a.opening.Wait()
	lineErr := a.turn.Drain(ctx)
	switch {
	case lineErr != nil:
		err = errors.Join(err, fmt.Errorf("agent: close: a call to the licence server is still under way: %w", lineErr))
	case a.runner != nil:
		// The seat first: somebody may be waiting for it, and what is queued is kept.
		err = errors.Join(err, opCloseSession.failed(a.seat.Release(ctx)))
		_, undelivered := a.outbox.Deliver(ctx)
		err = errors.Join(err, opFlush.failed(undelivered))
		a.lease.Exit(ctx)
	default:
		err = errors.Join(err, opCloseSession.failed(a.seat.Release(ctx)))
	}
	err = errors.Join(err, a.outbox.Close())
	if a.runner == nil && a.ledger.Unsaved() == 0 && a.ledger.Unlasting() == nil {
		return err // who has only looked writes nothing
	}
	return errors.Join(err, a.ledger.Finish(a.process.Leave()), a.ledger.Unlasting())
}

// Erase removes everything that is kept on this machine for this client and
// this installation, as an uninstaller does. It does not tell the server:
// [Agent.Deactivate] first, or the seat stays taken. Close the application's other
// processes first: one that runs keeps what it knows, and writes it again. Use the
// agent no more afterwards, except to close it.
func (a *Agent) Erase(ctx context.Context) error {
	if a.unmade() {
		return errNotMade
	}
	ctx = given.Context(ctx)
	return errors.Join(a.outbox.Erase(), a.ledger.Erase(ctx), a.install.Erase(ctx), a.seat.Erase(), a.process.Erase())
}

// reopen opens a journal that an earlier process may have left entries in.
func (a *Agent) reopen(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			a.log.Error("licence agent: opening the usage journal panicked", "panic", v)
		}
	}()
	a.outbox.Reopen(ctx)
	a.changed()
}

// noteTimeout bounds how long Close waits for what noteDrift writes.
const noteTimeout = 10 * time.Second

// noteDrift keeps, in the background, that the change of the device was told.
func (a *Agent) noteDrift() {
	a.noting.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
		defer cancel()
		a.install.NoteDrift(ctx)
	})
}
