package agent

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

func TestMain(m *testing.M) {
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		storagetest.UseMemoryDisk()
	}
	debug.SetGCPercent(400) // a fifth of the time of these tests was the collector's
	var besides []goleak.Option
	if os.Getenv("LEASEHOLD_KEYRING") != "" {
		// godbus keeps its connection to the session bus until the process ends.
		besides = []goleak.Option{
			goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.(*Conn).inWorker"),
			goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.newConn.func1"),
		}
	}
	goleak.VerifyTestMain(m, besides...)
}

// signingKey is shared by all test servers: making one takes longer than most
// tests.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const testDevice = "device-1"

// longer is how long, or how often, a test plays: the first as a rule, the second
// with LEASEHOLD_HEAVY.
func longer[T any](plain, heavy T) T {
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		return heavy
	}
	return plain
}

func newServer(t *testing.T, cfg slasconetest.Config) *slasconetest.Server {
	t.Helper()
	cfg.Key = signingKey()
	srv := slasconetest.New(cfg)
	t.Cleanup(func() { srv.Close() })
	return srv
}

// configFor returns the configuration of an application for a test server,
// with state in a folder of its own.
func configFor(t *testing.T, srv *slasconetest.Server) Config {
	t.Helper()
	return Config{
		ServerURL:       srv.URL,
		ISVID:           srv.ISV(),
		ProductID:       srv.Products()[0].ID,
		ProvisioningKey: srv.ProvisioningKey(),
		Signature:       Signature{PublicKey: []byte(srv.PublicKeyPEM())},
		App:             App{Name: "Sketch", Version: "1.4.2"},
		DeviceID:        testDevice,
		StateDir:        stateDir(t),
		Store:           storage.KindFile,
		Timeout:         5 * time.Second,
		Parts:           []Part{Usage(), LicenseFiles()},
	}
}

// stateDir returns a folder of the test's own, in memory where that can be had:
// a commit waits for the disk, and some tests make thousands.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "leasehold") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newAgent(t *testing.T, cfg Config) *Agent {
	t.Helper()
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HTTPClient != nil {
		// The computer's own addresses say nothing about a network that is played,
		// and simulated months look at them too often.
		a.network.addresses = func() string { return "" }
	}
	t.Cleanup(func() { a.Close(context.Background()) })
	return a
}

func expect(t *testing.T, d enforcement.Decision, state enforcement.State, cause enforcement.Cause) {
	t.Helper()
	if d.State != state || d.Cause != cause {
		t.Errorf("decision is %v (%v), want %v (%v)", d.State, d.Cause, state, cause)
	}
}

func TestActivationSurvivesARestartAndAnOutage(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{
		Freeride: new(7),
		Expires:  time.Now().Add(365 * 24 * time.Hour),
		Features: []slasconetest.Feature{{Name: "pdf-export"}, {Name: "batch", Disabled: true}},
	})
	cfg := configFor(t, srv)

	a := newAgent(t, cfg)
	expect(t, a.Decision(), enforcement.Locked, enforcement.NotActivated)
	d, err := a.Activate(ctx, lic.Key)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if !a.Allows("pdf-export") || a.Allows("batch") || a.Allows("unknown") {
		t.Error("features are not as the licence says")
	}
	a.Close(ctx)

	srv.Outage(true)
	b := newAgent(t, cfg)
	expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
	d, err = b.Heartbeat(ctx)
	if err == nil {
		t.Error("a heartbeat during an outage gives no error")
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	expect(t, b.DecisionAt(time.Now().Add(6*24*time.Hour)), enforcement.Grace, enforcement.Unreachable)
	expect(t, b.DecisionAt(time.Now().Add(8*24*time.Hour)), enforcement.ReadOnly, enforcement.Unreachable)
	expect(t, b.DecisionAt(time.Now().Add(22*24*time.Hour)), enforcement.Locked, enforcement.Unreachable)
	srv.Outage(false)
	if d, err = b.Heartbeat(ctx); err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if d, err = b.Deactivate(ctx); err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Locked, enforcement.NotActivated)
}
