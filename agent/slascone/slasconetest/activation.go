package slasconetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// activate serves POST /provisioning/activations.
//
// A licence key or legacy key takes the first free token, a token key takes its
// own. A client that already holds a seat of the licence keeps it, whichever of
// the keys it gives, or is refused with Config.SecondActivation. A client that holds a seat of another licence of the same
// product gives that one back, except that a temporary and a normal licence are
// held side by side (SLASCONE help centre 11993387685789, 360016992278).
func (s *Server) activate(x *exchange) result {
	var req wire.ActivationRequest
	if p := x.decode(&req, "product_id", "license_key"); p != nil {
		return problem(p)
	}
	return s.activateClient(req, x.now, func(t *token, c *client) result { return ok(s.info(t, c, x.now)) })
}

// activateClient seats the client and answers with what then makes of it.
func (s *Server) activateClient(req wire.ActivationRequest, now time.Time, then func(*token, *client) result) result {
	if s.store.product(req.ProductID) == nil {
		return conflict(unknownProduct)
	}
	if strings.TrimSpace(req.ClientID) == "" {
		return conflict(missingClient)
	}
	l, wanted := s.store.resolve(req.ProductID, req.LicenseKey)
	if l == nil {
		return conflict(invalidKey)
	}
	s.store.lapse(l, now)
	known := s.store.client(req.ClientID)
	if id := s.suspension(known, now); id != 0 {
		return conflict(id)
	}
	if id := l.refuses(now); id != 0 {
		return conflict(id)
	}
	if !l.versionValid(req.SoftwareVersion) && !l.AllowInvalidRelease {
		return conflict(versionNotCovered)
	}
	user := cmp.Or(req.UserID, userOf(req.ClientID))
	if id := l.mayEnrol(user); id != 0 {
		return conflict(id)
	}

	seat, id := s.chooseSeat(l, known, wanted)
	if id != 0 {
		return conflict(id)
	}
	c := known
	if c == nil {
		c = s.store.enrolClient(req.ClientID)
	}
	c.describe(traits{name: req.ClientName, description: req.ClientDescription, version: req.SoftwareVersion})
	c.user = cmp.Or(user, c.user)
	s.store.leaveOthers(c, l)
	if seat.client == nil {
		s.store.assign(seat, c, now)
	}
	l.enrol(user, now)
	return then(seat, c)
}

// chooseSeat finds the token that a client is to have: the one whose key it
// gave (wanted), the one it has, or a free one. Known is nil for a new client.
func (s *Server) chooseSeat(l *license, known *client, wanted *token) (*token, conflictID) {
	seat := l.heldBy(known)
	switch {
	case wanted != nil && wanted.client != nil && wanted != seat:
		return nil, tokenTaken
	case seat != nil && (wanted == nil || wanted == seat) && s.cfg.SecondActivation != 0:
		return nil, conflictID(s.cfg.SecondActivation)
	case wanted != nil && wanted != seat:
		if seat != nil {
			s.store.release(seat) // the client moves to the token it names
		}
		return wanted, 0
	case seat == nil:
		if seat = l.free(s.store); seat == nil {
			return nil, noFreeToken
		}
	}
	return seat, 0
}

// resolve finds the licence of a product by licence key, token key or legacy
// key. For a token key it also returns the token.
func (st *store) resolve(productID, key string) (*license, *token) {
	l, t := st.byKey[fold(key)], st.token(key)
	switch {
	case l != nil:
	case t != nil:
		l = t.of
	default:
		l = st.byLegacy[fold(key)]
	}
	if l == nil || fold(l.ProductID) != fold(productID) {
		return nil, nil
	}
	return l, t
}

// refuses says why the licence lets nobody in. A licence that starts later is
// not refused here: activating ahead is allowed, and the flags tell the client.
func (l *license) refuses(now time.Time) conflictID {
	switch {
	case l.Inactive:
		return licenseInactive
	case l.dates(now) == dateExpired:
		return licenseExpired
	}
	return 0
}

// leaveOthers releases the client's tokens of other licences of l's product
// that l replaces.
func (st *store) leaveOthers(c *client, l *license) {
	for _, t := range slices.Clone(c.seats) {
		if t.of != l && fold(t.of.ProductID) == fold(l.ProductID) && t.of.Temporary == l.Temporary {
			st.release(t)
		}
	}
}

// userOf is the user part of a client ID of the form device/user.
func userOf(clientID string) string {
	_, user, _ := strings.Cut(clientID, "/")
	return user
}

// mayEnrol says why a user may not use a licence for users. One that lists
// users and has no limit is closed: only these. One with a limit enrols whoever
// comes until it is reached.
func (l *license) mayEnrol(user string) conflictID {
	if !l.ForUsers {
		return 0
	}
	if strings.TrimSpace(user) == "" {
		return unknownUser
	}
	active := 0
	for _, u := range l.Users {
		if fold(u.ID) == fold(user) {
			if u.Inactive {
				return unknownUser
			}
			return 0
		}
		if !u.Inactive {
			active++
		}
	}
	switch {
	case l.UserLimit != nil && active >= *l.UserLimit:
		return userLimit
	case l.UserLimit == nil && len(l.Users) > 0:
		return unknownUser
	}
	return 0
}

// enrol lists a user that mayEnrol let in, where the licence counts users.
func (l *license) enrol(user string, now time.Time) {
	if !l.ForUsers || l.UserLimit == nil {
		return
	}
	for _, u := range l.Users {
		if fold(u.ID) == fold(user) {
			return
		}
	}
	l.Users = append(l.Users, User{ID: user, Created: now})
}

// suspension is the conflict that a client gets while it is suspended; c is nil
// for one that is not known.
func (s *Server) suspension(c *client, now time.Time) conflictID {
	refused := s.store.suspended[c]
	if !now.Before(refused.until) {
		return 0
	}
	return conflictID(cmp.Or(refused.conflict, s.cfg.SuspendedConflict))
}
