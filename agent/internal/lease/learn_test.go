package lease

import (
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// The service writes keys in either case: a heartbeat that does so is about the
// same licence, and the seat stays.
func TestSeatOfAKeyInCapitals(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		lic := d.activated(slasconetest.License{Floating: true, SessionPeriod: new(10)})
		if err := d.Ledger.Keep(t.Context(), func(k *record.Known) { k.Seat = record.Seat{SessionID: "s", LicenseKey: lic.Key} }); err != nil {
			t.Fatal(err)
		}
		k := d.known()
		terms := k.License.Terms()
		terms.Key = strings.ToUpper(terms.Key)
		at := k.License.IssuedAt().Add(time.Second)
		err := d.learn(t.Context(), enforcement.EndpointHeartbeat, lic.Key, answer{
			Kind: slascone.Yes, Value: grant.License(verified.By(verified.Heartbeat, at), terms), Evidence: k.Evidence, At: at,
		})
		if now := d.known(); err != nil || now.Seat.SessionID != "s" || !now.Seat.Of(now.License) {
			t.Errorf("the seat became %+v: %v", now.Seat, err)
		}
	})
}

// What another process knows and is newer stays; what a server that ran ahead has
// signed goes.
func TestWhatIsNewerStays(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		k := d.known()
		proven := k.License.IssuedAt()
		for _, tt := range []struct {
			name   string
			lead   time.Duration // of what is known
			before time.Time     // what was known when the answer came
			taken  bool
			proven time.Time
		}{
			{"an ordinary answer", -time.Minute, proven, true, proven.Add(time.Minute)},
			{"within a second, what comes later is newer", time.Second / 2, proven, true, proven},
			{"another process knew more", time.Minute, proven.Add(-time.Hour), false, proven},
			{"the server ran ahead", time.Minute, proven, true, proven.Add(-time.Minute)},
		} {
			k := k
			at := proven.Add(-tt.lead)
			lic := grant.License(verified.By(verified.Heartbeat, at), k.License.Terms())
			y := yes{answer: answer{Kind: slascone.Yes, Value: lic, At: at}, at: d.Ledger.Now(), facts: d.Ledger.Opener.LicenseFacts(lic, ""), before: tt.before}
			y.Evidence.Body = []byte("new")
			y.fold(&k)
			if taken := string(k.Evidence.Body) == "new"; taken != tt.taken || !k.Facts.License.ProvenAt.Equal(tt.proven) {
				t.Errorf("%s: taken %v, proven at %v", tt.name, taken, k.Facts.License.ProvenAt)
			}
		}
	})
}
