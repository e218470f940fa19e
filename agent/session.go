package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
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
	k := a.knowledge()
	s := Session{ID: k.Seat.SessionID}
	if k.SeatedAt(a.ledger.Now()) {
		s.Held, s.ValidUntil = true, k.Facts.Session.ValidUntil
	}
	return s
}

// errFileTakesNoSeat: the holder of a file never asks the server, so it has no
// say in who holds a floating seat.
var errFileTakesNoSeat = errors.New("the licence is held from a file, which takes no floating seat; activate with the licence key to go on line")

// OpenSession takes a floating seat, or renews it when one is held, and returns
// the decision that follows. checkout asks to hold the seat that long without
// renewal, for work off line; 0 is the licence's session period.
//
// The error is nil when the seat is held, else an *[Error].
func (a *Agent) OpenSession(ctx context.Context, checkout time.Duration) (enforcement.Decision, error) {
	err := a.call(ctx, "session open", func(ctx context.Context) error {
		return a.takeSeat(ctx, checkout, true)
	})
	a.changed()
	return a.Decision(), err
}

// RenewSession holds the floating seat for another period. It is an error when
// no session was opened.
func (a *Agent) RenewSession(ctx context.Context) (enforcement.Decision, error) {
	const op = "session renew"
	err := a.call(ctx, op, func(ctx context.Context) error {
		s := a.knowledge().Seat
		if s.SessionID == "" {
			return ErrNoSession
		}
		return a.takeSeat(ctx, s.Checkout, true)
	})
	a.changed()
	return a.Decision(), err
}

// CloseSession gives the floating seat back at once, also one that is checked
// out or that other windows share. It is an error when no session was opened.
// Unless Config.ManualSessions, a started agent then asks for an ordinary seat
// again.
func (a *Agent) CloseSession(ctx context.Context) (enforcement.Decision, error) {
	const op = "session close"
	err := a.call(ctx, op, func(ctx context.Context) error {
		if a.knowledge().Seat.SessionID == "" {
			return ErrNoSession
		}
		return a.closeSeat(ctx)
	})
	a.changed()
	return a.Decision(), err
}

// takeSeat opens or renews the session. The caller holds the line.
func (a *Agent) takeSeat(ctx context.Context, checkout time.Duration, patient bool) error {
	k := a.knowledge()
	if k.Licence.IsZero() {
		return ErrNotActivated
	}
	if k.Licence.FromFile() {
		return errFileTakesNoSeat
	}
	if checkout < 0 {
		return inputError(fmt.Sprintf("the check-out period %v is negative", checkout))
	}
	a.joinSeat(ctx)
	a.sweepSeats(ctx)
	s, err := a.nameSession(ctx, "")
	if err != nil {
		return err
	}
	answer := a.callOpen(ctx, s, checkout, patient)
	switch code := enforcement.Code(answer.Conflict.ID); {
	case code == enforcement.SessionNotOpen:
		// The server has forgotten this session; a new one takes its place.
		a.log.Info("floating session opened anew", "call", a.turn.Name(), "code", int(code))
		if s, err = a.nameSession(ctx, s.SessionID); err != nil {
			return err
		}
		answer = a.callOpen(ctx, s, checkout, false)
	case code == enforcement.CheckoutPeriodInvalid && checkout == 0:
		// A server that wants the period in so many words.
		a.log.Info("floating session opened with its period", "call", a.turn.Name(), "code", int(code))
		answer = a.callOpen(ctx, s, record.SessionPeriod(a.knowledge().Licence), false)
	}
	kept := a.learnSession(ctx, s, checkout, answer)
	if answer.Kind == slascone.No && answer.Conflict.ID == 0 {
		return &slascone.ConflictError{Conflict: slascone.Conflict{Message: "the server says that the session is not valid"}, RetryAfter: answer.RetryAfter}
	}
	if err := answer.AsError(); err != nil {
		return err
	}
	return kept
}

// nameSession returns the seat to ask for, with an ID that is kept before the
// server hears it: after a crash the next start renews this session instead of
// taking a second seat. forgotten is an ID that must not be used again.
func (a *Agent) nameSession(ctx context.Context, forgotten string) (record.Seat, error) {
	usable := func(k *record.Known) bool {
		return k.Seat.SessionID != "" && k.Seat.SessionID != forgotten && k.Seat.Of(k.Licence)
	}
	before := a.knowledge()
	if usable(&before) {
		return before.Seat, nil
	}
	fresh := uuid.NewString()
	err := a.ledger.Keep(ctx, func(k *record.Known) {
		if !usable(k) { // another window may have been first
			k.Seat = record.Seat{SessionID: fresh, LicenceKey: k.Licence.Key()}
		}
	})
	if err != nil {
		return record.Seat{}, err
	}
	if old := before.Seat; old.Held() && !old.Of(before.Licence) {
		// It would lapse by itself, but somebody may be waiting for it.
		_ = a.closeSession(ctx, before, old)
	}
	return a.knowledge().Seat, nil
}

func (a *Agent) callOpen(ctx context.Context, s record.Seat, checkout time.Duration, patient bool) slascone.Answer[slascone.Session] {
	return try(ctx, patient, func(ctx context.Context) slascone.Answer[slascone.Session] {
		return a.set.client.OpenFloating(ctx, a.sessionCall(s, checkout), a.sessionTime(a.knowledge()))
	})
}

// sessionTime is serverTime for calls about the session: what the server said
// of it is not undone by what it said before.
func (a *Agent) sessionTime(k record.Known) slascone.Known {
	known := k.ServerTime(a.ledger.Now())
	known.NotBefore = record.Latest(known.NotBefore, k.Facts.Session.ProvenAt)
	known.Latest = record.Latest(known.Latest, known.NotBefore)
	return known
}

func (a *Agent) sessionCall(s record.Seat, checkout time.Duration) slascone.SessionCall {
	return slascone.SessionCall{
		LicenceKey: s.LicenceKey,
		ClientID:   a.install.ClientID,
		SessionID:  s.SessionID,
		UserID:     a.set.UserID,
		Checkout:   checkout,
	}
}

// learnSession learns from the answer to opening or renewing s. It returns an
// error only when what was learned could not be kept.
func (a *Agent) learnSession(ctx context.Context, s record.Seat, checkout time.Duration, answer slascone.Answer[slascone.Session]) error {
	if answer.Kind == slascone.Silence && answer.Err.Reason == slascone.Cancelled {
		return nil
	}
	now := a.ledger.Now()
	at := answer.At
	if at.IsZero() {
		at = a.sessionTime(a.knowledge()).Latest
	}
	a.reportSession(answer)
	closed := false
	kept := a.ledger.Keep(ctx, func(k *record.Known) {
		if closed = k.Seat.SessionID != s.SessionID; closed {
			return // by another window, meanwhile
		}
		switch answer.Kind {
		case slascone.Silence:
			k.Seat.Contact = k.Seat.Contact.Failed(a.seatPlan(k), now, answer.RetryAfter, rand.Float64())
			k.Facts = k.Facts.Silent(record.SilenceKind(answer.Err.Reason), now)
		case slascone.Yes:
			k.Seat.Contact = k.Seat.Contact.Answered(now, true, rand.Float64())
			k.Seat.Evidence, k.Seat.Checkout = answer.Evidence, checkout
			// The nonce proves that this answer came last, whatever its Date.
			k.Facts = k.Facts.SessionYes(record.Latest(k.Facts.Session.ProvenAt, at), answer.Value.ValidUntil)
		case slascone.No:
			k.Seat.Contact = k.Seat.Contact.Answered(now, false, rand.Float64())
			no := enforcement.No{Endpoint: enforcement.EndpointSessionOpen, Code: enforcement.Code(answer.Conflict.ID), At: answer.At}
			if answer.Undated {
				no.ReceivedAt = now
			}
			switch no.Code {
			case 0:
				no.Cause = enforcement.ConnectionLimit // a 200 that says is_session_valid=false
			case a.set.SuspendedConflict:
				no.Cause = enforcement.Suspended
			}
			// A conflict that concerns the call alone leaves the session as it is.
			if k.Facts = k.Facts.No(no); k.Facts.Session.ValidUntil.IsZero() {
				k.Seat.Evidence = slascone.Evidence{}
				k.SeatLost = answer.AsError()
			}
			if no.Code == enforcement.SessionOnNamedLicence {
				k.Seat = record.Seat{Unwanted: true, LicenceKey: k.Licence.Key()}
				k.Facts = k.Facts.WithoutSession()
			}
		}
	})
	if closed && answer.Kind == slascone.Yes {
		_ = a.closeSession(ctx, a.knowledge(), s) // nobody would renew it
	}
	return kept
}

// closeSeat gives the seat back. The caller holds the line.
func (a *Agent) closeSeat(ctx context.Context) error {
	before := a.knowledge()
	if err := a.closeSession(ctx, before, before.Seat); err != nil {
		return err
	}
	return a.ledger.Keep(ctx, func(k *record.Known) {
		if k.Seat.SessionID != before.Seat.SessionID {
			return
		}
		k.Seat = record.Seat{}
		k.Facts = k.Facts.SessionClosed(a.ledger.Now())
	})
}

// closeSession tells the server that a session is over. One that it does not
// know has lapsed already.
func (a *Agent) closeSession(ctx context.Context, k record.Known, s record.Seat) error {
	answer := a.set.client.CloseFloating(ctx, a.sessionCall(s, 0), a.sessionTime(k))
	if enforcement.Code(answer.Conflict.ID) == enforcement.SessionNotOpen {
		return nil
	}
	return answer.AsError()
}

// reportSession tells the log, and the application where the seat itself is not
// concerned, how a call for the seat went. The caller holds the line.
func (a *Agent) reportSession(answer slascone.Answer[slascone.Session]) {
	code := enforcement.Code(answer.Conflict.ID)
	switch answer.Kind {
	case slascone.Silence:
		a.log.Info("licence server gave no answer", "call", a.turn.Name(), "reason", answer.Err.Reason.String(), "status", answer.Err.Status)
		return
	case slascone.No:
		a.log.Warn("floating seat refused", "call", a.turn.Name(), "code", int(code))
		if code != a.seats.refused && code != 0 && code.CauseAt(enforcement.EndpointSessionOpen, true) == enforcement.NoCause {
			a.events.Publish(SeatRefused{Err: wrap(a.turn.Name(), answer.AsError())})
		}
	}
	a.seats.refused = code
}
