package slasconetest

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// DefaultProvisioningKey is what clients send when [Config.ProvisioningKey] is
// empty.
const DefaultProvisioningKey = "slasconetest-provisioning-key"

// Config says what a [Server] is. Its zero value is a server on plain HTTP that
// signs with an RSA key of its own, for the vendor [DemoISV].
type Config struct {
	// ISV is the vendor's account ID, a UUID. Default: DemoISV.
	ISV string

	// ProvisioningKey is what clients must send. Default: DefaultProvisioningKey.
	ProvisioningKey string

	// Signing is how bodies and nonces are signed. Default: SigningRSA.
	Signing Signing

	// Key signs, of at least 2048 bits. Default: a new key, which takes a
	// moment to make; tests that start many servers share one.
	Key *rsa.PrivateKey

	// HMACKey is the shared secret of SigningHMAC, which requires it.
	HMACKey string

	// UpperHex writes HMAC signatures in upper case; the service has been seen
	// to be compared in either.
	UpperHex bool

	// UnsignedConflicts leaves the bodies of 409s unsigned.
	UnsignedConflicts bool

	// NoNonceSignatures makes the server one from before January 2026, which
	// ignores X-Nonce.
	NoNonceSignatures bool

	// SuspendedConflict is the ID of the 409 that a suspended client gets. The
	// service's own is not published. Default: 2006.
	SuspendedConflict int

	// SecondActivation is the ID of the 409 that a client gets which activates
	// again while it holds a seat of the licence, such as 2001 or 2005. What the
	// service does is not published. Default: none, a 200 with the same token.
	SecondActivation int

	// Balance is what the balance of a limitation means, which the service does
	// not publish. Default: BalanceConsumed.
	Balance Balance

	// UserTokens are the bearer tokens of signed-in users, each with its user ID,
	// for the list of a user's licences. Default: any token speaks for any user.
	UserTokens map[string]string

	// Products and Licences exist from the start. Without products there is one:
	// DemoProduct.
	Products []Product
	Licenses []License

	// Now is the clock that the server's own, which can be moved, is based on.
	// Default: time.Now.
	Now func() time.Time

	// TLS serves HTTPS with a certificate made for this server; [Server.Client]
	// and [Server.CertificatePEM] know it.
	TLS bool

	// StateFile keeps products, licences, seats, sessions, the clock and the
	// signing key. It is read at the start, where it exists, and written by
	// SaveState and Close. Of Products and Licences only those with an ID that it
	// does not hold are then added.
	StateFile string

	// NoControl switches the endpoints below /emulator/ off.
	NoControl bool
}

// Server is a licence server. It is safe for concurrent use.
type Server struct {
	// URL is the base URL, such as "http://127.0.0.1:40123": what a client is
	// configured with. New sets it; with Serve or Handler the caller knows better.
	URL string

	cfg     Config
	cert    *certificate // nil without TLS
	handler http.Handler

	updating turn // of UpdateLicense and UpdateProduct
	page     pageSignal

	mu     sync.Mutex
	signer signer
	store  *store
	offset time.Duration // of the clock
	outage bool
	faults []*Fault
	lastID int // of faults
	log    requestLog
	saving int       // states being written
	gone   []Client  // forgotten meanwhile
	past   answerLog // for FaultReplay
	closed bool
	http   []*http.Server
	active int // requests being served

	closing context.Context // ended by Close
	cancel  context.CancelFunc
	running sync.WaitGroup // requests, connections and Serve loops
}

// New starts a server on a free port of the loopback interface. It panics when
// the configuration is wrong or no port is free, as [net/http/httptest] does; [NewUnstarted] returns an error instead. Close it when done.
func New(cfg Config) *Server {
	s, err := NewUnstarted(cfg)
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("slasconetest: listen: %v", err))
	}
	s.URL = "http://" + l.Addr().String()
	if s.cert != nil {
		s.URL = "https://" + l.Addr().String()
	}
	s.running.Go(func() { _ = s.Serve(l) })
	return s
}

// NewUnstarted returns a server that does not listen yet: use Serve, or Handler
// in a server of your own. It must be closed as well.
func NewUnstarted(cfg Config) (*Server, error) {
	cfg.ISV = cmp.Or(cfg.ISV, DemoISV)
	cfg.ProvisioningKey = cmp.Or(cfg.ProvisioningKey, DefaultProvisioningKey)
	cfg.Signing = cmp.Or(cfg.Signing, SigningRSA)
	cfg.Balance = cmp.Or(cfg.Balance, BalanceConsumed)
	cfg.SuspendedConflict = cmp.Or(cfg.SuspendedConflict, int(unknownClient))
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("slasconetest: %w", err)
	}
	s := &Server{cfg: cfg, store: newStore()}
	s.signer = signer{mode: cfg.Signing, key: cfg.Key, hmacKey: cfg.HMACKey, upperHex: cfg.UpperHex}
	loaded := false
	if cfg.StateFile != "" {
		err := s.LoadState()
		if err != nil && !errors.Is(err, errNoState) {
			return nil, err
		}
		loaded = err == nil
	}
	if s.signer.key == nil {
		key, err := newKey()
		if err != nil {
			return nil, err
		}
		s.signer.key = key
	}
	if err := s.seed(loaded); err != nil {
		return nil, fmt.Errorf("slasconetest: %w", err)
	}
	if cfg.TLS {
		cert, err := newCertificate(s.cfg.Now())
		if err != nil {
			return nil, err
		}
		s.cert = cert
	}
	s.closing, s.cancel = context.WithCancel(context.Background())
	s.handler = s.routes()
	return s, nil
}

func (c Config) check() error {
	if _, err := uuid.Parse(c.ISV); err != nil {
		return fmt.Errorf("ISV %q is not a UUID", c.ISV)
	}
	if c.SuspendedConflict < 0 {
		return fmt.Errorf("SuspendedConflict %d is not the ID of a conflict", c.SuspendedConflict)
	}
	if c.SecondActivation < 0 {
		return fmt.Errorf("SecondActivation %d is not the ID of a conflict", c.SecondActivation)
	}
	if !slices.Contains([]Balance{BalanceConsumed, BalanceLeft, BalanceAbsent}, c.Balance) {
		return fmt.Errorf("unknown balance %q: use consumed, left or absent", c.Balance)
	}
	switch c.Signing {
	case SigningRSA, SigningNone:
	case SigningHMAC:
		if c.HMACKey == "" {
			return errors.New("signing with hmac needs an HMACKey")
		}
	default:
		return fmt.Errorf("unknown signing %q: use rsa, hmac or none", c.Signing)
	}
	if c.Key != nil && c.Key.N.BitLen() < keyBits {
		return fmt.Errorf("the key has %d bits; at least %d are needed", c.Key.N.BitLen(), keyBits)
	}
	return nil
}

// seed adds what the configuration lists and a loaded state does not hold. What
// has no ID of its own cannot be told from what the state holds, and counts as
// held.
func (s *Server) seed(loaded bool) error {
	products := s.cfg.Products
	if len(products) == 0 {
		products = []Product{{ID: DemoProduct, Name: "Demo"}}
	}
	for _, p := range products {
		if loaded && (p.ID == "" || s.store.product(p.ID) != nil) {
			continue
		}
		if _, err := s.store.addProduct(p, s.now()); err != nil {
			return err
		}
	}
	for _, l := range s.cfg.Licenses {
		if _, err := s.store.license(l.Key); loaded && (l.Key == "" || err == nil) {
			continue
		}
		if _, err := s.store.addLicense(l, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// Handler returns the server's handler: the licensing API and, unless switched
// off, its control.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve accepts connections on l until Close, and then returns nil. It speaks
// TLS when [Config.TLS] is set, and owns l.
func (s *Server) Serve(l net.Listener) error {
	conns := &connCount{}
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          silent(),
		ConnState:         conns.track,
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return l.Close()
	}
	s.http = append(s.http, server)
	s.running.Add(1)
	s.mu.Unlock()
	defer s.running.Done()

	if s.cert != nil {
		// HTTP/1.1 only: a fault must be able to break the connection itself.
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{s.cert.pair}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	}
	err := server.Serve(l)
	conns.wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("slasconetest: serve: %w", err)
}

// Close ends every connection and hanging fault, waits for what it started, and
// writes the state file when there is one.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	servers := s.http
	s.mu.Unlock()
	s.cancel()
	for _, server := range servers {
		_ = server.Close()
	}
	s.running.Wait()
	if s.cfg.StateFile == "" {
		return nil
	}
	return s.SaveState()
}

// enter counts a request in, unless the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	s.active++
	return true
}

// leave counts a request out.
func (s *Server) leave() {
	s.mu.Lock()
	s.active--
	s.mu.Unlock()
	s.running.Done()
}

// InFlight returns how many requests are being served right now, hanging ones
// too: with it a test knows that its call has arrived.
func (s *Server) InFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// ISV returns the vendor's account ID.
func (s *Server) ISV() string { return s.cfg.ISV }

// Signing returns how the server signs, and the secret of SigningHMAC.
func (s *Server) Signing() (mode Signing, hmacKey string) { return s.cfg.Signing, s.cfg.HMACKey }

// ProvisioningKey returns the key that clients must send.
func (s *Server) ProvisioningKey() string { return s.cfg.ProvisioningKey }
