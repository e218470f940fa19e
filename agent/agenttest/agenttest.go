package agenttest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
)

// signingKey is made once for all servers of the tests: it takes longer than most
// of them.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// installations numbers the devices, so that each agent is one of its own.
var installations atomic.Int64

// NewServer starts a licence server that is closed at the end of the test. It
// signs as the service does, with a key that all servers of this function share;
// change may set anything else.
func NewServer(t testing.TB, change ...func(*slasconetest.Config)) *slasconetest.Server {
	t.Helper()
	srv := slasconetest.New(config(t, change))
	t.Cleanup(func() { _ = srv.Close() }) // there is no state to save unless the test asked for it
	return srv
}

func config(t testing.TB, change []func(*slasconetest.Config)) slasconetest.Config {
	t.Helper()
	key, err := signingKey()
	if err != nil {
		t.Fatalf("agenttest: make a signing key: %v", err)
	}
	cfg := slasconetest.Config{Key: key}
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// Config is the configuration of one more installation of an application for a
// server: its own device ID and a folder of the test, in which a file is the
// store, the server's clock, and whatever the server's way of signing and its
// certificate ask for. The application is "Test" 1.0.
func Config(t testing.TB, srv *slasconetest.Server) agent.Config {
	t.Helper()
	cfg := agent.Config{
		ServerURL:       srv.URL,
		ISVID:           srv.ISV(),
		ProductID:       srv.Products()[0].ID,
		ProvisioningKey: srv.ProvisioningKey(),
		App:             agent.App{Name: "Test", Version: "1.0"},
		DeviceID:        fmt.Sprintf("test-device-%d", installations.Add(1)),
		StateDir:        t.TempDir(),
		Store:           storage.KindFile,
		Now:             srv.Now,
		Parts:           []agent.Part{agent.Usage(), agent.LicenseFiles()},
	}
	switch signing, secret := srv.Signing(); signing {
	case slasconetest.SigningHMAC:
		cfg.Signature.SharedKey = secret
	case slasconetest.SigningNone:
		cfg.Signature.None = true
	default:
		cfg.Signature.PublicKey = []byte(srv.PublicKeyPEM())
	}
	if cert := srv.Certificate(); cert != nil {
		cfg.RootCAs = []*x509.Certificate{cert}
	}
	if srv.URL == "" { // it does not listen
		cfg.ServerURL, cfg.HTTPClient = "http://licences.test", srv.InProcess()
	}
	return cfg
}

// New returns an agent of one more installation, which is not started; change may
// set anything. It is closed at the end of the test.
func New(t testing.TB, srv *slasconetest.Server, change ...func(*agent.Config)) *agent.Agent {
	t.Helper()
	cfg := Config(t, srv)
	for _, f := range change {
		f(&cfg)
	}
	a, err := agent.New(cfg)
	if err != nil {
		t.Fatalf("agenttest: %v", err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Logf("agenttest: close: %v", err) // as after an outage that the test left on
		}
	})
	return a
}

// Activated returns an agent as New does, which holds a seat of the licence.
func Activated(t testing.TB, srv *slasconetest.Server, licenseKey string, change ...func(*agent.Config)) *agent.Agent {
	t.Helper()
	a := New(t, srv, change...)
	if _, err := a.Activate(t.Context(), licenseKey); err != nil {
		t.Fatalf("agenttest: activate %s: %v", licenseKey, err)
	}
	return a
}

// Bubble runs f in a bubble of [testing/synctest] with a server that does not
// listen, whose clients call it in the process. Time passes there as soon as all
// wait for it, for the server and for every agent alike:
//
//	agenttest.Bubble(t, func(t *testing.T, srv *slasconetest.Server) {
//		a := agenttest.Activated(t, srv, srv.AddLicense(slasconetest.License{}).Key)
//		_ = a.Start(t.Context())
//		time.Sleep(25 * time.Hour) // and a heartbeat was made
//	})
func Bubble(t *testing.T, f func(t *testing.T, srv *slasconetest.Server), change ...func(*slasconetest.Config)) {
	t.Helper()
	cfg := config(t, change)
	synctest.Test(t, func(t *testing.T) {
		srv, err := slasconetest.NewUnstarted(cfg)
		if err != nil {
			t.Fatalf("agenttest: %v", err)
		}
		t.Cleanup(func() { _ = srv.Close() })
		f(t, srv)
	})
}
