package lease

import (
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestCanGiveBack(t *testing.T) {
	stuck := errors.New("the file cannot be removed")
	for name, tt := range map[string]struct {
		prepare func(*desk)
		seated  bool
		err     error
	}{
		"nothing held": {func(*desk) {}, false, record.ErrNotActivated},
		"a seat":       {func(d *desk) { d.activated(slasconetest.License{}) }, true, nil},
		"a seat, and a store that nothing can be removed from": {func(d *desk) {
			d.activated(slasconetest.License{})
			d.stuck = stuck
		}, true, stuck},
		"a file that names this client": {func(d *desk) {
			if err := d.Import(d.Context(), d.srv.LicenseFile(d.srv.AddLicense(slasconetest.License{}).Key, client)); err != nil {
				d.Fatal(err)
			}
		}, false, nil},
		"a file that waits": {func(d *desk) {
			if err := d.Import(d.Context(), d.srv.LicenseFile(d.srv.AddLicense(slasconetest.License{}).Key, "")); err != nil {
				d.Fatal(err)
			}
		}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk) {
				tt.prepare(d)
				seated, err := d.CanGiveBack(t.Context())
				if seated != tt.seated || !errors.Is(err, tt.err) {
					t.Errorf("seated %v, %v", seated, err)
				}
			})
		})
	}
}

// A seat is free, or the licence stays; and somebody else may have been first.
func TestGiveBack(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.activated(slasconetest.License{})
		d.srv.Outage(true)
		if err := d.GiveBack(t.Context()); silence(err) == 0 || !d.Holds() {
			t.Errorf("in an outage: %v, held %v", err, d.Holds())
		}
		d.srv.Outage(false)
		time.Sleep(time.Minute)
		if err := d.GiveBack(t.Context()); err != nil || d.Holds() {
			t.Errorf("%v, held %v", err, d.Holds())
		}
		for _, token := range d.srv.Tokens(lic.Key) {
			if token.ClientID != "" {
				t.Errorf("%s still has the seat", token.ClientID)
			}
		}
		if err := d.GiveBack(t.Context()); err != nil {
			t.Errorf("once more: %v", err)
		}

		d.activated(slasconetest.License{})
		d.srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultConflict, Conflict: int(enforcement.TokenAlreadyUnassigned), Times: 1})
		if err := d.GiveBack(t.Context()); err != nil || d.Holds() {
			t.Errorf("a seat that is free already: %v, held %v", err, d.Holds())
		}
	})
}

// Giving a licence back does not make room for an answer of the past.
func TestForgetRemembersTheAnswer(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		held := d.known()
		again := answer{Value: held.License, Evidence: held.Evidence, At: held.License.IssuedAt().Truncate(time.Second)}
		if err := d.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.open() // as the next process finds it
		time.Sleep(2*time.Second - 1)
		if got := d.fresh(d.Ledger.Known(), again); got.Err != nil {
			t.Errorf("within the same whole second: %v", got.Err)
		}
		time.Sleep(time.Nanosecond)
		if got := d.fresh(d.Ledger.Known(), again); got.Err == nil {
			t.Error("the answer that was given up is believed")
		}
	})
}
