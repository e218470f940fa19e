package slasconetest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stateFormat is raised when the file's meaning changes.
const stateFormat = 1

var errNoState = errors.New("there is no state file yet")

// savedState is the state file. The key in it is a secret of this server only.
type savedState struct {
	Format   int            `json:"format"`
	Key      string         `json:"signing_key,omitempty"` // PKCS #8, PEM
	Offset   Duration       `json:"clock_offset"`
	Products []Product      `json:"products"`
	Licences []savedLicence `json:"licences"`
	Clients  []Client       `json:"clients"`

	Usages       []Usage       `json:"usages"`
	Measurements []Measurement `json:"measurements"`
}

type savedLicence struct {
	Terms    Licence          `json:"terms"`
	Tokens   []Token          `json:"tokens"`
	Sessions []Session        `json:"sessions"`
	Usage    map[string]usage `json:"usage,omitempty"`
}

// SaveState writes [Config.StateFile], mode 0600, at once or not at all.
func (s *Server) SaveState() error {
	if s.cfg.StateFile == "" {
		return errors.New("slasconetest: save state: no StateFile is configured")
	}
	s.mu.Lock()
	state := s.snapshot()
	key := s.signer.key
	s.mu.Unlock()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("slasconetest: save state: %w", err)
	}
	state.Key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	data, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("slasconetest: save state: %w", err)
	}
	if err := writeFile(s.cfg.StateFile, append(data, '\n')); err != nil {
		return fmt.Errorf("slasconetest: save state: %w", err)
	}
	return nil
}

// LoadState replaces the server's state by that of [Config.StateFile]. On an
// error nothing changes. The key of the file becomes the server's, unless
// [Config.Key] was given. Faults, the request log and recorded answers stay.
func (s *Server) LoadState() error {
	data, err := os.ReadFile(s.cfg.StateFile)
	switch {
	case s.cfg.StateFile == "":
		return errors.New("slasconetest: load state: no StateFile is configured")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("slasconetest: load state: %w", errNoState)
	case err != nil:
		return fmt.Errorf("slasconetest: load state: %w", err)
	}
	var state savedState
	if err := strictJSON(data, &state); err != nil {
		return fmt.Errorf("slasconetest: load state: %s: %w", s.cfg.StateFile, err)
	}
	store, key, err := state.restore()
	if err != nil {
		return fmt.Errorf("slasconetest: load state: %s: %w", s.cfg.StateFile, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store, s.offset = store, time.Duration(state.Offset)
	if s.cfg.Key == nil {
		s.signer.key = key
	}
	return nil
}

// snapshot is the state without the key; the caller holds the lock.
func (s *Server) snapshot() savedState {
	state := savedState{
		Format: stateFormat, Offset: Duration(s.offset),
		Products: []Product{}, Licences: []savedLicence{}, Clients: []Client{},
	}
	for _, p := range s.store.products {
		state.Products = append(state.Products, p.clone())
	}
	for _, l := range s.store.licences {
		saved := savedLicence{Terms: l.Licence.clone(), Tokens: []Token{}, Sessions: []Session{}, Usage: map[string]usage{}}
		for _, t := range l.tokens {
			saved.Tokens = append(saved.Tokens, t.Token)
		}
		for _, open := range l.sessions {
			saved.Sessions = append(saved.Sessions, *open)
		}
		for id, u := range l.usage {
			saved.Usage[id] = usage{u.First, maps.Clone(u.Totals), maps.Clone(u.Transactions), maps.Clone(u.External)}
		}
		state.Licences = append(state.Licences, saved)
	}
	for _, c := range s.store.sortedClients() {
		copied := *c
		copied.TokenKeys = slices.Clone(c.TokenKeys)
		state.Clients = append(state.Clients, copied)
	}
	state.Usages = append([]Usage{}, s.store.usages...)
	state.Measurements = append([]Measurement{}, s.store.measurements...)
	return state
}

// restore builds a store and refuses a state that does not hold together.
func (state savedState) restore() (*store, *rsa.PrivateKey, error) {
	if state.Format != stateFormat {
		return nil, nil, fmt.Errorf("format %d is not %d: it was written by another version", state.Format, stateFormat)
	}
	key, err := parseKey(state.Key)
	if err != nil {
		return nil, nil, err
	}
	st := newStore()
	st.usages, st.measurements = state.Usages, state.Measurements
	for _, p := range state.Products {
		if _, err := st.addProduct(p, time.Time{}); err != nil {
			return nil, nil, err
		}
	}
	for _, c := range state.Clients {
		c.TokenKeys = nil // follows from the tokens
		st.clients[fold(c.ID)] = &c
	}
	for _, saved := range state.Licences {
		if _, err := st.addLicence(saved.Terms, time.Time{}); err != nil {
			return nil, nil, err
		}
		l := st.byKey[fold(saved.Terms.Key)]
		for id, u := range saved.Usage {
			restored := newUsage(u.First)
			maps.Copy(restored.Totals, u.Totals)
			maps.Copy(restored.Transactions, u.Transactions)
			maps.Copy(restored.External, u.External)
			l.usage[fold(id)] = restored
		}
		for _, open := range saved.Sessions {
			l.sessions = append(l.sessions, &open)
		}
		for _, t := range saved.Tokens {
			if err := st.restoreToken(l, t); err != nil {
				return nil, nil, err
			}
		}
	}
	return st, key, nil
}

func (st *store) restoreToken(l *licence, t Token) error {
	if _, taken := st.tokens[fold(t.Key)]; taken || t.Key == "" {
		return fmt.Errorf("token %q is there twice", t.Key)
	}
	restored := &token{Token: t, of: l}
	restored.LicenceKey = l.Key
	l.tokens = append(l.tokens, restored)
	st.tokens[fold(t.Key)] = restored
	if t.ClientID == "" {
		return nil
	}
	c := st.clients[fold(t.ClientID)]
	if c == nil {
		return fmt.Errorf("token %q is of client %q, which is missing", t.Key, t.ClientID)
	}
	c.TokenKeys = append(c.TokenKeys, t.Key)
	return nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("signing_key is no PEM block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signing_key: %w", err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("signing_key is not an RSA key")
	}
	return key, nil
}

// writeFile replaces a file: a crash leaves the old one or the new one.
func writeFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
