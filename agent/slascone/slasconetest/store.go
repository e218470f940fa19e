package slasconetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// store is everything the server knows. It has no lock and no clock of its own:
// the Server holds the lock and passes the time.
type store struct {
	products []*Product
	licenses []*license
	byKey    map[string]*license // by licence key
	byLegacy map[string]*license
	tokens   map[uuid.UUID]*token
	clients  map[string]*client // by ID
	roll     []*client          // the same, in no order

	suspended map[*client]suspension

	usages       []Usage
	measurements []Measurement
}

// license is a licence with its seats and what was consumed of it.
type license struct {
	License
	tokens   []*token
	vacant   []*token // those of tokens that nobody holds
	sessions []*Session
	usage    map[string]*usage // by limitation ID

	sessionsOf map[string][]*Session // the same by client
	nextLapse  time.Time             // no session ends before; zero: not known
}

func newStore() *store {
	return &store{
		byKey:    map[string]*license{},
		byLegacy: map[string]*license{},
		tokens:   map[uuid.UUID]*token{},
		clients:  map[string]*client{},

		suspended: map[*client]suspension{},
	}
}

// fold makes IDs comparable: the service treats them without regard to case.
func fold(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

var errNotFound = errors.New("not found")

func (st *store) product(id string) *Product {
	for _, p := range st.products {
		if fold(p.ID) == fold(id) {
			return p
		}
	}
	return nil
}

func (st *store) addProduct(p Product, now time.Time) (Product, error) {
	p = p.clone()
	if p.Created.IsZero() {
		p.Created = now
	}
	if err := fillID(&p.ID, "product id"); err != nil {
		return p, err
	}
	if st.product(p.ID) != nil {
		return p, fmt.Errorf("there is a product %s already", p.ID)
	}
	if err := p.check(); err != nil {
		return p, err
	}
	p.Name = cmp.Or(p.Name, "Product")
	st.products = append(st.products, &p)
	return p.clone(), nil
}

func (p Product) check() error {
	for _, id := range slices.Concat(p.HeartbeatTypes, slices.Collect(maps.Keys(p.AnalyticalFields)), slices.Collect(maps.Keys(p.UsageFeatures)), slices.Collect(maps.Keys(p.UsageModules))) {
		if _, err := uuid.Parse(id); err != nil {
			return fmt.Errorf("product %q: %q is not a UUID", p.Name, id)
		}
	}
	for id, kind := range p.AnalyticalFields {
		if !slices.Contains([]string{"numeric", "text", "bool"}, kind) {
			return fmt.Errorf("product %q: analytical field %s: unknown kind %q: use numeric, text or bool", p.Name, id, kind)
		}
	}
	return nil
}

// license finds a licence by its key.
func (st *store) license(key string) (*license, error) {
	if l, ok := st.byKey[fold(key)]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("licence %q: %w", key, errNotFound)
}

func (st *store) addLicense(l License, now time.Time) (License, error) {
	l, err := st.complete(l, now)
	if err != nil {
		return l, err
	}
	if _, taken := st.byKey[fold(l.Key)]; taken {
		return l, fmt.Errorf("there is a licence %s already", l.Key)
	}
	if _, taken := st.byLegacy[fold(l.LegacyKey)]; taken && l.LegacyKey != "" {
		return l, fmt.Errorf("there is a licence with legacy key %q already", l.LegacyKey)
	}
	st.insert(&license{License: l, usage: map[string]*usage{}})
	return l.clone(), nil
}

func (st *store) insert(l *license) {
	st.licenses = append(st.licenses, l)
	st.byKey[fold(l.Key)] = l
	if l.LegacyKey != "" {
		st.byLegacy[fold(l.LegacyKey)] = l
	}
}

// updateLicense replaces a licence's terms; seats stay as they are, even where
// the new terms would not grant them.
func (st *store) updateLicense(key string, terms License, now time.Time) (License, error) {
	l, err := st.license(key)
	if err != nil {
		return terms, err
	}
	if terms, err = st.complete(terms, now); err != nil {
		return terms, err
	}
	if fold(terms.Key) != fold(l.Key) {
		return terms, errors.New("a licence's key cannot be changed")
	}
	if other := st.byLegacy[fold(terms.LegacyKey)]; other != nil && other != l && terms.LegacyKey != "" {
		return terms, fmt.Errorf("there is a licence with legacy key %q already", terms.LegacyKey)
	}
	delete(st.byLegacy, fold(l.LegacyKey))
	if terms.LegacyKey != "" {
		st.byLegacy[fold(terms.LegacyKey)] = l
	}
	l.License = terms
	return terms.clone(), nil
}

func (st *store) deleteLicense(key string) error {
	l, err := st.license(key)
	if err != nil {
		return err
	}
	for _, t := range l.tokens {
		st.release(t)
		delete(st.tokens, t.id)
	}
	delete(st.byKey, fold(l.Key))
	delete(st.byLegacy, fold(l.LegacyKey))
	st.licenses = slices.DeleteFunc(st.licenses, func(x *license) bool { return x == l })
	return nil
}

// complete checks a licence's terms and fills in what may be left out.
func (st *store) complete(l License, now time.Time) (License, error) {
	l = l.clone()
	if l.Issued.IsZero() {
		l.Issued = now
	}
	if l.ProductID == "" && len(st.products) > 0 {
		l.ProductID = st.products[0].ID
	}
	if st.product(l.ProductID) == nil {
		return l, fmt.Errorf("there is no product %q; add it first", l.ProductID)
	}
	if err := l.fillIDs(); err != nil {
		return l, err
	}
	for i := range l.Users {
		u := &l.Users[i]
		if strings.TrimSpace(u.ID) == "" {
			return l, errors.New("a licence user needs a user_id")
		}
		if u.Created.IsZero() {
			u.Created = now
		}
	}
	if err := l.checkNumbers(); err != nil {
		return l, err
	}
	if l.SessionPeriod == nil && (l.Floating || l.ForUsers) {
		l.SessionPeriod = new(defaultSessionPeriod)
	}
	if l.SessionPeriod != nil && *l.SessionPeriod == 0 {
		return l, errors.New("session_period must be at least one minute")
	}
	l.Name = cmp.Or(l.Name, "New License")
	l.Edition = cmp.Or(l.Edition, "Standard Edition")
	l.Customer.Name = cmp.Or(l.Customer.Name, "Example Ltd")
	l.Customer.Number = cmp.Or(l.Customer.Number, "10000")
	return l, nil
}

// fillIDs checks the IDs of a licence and generates those that are left out.
func (l *License) fillIDs() error {
	ids := []*string{&l.Key, &l.EditionID, &l.Customer.ID}
	if l.Type != (Type{}) {
		ids = append(ids, &l.Type.ID)
	}
	for i := range l.Features {
		ids = append(ids, &l.Features[i].ID)
	}
	for i := range l.Variables {
		ids = append(ids, &l.Variables[i].ID)
	}
	for i := range l.Choices {
		ids = append(ids, &l.Choices[i].ID, &l.Choices[i].ListID)
	}
	for i := range l.Limitations {
		ids = append(ids, &l.Limitations[i].ID)
	}
	for _, id := range ids {
		if err := fillID(id, "id"); err != nil {
			return err
		}
	}
	return nil
}

// checkNumbers checks what a licence counts.
func (l *License) checkNumbers() error {
	for _, limit := range l.Limitations {
		if err := limit.check(); err != nil {
			return err
		}
	}
	for name, n := range map[string]*int{
		"token_limit": l.TokenLimit, "floating_token_limit": l.FloatingTokenLimit, "user_limit": l.UserLimit,
		"max_sessions_per_client": l.MaxSessionsPerClient, "session_period": l.SessionPeriod,
		"heartbeat_period": l.HeartbeatPeriod, "freeride": l.Freeride, "goodwill_token_limit": &l.GoodwillTokens,
	} {
		if n != nil && *n < 0 {
			return fmt.Errorf("%s must not be negative", name)
		}
	}
	return nil
}

func (l Limitation) check() error {
	if l.Value != "" {
		if v, err := decimal.NewFromString(l.Value); err != nil || v.IsNegative() || v.Exponent() < -maxExponent || v.Exponent() > maxExponent {
			return fmt.Errorf("limitation %q: value %q is not a number of 0 or more", l.Name, l.Value)
		}
	}
	switch {
	case l.Reset < ResetDisabled || l.Reset > ResetYearly:
		return fmt.Errorf("limitation %q: unknown consumption_reset_mode %d", l.Name, l.Reset)
	case l.Reset == ResetPeriodically && l.ResetDays <= 0:
		return fmt.Errorf("limitation %q: consumption_reset_period_days must be positive for mode %d", l.Name, l.Reset)
	case l.Goodwill < 0:
		return fmt.Errorf("limitation %q: goodwill must not be negative", l.Name)
	}
	return nil
}

const (
	defaultSessionPeriod = 5 // minutes, as in the demo account
	maxExponent          = 30
)

// fillID generates an ID where none is given and refuses one that is no UUID.
func fillID(id *string, what string) error {
	if *id == "" {
		*id = uuid.NewString()
		return nil
	}
	if _, err := uuid.Parse(*id); err != nil {
		return fmt.Errorf("%s %q is not a UUID", what, *id)
	}
	return nil
}
