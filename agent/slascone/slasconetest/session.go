package slasconetest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// sessionRequest is wire.SessionRequest with a checkout period that tells zero
// from absent: zero is conflict 12003.
type sessionRequest struct {
	wire.SessionRequest
	CheckoutPeriod *float64 `json:"checkout_period"`
}

// maxCheckout keeps a checkout period within what a date can hold.
const maxCheckout = 10 * 365 * 24 * 60 // minutes

// openSession serves POST /provisioning/session/open, which also renews.
//
// A session ends when it was not renewed for the session period, or for the
// checkout period it was opened with. Renewing what has ended opens anew, if a
// seat is free.
func (s *Server) openSession(x *exchange) result {
	l, c, req, res := s.session(x)
	if res != nil {
		return *res
	}
	period := time.Duration(*l.SessionPeriod) * time.Minute
	if p := req.CheckoutPeriod; p != nil {
		if *p <= 0 || *p > maxCheckout {
			return conflict(badCheckout)
		}
		period = time.Duration(*p * float64(time.Minute))
	}
	switch id := l.refuses(x.now); {
	case id != 0:
		return conflict(id)
	case l.dates(x.now) == dateNotYetValid:
		return conflict(licenceInactive)
	case l.ForUsers && strings.TrimSpace(req.UserID) == "":
		return conflict(missingUser)
	case l.heldBy(c.ID) == nil:
		return conflict(tokenNotAssigned)
	}

	open := l.session(c.ID, req.SessionID)
	if open == nil {
		if id := l.mayOpen(c.ID, req.UserID); id != 0 {
			return conflict(id)
		}
		open = &Session{ID: req.SessionID, LicenceKey: l.Key, ClientID: c.ID, UserID: req.UserID, Created: x.now}
		l.sessions = append(l.sessions, open)
	}
	open.Modified, open.ValidUntil = x.now, x.now.Add(period)
	return ok(l.sessionInfo(open))
}

// closeSession serves POST /provisioning/session/close.
func (s *Server) closeSession(x *exchange) result {
	l, c, req, res := s.session(x)
	if res != nil {
		return *res
	}
	open := l.session(c.ID, req.SessionID)
	if open == nil {
		return conflict(noOpenSession)
	}
	l.sessions = slices.DeleteFunc(l.sessions, func(other *Session) bool { return other == open })
	return ok("Success.")
}

// session reads what opening and closing have in common.
func (s *Server) session(x *exchange) (*licence, *Client, sessionRequest, *result) {
	var req sessionRequest
	if p := x.decode(&req, "license_id"); p != nil {
		res := problem(p)
		return nil, nil, req, &res
	}
	refuse := func(id conflictID) (*licence, *Client, sessionRequest, *result) {
		res := conflict(id)
		return nil, nil, req, &res
	}
	l, err := s.store.licence(req.LicenseID)
	if err != nil {
		return refuse(invalidKey)
	}
	if !l.Floating {
		return refuse(licenceNotFloating)
	}
	if strings.TrimSpace(req.ClientID) == "" {
		return refuse(missingClient)
	}
	if req.SessionID == "" {
		return refuse(missingSession)
	}
	c := s.store.clients[fold(req.ClientID)]
	if c == nil {
		return refuse(unknownClient)
	}
	if x.now.Before(c.SuspendedUntil) {
		return refuse(s.suspended())
	}
	s.store.lapse(l, x.now)
	return l, c, req, nil
}

// session finds an open session of a client.
func (l *licence) session(clientID, id string) *Session {
	for _, s := range l.sessions {
		if fold(s.ID) == fold(id) && fold(s.ClientID) == fold(clientID) {
			return s
		}
	}
	return nil
}

// mayOpen says why no further session can be had. The narrower reason comes
// first: waiting for a seat would not help a client that has its share.
func (l *licence) mayOpen(clientID, userID string) conflictID {
	same := 0
	for _, s := range l.sessions {
		if l.ForUsers && fold(s.UserID) == fold(userID) {
			return userHasSession
		}
		if fold(s.ClientID) == fold(clientID) {
			same++
		}
	}
	switch {
	case l.MaxSessionsPerClient != nil && same >= *l.MaxSessionsPerClient:
		return sessionLimit
	case l.FloatingTokenLimit != nil && len(l.sessions) >= *l.FloatingTokenLimit:
		return connectionLimit
	}
	return 0
}

// sessionInfo writes the licence's floating limit as max_open_session_count and
// its token limit as max_active_client_count.
func (l *licence) sessionInfo(s *Session) *wire.SessionInfo {
	return &wire.SessionInfo{
		IsSessionValid:       new(true),
		SessionValidUntil:    date(s.ValidUntil),
		SessionCreatedDate:   date(s.Created),
		SessionModifiedDate:  date(s.Modified),
		MaxOpenSessionCount:  l.FloatingTokenLimit,
		MaxActiveClientCount: l.TokenLimit,
	}
}

// activeSessions lists the sessions of a user as LicenseInfo carries them.
func (l *licence) activeSessions(userID string) []json.RawMessage {
	list := []json.RawMessage{}
	for _, s := range l.sessions {
		if fold(s.UserID) == fold(userID) {
			if raw, err := json.Marshal(s); err == nil {
				list = append(list, raw)
			}
		}
	}
	return list
}
