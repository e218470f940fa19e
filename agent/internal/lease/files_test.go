package lease

import (
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A licence file that names nobody waits for its activation file, and neither
// replaces a licence that is held on line.
func TestImport(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.srv.AddLicense(slasconetest.License{})
		activation := d.srv.ActivationFile(lic.Key, client)
		if err := d.Import(t.Context(), activation); err == nil {
			t.Error("an activation file without its licence file is taken")
		}
		if err := d.Import(t.Context(), d.srv.LicenseFile(lic.Key, "")); err != nil {
			t.Fatal(err)
		}
		if key, waits := d.Waiting(); !waits || key != lic.Key {
			t.Errorf("%q waits: %v", key, waits)
		}
		if k := d.known(); !k.License.IsZero() {
			t.Error("a file that waits grants something")
		}
		if err := d.Import(t.Context(), activation); err != nil {
			t.Fatal(err)
		}
		k := d.known()
		if _, waits := d.Waiting(); waits || !k.License.FromFile() || k.License.Key() != lic.Key {
			t.Errorf("held %q, waits %v", k.License.Key(), waits)
		}
		if err := d.Import(t.Context(), []byte("no file")); err == nil || d.known().License.Key() != lic.Key {
			t.Errorf("what is no file: %v", err)
		}
	})
}

func TestAFileReplacesNothingHeldOnline(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.activated(slasconetest.License{})
		for name, file := range map[string][]byte{"licence": d.srv.LicenseFile(lic.Key, client), "activation": d.srv.ActivationFile(lic.Key, client)} {
			if err := d.Import(t.Context(), file); !errors.Is(err, ErrHeldOnline) {
				t.Errorf("%s file: %v", name, err)
			}
		}
	})
}

// An older file does not replace a newer one of the same licence.
func TestTheNewestFileCounts(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.srv.AddLicense(slasconetest.License{})
		older := d.srv.LicenseFile(lic.Key, client)
		time.Sleep(time.Hour)
		newer := d.srv.LicenseFile(lic.Key, client)
		for i, step := range []struct {
			file []byte
			ok   bool
		}{{older, true}, {newer, true}, {older, false}, {newer, true}} {
			if err := d.Import(t.Context(), step.file); (err == nil) != step.ok {
				t.Errorf("step %d: %v", i, err)
			}
		}
	})
}

// A file does not undo what the server has said against the same licence.
func TestAFileDoesNotOutrankARefusal(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.activated(slasconetest.License{})
		file := d.srv.LicenseFile(lic.Key, client)
		time.Sleep(time.Minute)
		d.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
		if err := d.Heartbeat(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if err := d.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Import(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if v, _ := d.Ledger.Current(); v.Decision.State != enforcement.Locked || v.Decision.Cause != enforcement.Inactive {
			t.Errorf("decision %v", v.Decision)
		}
		if k := d.known(); k.Past != nil || k.Seat.Held() {
			t.Errorf("past %+v", k.Past)
		}
	})
}
