package slasconetest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// must is for the calls of tests, which have nothing to do about a mistake of
// their own but to stop.
func must[T any](v T, err error) T {
	if err != nil {
		panic("slasconetest: " + err.Error())
	}
	return v
}

// AddProduct adds a product and returns it with what was filled in. It panics
// when p makes no sense.
func (s *Server) AddProduct(p Product) Product { return must(s.addProduct(p)) }

func (s *Server) addProduct(p Product) (Product, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.addProduct(p, s.now())
}

// Products lists the products in order of creation.
func (s *Server) Products() []Product {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Product, len(s.store.products))
	for i, p := range s.store.products {
		list[i] = p.clone()
	}
	return list
}

// UpdateProduct changes a product through change, which may call the server, but
// not update a product or a licence in turn. It panics when it does, and when
// there is no such product or it makes no sense.
func (s *Server) UpdateProduct(id string, change func(*Product)) Product {
	return must(s.updateProduct(id, func(p *Product) error { change(p); return nil }))
}

func (s *Server) updateProduct(id string, change func(*Product) error) (Product, error) {
	defer s.updating.begin()()
	s.mu.Lock()
	p := s.store.product(id)
	if p == nil {
		s.mu.Unlock()
		return Product{}, fmt.Errorf("product %q: %w", id, errNotFound)
	}
	changed := p.clone()
	s.mu.Unlock()
	if err := change(&changed); err != nil {
		return Product{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p = s.store.product(id); p == nil { // the server was reset meanwhile
		return Product{}, fmt.Errorf("product %q: %w", id, errNotFound)
	}
	if fold(changed.ID) != fold(p.ID) {
		return Product{}, errors.New("a product's ID cannot be changed")
	}
	if err := changed.check(); err != nil {
		return Product{}, err
	}
	*p = changed
	return changed.clone(), nil
}

// AddLicense adds a licence and returns it with what was filled in, such as its
// key. It panics when l makes no sense.
func (s *Server) AddLicense(l License) License { return must(s.addLicense(l)) }

func (s *Server) addLicense(l License) (License, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.addLicense(l, s.now())
}

// Licenses lists the licences in order of creation.
func (s *Server) Licenses() []License {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]License, len(s.store.licenses))
	for i, l := range s.store.licenses {
		list[i] = l.License.clone()
	}
	return list
}

// License returns a licence by its key, and whether there is one.
func (s *Server) License(key string) (License, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(key)
	if err != nil {
		return License{}, false
	}
	return l.License.clone(), true
}

// UpdateLicense changes a licence's terms through change; seats that are taken
// stay taken. Change may call the server, for its clock and whatever else, but not
// update a licence or a product in turn. UpdateLicense panics when it does, and
// when there is no such licence or the terms make no sense.
func (s *Server) UpdateLicense(key string, change func(*License)) License {
	return must(s.updateLicense(key, func(l *License) error { change(l); return nil }))
}

func (s *Server) updateLicense(key string, change func(*License) error) (License, error) {
	defer s.updating.begin()()
	s.mu.Lock()
	l, err := s.store.license(key)
	if err != nil {
		s.mu.Unlock()
		return License{}, err
	}
	before, terms := l.License.clone(), l.License.clone()
	s.mu.Unlock()
	if err := change(&terms); err != nil {
		return License{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, err = s.store.license(key); err != nil {
		return License{}, err
	}
	terms.keepWhatClientsDid(before, l.License)
	return s.store.updateLicense(key, terms, s.now())
}

// keepWhatClientsDid takes over what licensing calls have changed between two
// moments: users who enrolled, and the switch of licenses/state/toggle.
func (l *License) keepWhatClientsDid(before, now License) {
	for _, u := range now.Users[min(len(before.Users), len(now.Users)):] {
		if !slices.ContainsFunc(l.Users, func(known User) bool { return fold(known.ID) == fold(u.ID) }) {
			l.Users = append(l.Users, u)
		}
	}
	if now.Inactive != before.Inactive && l.Inactive == before.Inactive {
		l.Inactive = now.Inactive
	}
}

// DeleteLicense removes a licence with its tokens and sessions, and reports
// whether there was one.
func (s *Server) DeleteLicense(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.deleteLicense(key) == nil
}

// IssueToken makes a token of a licence that nobody holds yet, and returns its
// key: what a vendor gives to the user of one seat. It panics when there is no
// such licence or its tokens are used up.
func (s *Server) IssueToken(licenseKey string) string { return must(s.issueToken(licenseKey)) }

func (s *Server) issueToken(licenseKey string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(licenseKey)
	if err != nil {
		return "", err
	}
	t := l.issue(s.store)
	if t == nil {
		return "", fmt.Errorf("licence %s has no token left to issue", l.Key)
	}
	return t.key(), nil
}

// Tokens lists a licence's tokens, free ones too.
func (s *Server) Tokens(licenseKey string) []Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(licenseKey)
	if err != nil {
		return nil
	}
	s.store.lapse(l, s.now())
	list := make([]Token, len(l.tokens))
	for i, t := range l.tokens {
		list[i] = t.public()
	}
	return list
}

// ReleaseToken takes a seat from its client, as a vendor does in the back
// office, and reports whether a client held it.
func (s *Server) ReleaseToken(tokenKey string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.store.token(tokenKey)
	if t == nil || t.client == nil {
		return false
	}
	s.store.release(t)
	return true
}

// Clients lists the clients by ID.
func (s *Server) Clients() []Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Client{}
	for _, c := range s.store.sortedClients() {
		s.store.lapseClient(c, s.now())
		list = append(list, s.store.public(c))
	}
	return list
}

// Suspend refuses a client until the given server time with
// [Config.SuspendedConflict]; the zero time ends the suspension. It reports
// whether there is such a client.
func (s *Server) Suspend(clientID string, until time.Time) bool {
	return s.SuspendWith(clientID, until, 0)
}

// SuspendWith is [Server.Suspend] with the conflict of that ID; 0 is the
// configured one. It panics when the ID is negative.
func (s *Server) SuspendWith(clientID string, until time.Time, conflict int) bool {
	if conflict < 0 {
		panic(fmt.Sprintf("slasconetest: %d is not the ID of a conflict", conflict))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.store.client(clientID)
	if c == nil {
		return false
	}
	s.store.suspended[c] = suspension{until, conflict}
	if until.IsZero() {
		delete(s.store.suspended, c)
	}
	return true
}

// ForgetClient removes a client, frees its tokens and ends its sessions, so
// that its next heartbeat gets 2006. It reports whether there was one.
func (s *Server) ForgetClient(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.store.client(id)
	if c == nil {
		return false
	}
	for _, t := range slices.Clone(c.seats) {
		s.store.release(t)
	}
	s.forgotten(c)
	s.store.forget(c)
	return true
}

// Sessions lists the open sessions, licence by licence, oldest first.
func (s *Server) Sessions() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Session{}
	for _, l := range s.store.licenses {
		s.store.lapse(l, s.now())
		for _, open := range l.sessions {
			list = append(list, *open)
		}
	}
	return list
}

// EndSession ends every open session of that ID, as a vendor does in the back
// office, and reports whether there was one.
func (s *Server) EndSession(sessionID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := false
	for _, l := range s.store.licenses {
		ended = l.endSessions(func(open *Session) bool { return fold(open.ID) == fold(sessionID) }) || ended
	}
	return ended
}

// Reset forgets everything but the configuration and the signing key: what
// Config lists is there again, the clock and the faults are undone.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store, s.offset, s.outage, s.faults, s.log = newStore(), 0, false, nil, requestLog{}
	s.past = answerLog{}
	if err := s.seed(false); err != nil {
		panic("slasconetest: a configuration that was accepted: " + err.Error())
	}
}
