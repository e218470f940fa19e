package slasconetest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
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
	Licenses []savedLicense `json:"licences"`
	Clients  []Client       `json:"clients"`

	Usages       []Usage       `json:"usages"`
	Measurements []Measurement `json:"measurements"`
}

type savedLicense struct {
	Terms    License          `json:"terms"`
	Tokens   []Token          `json:"tokens"`
	Sessions []Session        `json:"sessions"`
	Usage    map[string]usage `json:"usage,omitempty"`
}

// SaveState writes [Config.StateFile], mode 0600, at once or not at all. The
// server goes on answering meanwhile; what it does then is in the file or not.
func (s *Server) SaveState() error {
	if s.cfg.StateFile == "" {
		return errors.New("slasconetest: save state: no StateFile is configured")
	}
	der, err := x509.MarshalPKCS8PrivateKey(s.currentSigner().key)
	if err != nil {
		return fmt.Errorf("slasconetest: save state: %w", err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err := writeFile(s.cfg.StateFile, func(w io.Writer) error { return s.writeState(w, key) }); err != nil {
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
	for _, saved := range state.Clients {
		st.restoreClient(saved)
	}
	for _, saved := range state.Licenses {
		if _, err := st.addLicense(saved.Terms, time.Time{}); err != nil {
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
			l.addSession(&open)
		}
		for _, t := range saved.Tokens {
			if err := st.restoreToken(l, t); err != nil {
				return nil, nil, err
			}
		}
	}
	return st, key, nil
}

// restoreClient adds a client, whose seats follow from the tokens. One that was
// written twice counts once.
func (st *store) restoreClient(saved Client) {
	if st.client(saved.ID) != nil {
		return
	}
	c := st.enrolClient(saved.ID)
	c.describe(traits{saved.Name, saved.Description, saved.SoftwareVersion, saved.OperatingSystem})
	c.user = saved.UserID
	if !saved.LastHeartbeat.IsZero() {
		c.lastHeartbeat = saved.LastHeartbeat.UnixMicro()
	}
	if !saved.SuspendedUntil.IsZero() {
		st.suspended[c] = suspension{saved.SuspendedUntil, saved.Suspension}
	}
}

func (st *store) restoreToken(l *license, saved Token) error {
	id, err := uuid.Parse(saved.Key)
	if err != nil {
		return fmt.Errorf("token %q is not a UUID", saved.Key)
	}
	if _, taken := st.tokens[id]; taken {
		return fmt.Errorf("token %q is there twice", saved.Key)
	}
	t := st.addToken(l, id)
	if saved.ClientID == "" {
		return nil
	}
	c := st.client(saved.ClientID)
	if c == nil {
		return fmt.Errorf("token %q is of client %q, which is missing", saved.Key, saved.ClientID)
	}
	st.assign(t, c, saved.Assigned)
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
func writeFile(name string, write func(io.Writer) error) (err error) {
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
	if err = write(f); err != nil {
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
