package seat

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/logging"
	"github.com/leasehold-dev/leasehold/storage/filelock"
)

// A Holder is this window's part in the seats of its client. Make it with [New].
type Holder struct {
	Config
	window  int                           // its number with PerProcess, from 1; else 0
	spread  float64                       // in [0, 1), keeps windows from renewing at one instant
	held    atomic.Pointer[filelock.Lock] // while this window uses a seat
	joined  atomic.Bool                   // this window has begun to use a seat
	asked   atomic.Bool                   // Renew has called for the seat, in this process
	refused enforcement.Code              // the last conflict that was reported; guarded by the turn
}

// Config is what a Holder needs. All fields are required.
type Config struct {
	// Ledger may be set later than the rest, as it wants this window's number.
	Ledger    *ledger.Ledger
	Client    *slascone.Client
	ClientID  string
	UserID    string           // of a named user; empty: none
	Suspended enforcement.Code // the conflict that tells of a suspension; 0: none
	Folder    string           // of the lock files

	PerProcess bool // each window has a seat of its own
	Manual     bool // the application takes seats and gives them back

	// Plan makes the plan of a job from its history.
	Plan   func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan
	Logger logging.Logger
	// Refused is told when the server refuses a call for a reason that is not the
	// seat, once for each run of the same refusal. It must not call the Holder.
	Refused func(error)
}

// New returns a Holder that holds nothing.
func New(c Config) *Holder { return &Holder{Config: c, spread: chance.Float64()} }

// ErrFile says: the holder of a file never asks the server, so it has no
// say in who holds a floating seat.
var ErrFile = errors.New("the licence is held from a file, which takes no floating seat; activate with the licence key to go on line")

// Renew is what the background does when the time has come: it joins the seat and
// renews it, or takes one. The caller has the turn.
func (h *Holder) Renew(ctx context.Context) error {
	h.join(ctx)
	now := h.Ledger.Now()
	if at := h.Next(now); at.IsZero() || at.After(now) {
		return nil // another window has seen to it
	}
	h.asked.Store(true)
	return h.Take(ctx, 0, false)
}

// Take opens or renews the session, for checkout or, if that is 0, the licence's
// period. patient is for a person who waits. The caller has the turn.
func (h *Holder) Take(ctx context.Context, checkout time.Duration, patient bool) error {
	k := h.Ledger.Known()
	if k.License.IsZero() {
		return record.ErrNotActivated
	}
	if k.License.FromFile() {
		return ErrFile
	}
	h.join(ctx)
	h.sweep(ctx)
	s, err := h.name(ctx, "")
	if err != nil {
		return err
	}
	answer := h.open(ctx, s, checkout, patient)
	switch code := enforcement.Code(answer.Conflict.ID); {
	case code == enforcement.SessionNotOpen:
		// The server has forgotten this session; a new one takes its place.
		h.Logger.Info("floating session opened anew", "code", int(code))
		if s, err = h.name(ctx, s.SessionID); err != nil {
			return err
		}
		answer = h.open(ctx, s, checkout, false)
	case code == enforcement.CheckoutPeriodInvalid && checkout == 0:
		// A server that wants the period in so many words.
		h.Logger.Info("floating session opened with its period", "code", int(code))
		answer = h.open(ctx, s, record.SessionPeriod(h.Ledger.Known().License), false)
	}
	if h.doubts(answer) {
		answer = h.open(ctx, s, checkout, false)
	}
	kept := h.learn(ctx, s, checkout, answer)
	if answer.Kind == slascone.No && answer.Conflict.ID == 0 {
		return &slascone.ConflictError{Conflict: slascone.Conflict{Message: "the server says that the session is not valid"}, RetryAfter: answer.RetryAfter}
	}
	if err := answer.AsError(); err != nil {
		return err
	}
	return kept
}

// name returns the seat to ask for, with an ID that is kept before the server
// hears it: after a crash the next start renews this session instead of
// taking a second seat. forgotten is an ID that must not be used again.
func (h *Holder) name(ctx context.Context, forgotten string) (record.Seat, error) {
	usable := func(k *record.Known) bool {
		return k.Seat.SessionID != "" && k.Seat.SessionID != forgotten && k.Seat.Of(k.License)
	}
	before := h.Ledger.Known()
	if usable(before) {
		return before.Seat, nil
	}
	fresh := uuid.NewString()
	err := h.Ledger.Keep(ctx, func(k *record.Known) {
		if !usable(k) { // another window may have been first
			named := record.Seat{SessionID: fresh, LicenseKey: k.License.Key()}
			if k.Seat.Of(k.License) {
				named.Unwanted = k.Seat.Unwanted // until the answer
			}
			k.Seat = named
		}
	})
	if err != nil {
		return record.Seat{}, err
	}
	if old := before.Seat; old.Held() && !old.Of(before.License) {
		// It would lapse by itself, but somebody may be waiting for it.
		_ = h.tell(ctx, before, old)
	}
	return h.Ledger.Known().Seat, nil
}

// open opens a session or renews it. It is not inlined: its callers would have a
// copy each.
//
//go:noinline
func (h *Holder) open(ctx context.Context, s record.Seat, checkout time.Duration, patient bool) slascone.Answer[slascone.Session] {
	return slascone.Try(ctx, patient, func(ctx context.Context) slascone.Answer[slascone.Session] {
		return h.Client.OpenFloating(ctx, h.call(s, checkout), h.serverTime(h.Ledger.Known()))
	})
}

// serverTime is [record.Known.ServerTime] for calls about the session: what the server said
// of it is not undone by what it said before.
func (h *Holder) serverTime(k *record.Known) slascone.Known {
	known := k.ServerTime(h.Ledger.Now())
	known.NotBefore = record.Latest(known.NotBefore, k.Facts.Session.ProvenAt)
	known.Latest = record.Latest(known.Latest, known.NotBefore)
	return known
}

func (h *Holder) call(s record.Seat, checkout time.Duration) slascone.SessionCall {
	return slascone.SessionCall{
		LicenseKey: s.LicenseKey,
		ClientID:   h.ClientID,
		SessionID:  s.SessionID,
		UserID:     h.UserID,
		Checkout:   checkout,
	}
}

// learn learns from the answer to opening or renewing s. It returns an error only
// when what was learned could not be kept.
func (h *Holder) learn(ctx context.Context, s record.Seat, checkout time.Duration, answer slascone.Answer[slascone.Session]) error {
	if answer.Kind == slascone.Silence && answer.Err.Reason == slascone.Cancelled {
		return nil
	}
	now := h.Ledger.Now()
	at := answer.At
	if at.IsZero() {
		at = h.serverTime(h.Ledger.Known()).Latest
	}
	h.report(answer)
	closed, kept := ledger.Learn(ctx, h.Ledger, func(k *record.Known) (closed bool) {
		if k.Seat.SessionID != s.SessionID {
			return true // by another window, meanwhile
		}
		switch answer.Kind {
		case slascone.Silence:
			k.Seat.Contact = k.Seat.Contact.Failed(h.plan(k), now, answer.RetryAfter, chance.Float64())
			k.Facts = k.Facts.Silent(record.SilenceKind(answer.Err.Reason), now)
		case slascone.Yes:
			k.Seat.Contact = k.Seat.Contact.Answered(now, true, chance.Float64())
			k.Seat.Evidence, k.Seat.Checkout, k.Seat.Unwanted = answer.Evidence, checkout, false
			// The nonce proves that this answer came last, whatever its Date.
			k.Facts = k.Facts.SessionYes(record.Latest(k.Facts.Session.ProvenAt, at), k.SeatGiven(answer.Value, checkout, now))
		case slascone.No:
			h.refuse(k, answer, now)
		}
		return false
	})
	if closed && answer.Kind == slascone.Yes {
		_ = h.tell(ctx, h.Ledger.Known(), s) // nobody would renew it
	}
	return kept
}

// doubts reports whether a refusal is to be heard a second time, with a new nonce,
// before it counts: it names nobody, so it may have been meant for somebody else,
// or be one from before. That is so where it would restrict the user.
func (h *Holder) doubts(answer slascone.Answer[slascone.Session]) bool {
	if answer.Kind != slascone.No || !h.Ledger.Restricts(h.no(answer, h.Ledger.Now())) {
		return false
	}
	h.Logger.Info("the licence server is asked again before its refusal of a seat counts", "code", answer.Conflict.ID)
	return true
}

// no is what a refusal means to the policy engine.
func (h *Holder) no(answer slascone.Answer[slascone.Session], now time.Time) enforcement.No {
	no := enforcement.No{Endpoint: enforcement.EndpointSessionOpen, Code: enforcement.Code(answer.Conflict.ID), At: answer.At}
	if answer.Undated {
		no.ReceivedAt = now
	}
	switch no.Code {
	case 0:
		no.Cause = enforcement.ConnectionLimit // a 200 that says is_session_valid=false
	case h.Suspended:
		no.Cause = enforcement.Suspended
	}
	return no
}

// refuse folds a No into what is known.
func (h *Holder) refuse(k *record.Known, answer slascone.Answer[slascone.Session], now time.Time) {
	k.Seat.Contact, k.Seat.Unwanted = k.Seat.Contact.Answered(now, false, chance.Float64()), false
	no := h.no(answer, now)
	// A conflict that concerns the call alone leaves the session as it is.
	if k.Facts = k.Facts.No(no); k.Facts.Session.ValidUntil.IsZero() {
		k.Seat.Evidence = slascone.Evidence{}
		k.SeatLost = answer.AsError()
	}
	if no.Code == enforcement.SessionOnNamedLicense {
		k.Seat = record.Seat{Unwanted: true, LicenseKey: k.License.Key(), Contact: k.Seat.Contact}
		k.Facts = k.Facts.WithoutSession()
	}
}

// Close gives the seat back. The caller has the turn.
func (h *Holder) Close(ctx context.Context) error {
	before := h.Ledger.Known()
	if err := h.tell(ctx, before, before.Seat); err != nil {
		return err
	}
	now := h.Ledger.Now()
	return h.Ledger.Keep(ctx, func(k *record.Known) {
		if k.Seat.SessionID != before.Seat.SessionID {
			return
		}
		k.Seat = record.Seat{}
		k.Facts = k.Facts.SessionClosed(now)
	})
}

// Drop gives back the seat of a licence that was just replaced by another, before
// being what was known until then. It would lapse by itself, but somebody may be
// waiting for it.
func (h *Holder) Drop(ctx context.Context, before *record.Known) {
	if now := h.Ledger.Known(); before.Seat.Held() && !before.Seat.Of(now.License) {
		_ = h.Client.CloseFloating(ctx, h.call(before.Seat, 0), before.ServerTime(h.Ledger.Now()))
	}
}

// Given is the seat as it is known here, and whether it is held now.
func (h *Holder) Given() (s record.Seat, until time.Time, held bool) {
	k := h.Ledger.Known()
	return k.Seat, k.Facts.Session.ValidUntil, k.SeatedAt(h.Ledger.Now())
}

// Shared reports whether windows share one seat.
func (h *Holder) Shared() bool { return h.window == 0 }

// tell tells the server that a session is over. One that it does not know has
// lapsed already.
func (h *Holder) tell(ctx context.Context, k *record.Known, s record.Seat) error {
	answer := h.Client.CloseFloating(ctx, h.call(s, 0), h.serverTime(k))
	if enforcement.Code(answer.Conflict.ID) == enforcement.SessionNotOpen {
		return nil
	}
	return answer.AsError()
}

// report tells the log, and the application where the seat itself is not
// concerned, how a call for the seat went. The caller has the turn.
func (h *Holder) report(answer slascone.Answer[slascone.Session]) {
	code := enforcement.Code(answer.Conflict.ID)
	switch answer.Kind {
	case slascone.Silence:
		h.Logger.Info("licence server gave no answer", "reason", answer.Err.Reason.String(), "status", answer.Err.Status)
		return
	case slascone.No:
		if k := h.Ledger.Known(); code == enforcement.SessionOnNamedLicense && !k.License.Floating() {
			return // as can be expected of a licence for users that is not floating
		}
		h.Logger.Warn("floating seat refused", "code", int(code))
		if code != h.refused && code != 0 && code.CauseAt(enforcement.EndpointSessionOpen, true) == enforcement.NoCause {
			h.Refused(answer.AsError())
		}
	}
	h.refused = code
}

// Release gives the seat back at the end of the process, unless it was
// taken by hand, is checked out for work off line, or another window still uses
// it. The caller has the turn.
func (h *Holder) Release(ctx context.Context) error {
	if !h.joined.Load() {
		return nil
	}
	release, last := h.last()
	if !last {
		return nil
	}
	defer release()
	h.Ledger.Refresh(ctx)
	k := h.Ledger.Known()
	s := k.Seat
	switch {
	case s.SessionID == "":
	case k.SeatedAt(h.Ledger.Now()):
		if s.Checkout == 0 {
			return h.Close(ctx)
		}
	case s.Contact.Failures == 1, s.Contact.Failures == 0 && !s.Contact.Denied:
		// The seat may be taken though the answer that said so was lost.
		_ = h.Close(ctx)
	}
	return nil
}
