package slascone

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Session is a floating seat, held until ValidUntil unless it is renewed.
type Session struct {
	ValidUntil time.Time
	Created    time.Time // zero when not told
	Modified   time.Time // zero when not told
	// MaxSessions and MaxClients are the licence's limits; 0 when not told.
	MaxSessions, MaxClients int
}

// SessionCall names a session. Opening again under the same ID renews it.
type SessionCall struct {
	LicenceKey string // the licence_id of the wire
	ClientID   string
	SessionID  string // UUID text, chosen by the client
	UserID     string
	Checkout   time.Duration // hold the seat this long without renewal; 0: the licence's session period
}

func (s SessionCall) request() wire.SessionRequest {
	return wire.SessionRequest{
		LicenseID:      s.LicenceKey,
		ClientID:       s.ClientID,
		SessionID:      s.SessionID,
		UserID:         s.UserID,
		CheckoutPeriod: s.Checkout.Minutes(),
	}
}

// OpenFloating takes or renews a floating seat. A 200 that says the session is
// not valid is a No without a conflict ID.
func (c *Client) OpenFloating(ctx context.Context, s SessionCall, known Known) Answer[Session] {
	r, fail, wait := c.exchange(ctx, wire.PathSessionOpen, s.request())
	if fail != nil {
		return Answer[Session]{Err: fail, RetryAfter: wait}
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[Session](r, known)
	}
	session, fail := readSession(r.body)
	if fail != nil {
		return Answer[Session]{Err: fail, RetryAfter: wait}
	}
	if session.ValidUntil.IsZero() {
		return Answer[Session]{Kind: No, At: known.NotBefore, RetryAfter: wait}
	}
	// A seat whose time is over is an old answer played again.
	if session.ValidUntil.Before(known.NotBefore) {
		return silence[Session](Stale, r.status, "the response is for a session that is over", nil)
	}
	return Answer[Session]{
		Kind:       Yes,
		Value:      session,
		Evidence:   Evidence{Kind: KindSession, Body: r.body, Signature: r.signature},
		At:         session.Modified,
		RetryAfter: wait,
	}
}

// CloseFloating gives a floating seat back.
func (c *Client) CloseFloating(ctx context.Context, s SessionCall, known Known) Answer[struct{}] {
	return c.acknowledgedCall(ctx, wire.PathSessionClose, s.request(), known)
}

// Unassign gives the seat with this token key back.
func (c *Client) Unassign(ctx context.Context, tokenKey string, known Known) Answer[struct{}] {
	return c.acknowledgedCall(ctx, wire.PathUnassign, wire.UnassignRequest{TokenKey: tokenKey}, known)
}

// acknowledgedCall makes a call whose 200 is a JSON string for a person.
func (c *Client) acknowledgedCall(ctx context.Context, path string, request any, known Known) Answer[struct{}] {
	r, fail, wait := c.exchange(ctx, path, request)
	if fail != nil {
		return Answer[struct{}]{Err: fail, RetryAfter: wait}
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[struct{}](r, known)
	}
	var text string
	if err := json.Unmarshal(r.body, &text); err != nil {
		return silence[struct{}](BadShape, r.status, "the response is signed but is no acknowledgement", err)
	}
	return Answer[struct{}]{Kind: Yes, RetryAfter: wait}
}

func readSession(body []byte) (Session, *SilenceError) {
	bad := func(detail string, err error) (Session, *SilenceError) {
		return Session{}, &SilenceError{Reason: BadShape, Status: http.StatusOK, Detail: detail, Err: err}
	}
	var w wire.SessionInfo
	if err := json.Unmarshal(body, &w); err != nil {
		return bad("the response is signed but is no session", err)
	}
	if w.IsSessionValid == nil || *w.IsSessionValid && w.SessionValidUntil == nil {
		return bad("the response is signed but is no session: it does not say how long it is valid", nil)
	}
	s := Session{
		Created:  instant(w.SessionCreatedDate),
		Modified: instant(w.SessionModifiedDate),
	}
	if *w.IsSessionValid {
		s.ValidUntil = w.SessionValidUntil.Time
	}
	if w.MaxOpenSessionCount != nil {
		s.MaxSessions = *w.MaxOpenSessionCount
	}
	if w.MaxActiveClientCount != nil {
		s.MaxClients = *w.MaxActiveClientCount
	}
	return s, nil
}
