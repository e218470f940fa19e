package slasconetest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

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
	period := time.Duration(l.sessionPeriod()) * time.Minute
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
		return conflict(licenseInactive)
	case l.ForUsers && strings.TrimSpace(req.UserID) == "":
		return conflict(missingUser)
	case l.heldBy(c) == nil:
		return conflict(tokenNotAssigned)
	}

	open := l.session(c.id, req.SessionID)
	if open == nil {
		if id := l.mayOpen(c.id, req.UserID); id != 0 {
			return conflict(id)
		}
		open = &Session{ID: req.SessionID, LicenseKey: l.Key, ClientID: c.id, UserID: req.UserID, Created: x.now, ValidUntil: x.now.Add(period)}
		if open.ID == "" {
			open.ID, open.Unnamed = uuid.NewString(), true
		}
		l.addSession(open)
	}
	open.Modified, open.ValidUntil = x.now, x.now.Add(period)
	l.lapseAt(open.ValidUntil)
	return ok(l.sessionInfo(open))
}

// closeSession serves POST /provisioning/session/close.
func (s *Server) closeSession(x *exchange) result {
	l, c, req, res := s.session(x)
	if res != nil {
		return *res
	}
	open := l.session(c.id, req.SessionID)
	if open == nil {
		return conflict(noOpenSession)
	}
	l.endSessions(func(other *Session) bool { return other == open })
	return ok("Success.")
}

// hasSessions reports whether sessions can be opened. The WPF sample opens one
// for every licence of users, be it named or floating (HandleProvisioningMode of
// SLASCONE-demo-wpf-nuget).
func (l *license) hasSessions() bool { return l.Floating || l.ForUsers }

// sessionPeriod is in minutes. A licence that became one with sessions has the
// default.
func (l *license) sessionPeriod() int {
	if l.SessionPeriod == nil {
		return defaultSessionPeriod
	}
	return *l.SessionPeriod
}

// session reads what opening and closing have in common. Only licences of users
// need a session ID: the vendor's Java clients send none for devices.
func (s *Server) session(x *exchange) (*license, *client, sessionRequest, *result) {
	var req sessionRequest
	if p := x.decode(&req, "license_id"); p != nil {
		res := problem(p)
		return nil, nil, req, &res
	}
	refuse := func(id conflictID) (*license, *client, sessionRequest, *result) {
		res := conflict(id)
		return nil, nil, req, &res
	}
	l, err := s.store.license(req.LicenseID)
	if err != nil {
		return refuse(invalidKey)
	}
	if !l.hasSessions() {
		return refuse(licenseNotFloating)
	}
	if strings.TrimSpace(req.ClientID) == "" {
		return refuse(missingClient)
	}
	if l.ForUsers && req.SessionID == "" {
		return refuse(missingSession)
	}
	c := s.store.client(req.ClientID)
	if c == nil {
		return refuse(unknownClient)
	}
	if id := s.suspension(c, x.now); id != 0 {
		return refuse(id)
	}
	s.store.lapse(l, x.now)
	return l, c, req, nil
}

// session finds an open session of a client: the one of that ID, or without an
// ID the one that was opened without.
func (l *license) session(clientID, id string) *Session {
	for _, s := range l.sessionsOf[fold(clientID)] {
		if id == "" && s.Unnamed || id != "" && fold(s.ID) == fold(id) {
			return s
		}
	}
	return nil
}

// addSession opens a session.
func (l *license) addSession(s *Session) {
	if l.sessionsOf == nil {
		l.sessionsOf = map[string][]*Session{}
	}
	l.sessions = append(l.sessions, s)
	l.sessionsOf[fold(s.ClientID)] = append(l.sessionsOf[fold(s.ClientID)], s)
	l.lapseAt(s.ValidUntil)
}

// endSessions ends those that are to end, and reports whether there was one.
func (l *license) endSessions(ends func(*Session) bool) bool {
	n := len(l.sessions)
	l.sessions = slices.DeleteFunc(l.sessions, func(s *Session) bool {
		if !ends(s) {
			return false
		}
		key := fold(s.ClientID)
		left := slices.DeleteFunc(l.sessionsOf[key], func(other *Session) bool { return other == s })
		if l.sessionsOf[key] = left; len(left) == 0 {
			delete(l.sessionsOf, key)
		}
		return true
	})
	return len(l.sessions) < n
}

// mayOpen says why no further session can be had. The narrower reason comes
// first: waiting for a seat would not help a client that has its share.
func (l *license) mayOpen(clientID, userID string) conflictID {
	if l.ForUsers && slices.ContainsFunc(l.sessions, func(s *Session) bool { return fold(s.UserID) == fold(userID) }) {
		return userHasSession
	}
	same := len(l.sessionsOf[fold(clientID)])
	switch {
	case l.MaxSessionsPerClient != nil && same >= *l.MaxSessionsPerClient:
		return sessionLimit
	case l.Floating && !l.SoftFloatingLimit && l.FloatingTokenLimit != nil && len(l.sessions) >= *l.FloatingTokenLimit:
		return connectionLimit
	}
	return 0
}

// sessionInfo writes the licence's floating limit as max_open_session_count and
// its token limit as max_active_client_count.
func (l *license) sessionInfo(s *Session) *wire.SessionInfo {
	return &wire.SessionInfo{
		IsSessionValid:       new(true),
		SessionValidUntil:    date(s.ValidUntil),
		SessionCreatedDate:   date(s.Created),
		SessionModifiedDate:  date(s.Modified),
		MaxOpenSessionCount:  limitOrMost(l.FloatingTokenLimit),
		MaxActiveClientCount: limitOrMost(l.TokenLimit),
	}
}

// floatingCount serves GET
// /provisioning/licenses/{license_id}/tokens/floating/active/count.
func (s *Server) floatingCount(x *exchange) result {
	l, err := s.store.license(x.licenseID)
	if err != nil {
		return conflict(invalidKey)
	}
	s.store.lapse(l, x.now)
	return ok(len(l.sessions))
}

// userSession is an element of active_sessions, the SessionDto of the vendor's
// generated clients.
type userSession struct {
	ID                   string          `json:"id"`
	SessionID            *string         `json:"session_id"`
	ValidUntil           *wire.Time      `json:"session_valid_until"`
	Created              *wire.Time      `json:"created_date_utc"`
	Modified             *wire.Time      `json:"modified_date_utc"`
	LicenseID            string          `json:"license_id"`
	AssignmentID         string          `json:"assignment_id"`
	Assignment           json.RawMessage `json:"assignment"`
	UserID               *string         `json:"user_id"`
	MaxOpenSessionCount  *int            `json:"max_open_session_count"`
	MaxActiveClientCount *int            `json:"max_active_client_count"`
	Duration             int             `json:"duration"` // minutes
}

// activeSessions lists the sessions of a user as LicenseInfo carries them.
func (l *license) activeSessions(userID string) []json.RawMessage {
	list := []json.RawMessage{}
	for _, s := range l.sessions {
		if fold(s.UserID) != fold(userID) {
			continue
		}
		dto := userSession{
			ID: derivedID(l.Key, "session", s.ID), SessionID: new(s.ID), ValidUntil: date(s.ValidUntil), Created: date(s.Created), Modified: date(s.Modified),
			LicenseID: l.Key, UserID: optional(s.UserID), MaxOpenSessionCount: limitOrMost(l.FloatingTokenLimit), MaxActiveClientCount: limitOrMost(l.TokenLimit),
			Duration: int(s.ValidUntil.Sub(s.Created).Minutes()),
		}
		dto.AssignmentID = derivedID(l.Key, "assignment", s.ClientID)
		list = append(list, marshal(dto))
	}
	return list
}
