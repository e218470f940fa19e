package agent

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// TestRealKeyringHangs stops the daemon of a real Secret Service, started by
// .ci/keyring/with-keyring.sh, while an agent runs and another starts.
func TestRealKeyringHangs(t *testing.T) {
	if os.Getenv("LEASEHOLD_KEYRING") != "secret-service" {
		t.Skip("needs a Secret Service of its own: run under .ci/keyring/with-keyring.sh")
	}
	pid, err := strconv.Atoi(os.Getenv("LEASEHOLD_KEYRING_PID"))
	if err != nil {
		t.Fatalf("LEASEHOLD_KEYRING_PID: %v", err)
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{Freeride: new(7)})
	cfg := configFor(t, srv)
	cfg.Store = storage.KindAuto
	a := newAgent(t, cfg)
	if _, err := a.Activate(t.Context(), lic.Key); err != nil {
		t.Fatal(err)
	}
	if a.ledger.Store.Kind() != storage.KindKeyring {
		t.Fatalf("kept in %s", a.ledger.Store.Kind())
	}

	signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: 1002})
	_, _ = a.Heartbeat(t.Context())
	expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
	if n := a.Diagnose().Unsaved; n != 0 {
		t.Errorf("%d things are not kept", n)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	start := time.Now()
	b := newAgent(t, cfg)
	t.Logf("New while the keyring hangs: %v", time.Since(start))
	expect(t, b.Decision(), enforcement.Locked, enforcement.Inactive)
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}

	signal(syscall.SIGCONT)
	c := newAgent(t, cfg)
	expect(t, c.Decision(), enforcement.Locked, enforcement.Inactive)
	if c.ledger.Store.Kind() != storage.KindKeyring {
		t.Errorf("kept in %s afterwards", c.ledger.Store.Kind())
	}
	expectTrust(t, c)
	srv.ClearFaults()
	if _, err := c.Activate(t.Context(), lic.Key); err != nil {
		t.Fatal(err)
	}
	expect(t, c.Decision(), enforcement.Active, enforcement.NoCause)
	if err := c.Erase(t.Context()); err != nil {
		t.Error(err)
	}
}
