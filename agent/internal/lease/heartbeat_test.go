package lease

import (
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A run of calls without an answer is told of with each, and its end once.
func TestSilenceAndRecoveryAreTold(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		d.srv.Outage(true)
		for range 3 {
			if err := d.Heartbeat(t.Context(), false); silence(err) == 0 {
				t.Errorf("a heartbeat in an outage: %v", err)
			}
			time.Sleep(time.Hour)
		}
		d.srv.Outage(false)
		for range 2 {
			if err := d.Heartbeat(t.Context(), false); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour)
		}
		if len(d.silent) != 3 || !d.silent[0] || d.silent[1] || d.silent[2] {
			t.Errorf("first of its run: %v", d.silent)
		}
		if len(d.recovered) != 1 || d.recovered[0] != 3*time.Hour {
			t.Errorf("recovered after %v", d.recovered)
		}
	})
}

// The first heartbeat that is answered has the vendor's type for it, and one that
// the server does not know is left out.
func TestHeartbeatTypes(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		d.Types = Types{Start: "6c8b0a3e-0000-4000-8000-000000000001"}
		for range 2 {
			if err := d.Heartbeat(t.Context(), false); err != nil {
				t.Error(err)
			}
		}
		if !d.begun.Load() {
			t.Error("the process has not begun")
		}
	})
}

// A client that the server has moved to another seat finds it by itself.
func TestReseated(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.activated(slasconetest.License{})
		time.Sleep(time.Minute)
		d.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.ClientHasOtherToken), Times: 1})
		if err := d.Heartbeat(t.Context(), false); err != nil {
			t.Error(err)
		}
		if k := d.known(); k.License.Key() != lic.Key || k.Facts.Refusals != (enforcement.Refusals{}) {
			t.Errorf("held %q, refused %v", k.License.Key(), k.Facts.Refusals)
		}
	})
}

// A licence from a file sends no heartbeats.
func TestAFileTakesNoHeartbeats(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.srv.AddLicense(slasconetest.License{})
		if err := d.Import(t.Context(), d.srv.LicenseFile(lic.Key, client)); err != nil {
			t.Fatal(err)
		}
		if err := d.Heartbeat(t.Context(), true); !errors.Is(err, ErrHeldInFile) {
			t.Error(err)
		}
		if at := d.Next(d.Ledger.Now()); !at.IsZero() {
			t.Errorf("a heartbeat is planned for %v", at)
		}
	})
}
