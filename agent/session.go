package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Session is the floating seat of this installation.
type Session struct {
	ID         string    // empty when none was ever asked for
	Held       bool      // the server has said yes and the seat has not been given back
	ValidUntil time.Time // when the seat lapses without renewal; zero unless Held
}

// Session returns the floating seat as it is known here, without asking the
// server.
func (a *Agent) Session() Session {
	if a.unmade() {
		return Session{}
	}
	seat, until, held := a.seat.Given()
	s := Session{ID: seat.SessionID}
	if held {
		s.Held, s.ValidUntil = true, until
	}
	return s
}

// OpenSession takes a floating seat, or renews it when one is held, and returns
// the decision that follows. checkout asks to hold the seat that long without
// renewal, for work off line; 0 is the licence's session period.
//
// The error is nil when the seat is held, else an *[Error].
func (a *Agent) OpenSession(ctx context.Context, checkout time.Duration) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	if checkout < 0 {
		return a.Decision(), opOpenSession.failed(inputError(fmt.Sprintf("the check-out period %v is negative", checkout)))
	}
	err := opOpenSession.call(ctx, a, func(ctx context.Context) error {
		return a.seat.Take(ctx, checkout, true)
	})
	a.changed()
	return a.Decision(), err
}

// RenewSession holds the floating seat for another period. It is an error when
// no session was opened.
func (a *Agent) RenewSession(ctx context.Context) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	err := opRenewSession.call(ctx, a, func(ctx context.Context) error {
		s := a.knowledge().Seat
		if s.SessionID == "" {
			return ErrNoSession
		}
		return a.seat.Take(ctx, s.Checkout, true)
	})
	a.changed()
	return a.Decision(), err
}

// CloseSession gives the floating seat back at once, also one that is checked
// out or that other windows share. It is an error when no session was opened.
// Unless Config.ManualSessions, a started agent then asks for an ordinary seat
// again.
func (a *Agent) CloseSession(ctx context.Context) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	err := opCloseSession.call(ctx, a, func(ctx context.Context) error {
		if a.knowledge().Seat.SessionID == "" {
			return ErrNoSession
		}
		return a.seat.Close(ctx)
	})
	a.changed()
	return a.Decision(), err
}
