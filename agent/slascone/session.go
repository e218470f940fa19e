package slascone

import (
	"context"
	"errors"
	"fmt"
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
	LicenseKey string // the licence_id of the wire
	ClientID   string // required
	SessionID  string // UUID text, chosen by the client
	UserID     string
	Checkout   time.Duration // hold the seat this long without renewal; 0: the licence's session period
}

func (s SessionCall) request() wire.SessionRequest {
	return wire.SessionRequest{
		LicenseID:      s.LicenseKey,
		ClientID:       s.ClientID,
		SessionID:      s.SessionID,
		UserID:         s.UserID,
		CheckoutPeriod: s.Checkout.Minutes(),
	}
}

// OpenFloating takes or renews a floating seat (SLASCONE help centre
// 360016152858). A 200 that says the session is not valid is a No without a
// conflict ID.
func (c *Client) OpenFloating(ctx context.Context, s SessionCall, known Known) Answer[Session] {
	if fail := requireClient(s.ClientID); fail != nil {
		return silence[Session](response{}, fail)
	}
	r, fail := c.exchange(ctx, wire.PathSessionOpen, s.request())
	if fail != nil {
		return silence[Session](r, fail)
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[Session](r, known)
	}
	a := Answer[Session]{Kind: No, RetryAfter: r.retryAfter}
	a.At, a.Undated = known.within(r.date) // as a conflict's, so that the two can be ordered
	if fail := r.asLongAs("session"); fail != nil {
		return silence[Session](r, fail)
	}
	session, valid, fail := readSession(r.body)
	switch {
	case fail != nil:
		return silence[Session](r, fail)
	case !valid:
		return a
	case session.ValidUntil.Before(known.NotBefore):
		// An old answer played again, since a seat is never given for a time that
		// is over.
		return silence[Session](r, &SilenceError{Reason: Stale, Status: r.status, Detail: fmt.Sprintf(
			"the licence server's answer is for a session until %s, which is over by one that was already accepted, of %s; %s", shown(session.ValidUntil), shown(known.NotBefore), wayOut)})
	}
	a.Kind, a.Value = Yes, session
	a.Evidence = Evidence{Kind: KindSession, Body: r.body, Signature: r.signature}
	return a
}

// CloseFloating gives a floating seat back. A Yes says that the server
// acknowledged.
func (c *Client) CloseFloating(ctx context.Context, s SessionCall, known Known) Answer[struct{}] {
	if fail := requireClient(s.ClientID); fail != nil {
		return silence[struct{}](response{}, fail)
	}
	return c.acknowledgedCall(ctx, wire.PathSessionClose, s.request(), known)
}

// readSession reads the body of a 200. valid is the server's verdict; the
// session is worth something only with it.
func readSession(body []byte) (s Session, valid bool, fail *SilenceError) {
	var w wire.SessionInfo
	err := wire.Unmarshal(body, &w)
	switch {
	case err != nil:
	case w.IsSessionValid == nil:
		err = errors.New("it has no is_session_valid")
	case *w.IsSessionValid && instant(w.SessionValidUntil).IsZero():
		err = errors.New("it has no session_valid_until")
	}
	if err != nil {
		return Session{}, false, badShape(http.StatusOK, "session", err)
	}
	return Session{
		ValidUntil:  instant(w.SessionValidUntil),
		Created:     instant(w.SessionCreatedDate),
		Modified:    instant(w.SessionModifiedDate),
		MaxSessions: count(w.MaxOpenSessionCount),
		MaxClients:  count(w.MaxActiveClientCount),
	}, *w.IsSessionValid, nil
}

func count(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
