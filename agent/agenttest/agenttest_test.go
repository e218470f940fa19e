package agenttest_test

import (
	"os"
	"runtime/debug"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/agenttest"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

func TestMain(m *testing.M) {
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		storagetest.UseMemoryDisk()
	}
	debug.SetGCPercent(400) // a fifth of the time of these tests was the collector's
	goleak.VerifyTestMain(m)
}

// However the server signs and is reached, the configuration fits.
func TestConfigFitsTheServer(t *testing.T) {
	for name, change := range map[string]func(*slasconetest.Config){
		"rsa":  func(*slasconetest.Config) {},
		"hmac": func(cfg *slasconetest.Config) { cfg.Signing, cfg.HMACKey = slasconetest.SigningHMAC, "secret" },
		"none": func(cfg *slasconetest.Config) { cfg.Signing = slasconetest.SigningNone },
		"tls":  func(cfg *slasconetest.Config) { cfg.TLS = true },
	} {
		t.Run(name, func(t *testing.T) {
			srv := agenttest.NewServer(t, change)
			lic := srv.AddLicense(slasconetest.License{})
			a := agenttest.Activated(t, srv, lic.Key, func(cfg *agent.Config) { cfg.App.Name = "Mine" })
			if d := a.Decision(); d.State != enforcement.Active || srv.Clients()[0].Description != "Mine" {
				t.Errorf("%s %s, %+v", d.State, d.Cause, srv.Clients())
			}
		})
	}
}

// A started agent lives through what time.Sleep lets pass in a bubble.
func TestTimeMovesAStartedAgent(t *testing.T) {
	agenttest.Bubble(t, func(t *testing.T, srv *slasconetest.Server) {
		a := agenttest.Activated(t, srv, srv.AddLicense(slasconetest.License{}).Key)
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := len(srv.Requests(slasconetest.Heartbeat))
		time.Sleep(25 * time.Hour)
		if n := len(srv.Requests(slasconetest.Heartbeat)) - before; n < 1 || n > 3 {
			t.Errorf("%d heartbeats in 25 hours", n)
		}
	})
}

// After Advance a call of Refresh is all that an agent needs, started or not.
func TestAdvanceAndRefresh(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{})
	a := agenttest.Activated(t, srv, lic.Key)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Expires = srv.Now().AddDate(0, 0, 1) })
	srv.Advance(25 * time.Hour)
	if d, err := a.Heartbeat(t.Context()); err != nil || d.State != enforcement.Grace || d.Cause != enforcement.Expired {
		t.Errorf("%s %s, %v", d.State, d.Cause, err)
	}
}

// Faults are met in the process as on a network.
func TestFaultsInABubble(t *testing.T) {
	agenttest.Bubble(t, func(t *testing.T, srv *slasconetest.Server) {
		a := agenttest.Activated(t, srv, srv.AddLicense(slasconetest.License{}).Key)
		for _, kind := range []slasconetest.FaultKind{slasconetest.FaultReset, slasconetest.FaultHang, slasconetest.FaultTruncate, slasconetest.FaultPortal, slasconetest.FaultRedirect, slasconetest.FaultUnsigned} {
			srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: kind})
			if d, err := a.Heartbeat(t.Context()); err == nil || d.State != enforcement.Active {
				t.Errorf("%s: %s, %v", kind, d.State, err)
			}
			srv.ClearFaults()
		}
		if _, err := a.Heartbeat(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
