package lease

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A licence that is no good does not replace the one that is held.
func TestARefusedLicenseReplacesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		other slasconetest.License
		code  enforcement.Code
	}{
		"inactive":    {slasconetest.License{Inactive: true}, enforcement.LicenseInactive},
		"not covered": {slasconetest.License{ReleaseLimit: "1.0"}, enforcement.ReleaseNotCovered},
		"full":        {slasconetest.License{TokenLimit: new(0)}, 2000},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk) {
				held := d.activated(slasconetest.License{})
				d.refusedWith(d.Activate(t.Context(), d.srv.AddLicense(tt.other).Key, time.Time{}), tt.code)
				if k := d.known(); k.License.Key() != held.Key {
					t.Errorf("held %q", k.License.Key())
				}
			})
		})
	}
}

// A seat that could not be remembered is not asked for.
func TestWhatCannotBeRememberedIsNotAskedFor(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		full := errors.New("no space left")
		d.Remember = func(context.Context) error { return full }
		lic := d.srv.AddLicense(slasconetest.License{})
		if err := d.Activate(t.Context(), lic.Key, time.Time{}); !errors.Is(err, full) {
			t.Error(err)
		}
		if n := len(d.srv.Tokens(lic.Key)); n != 0 {
			t.Errorf("%d seats are taken", n)
		}
	})
}

// A server that has this client on the seat already, and refuses a second
// activation, is asked by a heartbeat.
func TestSeatedAlready(t *testing.T) {
	for _, code := range []enforcement.Code{enforcement.TokenTaken, enforcement.ClientAlreadyActivated} {
		atDesk(t, func(t *testing.T, d *desk) {
			lic := d.activated(slasconetest.License{})
			other := d.srv.AddLicense(slasconetest.License{})
			time.Sleep(time.Minute)
			fault := slasconetest.Fault{Endpoint: slasconetest.Activation, Kind: slasconetest.FaultConflict, Conflict: int(code), Times: 1}
			d.srv.Inject(fault)
			if err := d.Activate(t.Context(), lic.Key, time.Time{}); err != nil {
				t.Errorf("%d of the licence that is held: %v", code, err)
			}
			d.srv.Inject(fault)
			d.refusedWith(d.Activate(t.Context(), other.Key, time.Time{}), code)
		})
	}
}

// Whoever had no licence, was told so, and enters a key has one, wherever the
// server's clock was when it said No.
func TestActivatedBehindARefusal(t *testing.T) {
	for name, back := range map[string]time.Duration{
		"by another node":              30 * time.Minute,
		"by a server that was ahead":   20 * time.Hour,
		"by a server that is far back": 40 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk) {
				lic := d.srv.AddLicense(slasconetest.License{})
				d.refusedWith(d.Heartbeat(t.Context(), false), enforcement.ClientUnknown)
				d.srv.Advance(-back)
				if err := d.Activate(t.Context(), lic.Key, time.Time{}); err != nil {
					t.Fatal(err)
				}
				if k := d.known(); !k.Facts.Held() {
					t.Errorf("activated, and not held: %+v", k.Facts)
				}
			})
		})
	}
}
