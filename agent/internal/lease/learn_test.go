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

// A heartbeat of a process that holds nothing is refused. When the refusal comes,
// another process may have activated, within the second or after it.
func TestRefusalFromBeforeTheActivation(t *testing.T) {
	for _, lead := range []time.Duration{0, time.Second / 2, time.Second, time.Minute, -time.Second} {
		atDesk(t, func(t *testing.T, d *desk) {
			lic := d.activated(slasconetest.License{})
			no := answer{Kind: slascone.No, Conflict: slascone.Conflict{ID: 2006}, At: d.known().License.IssuedAt().Add(lead)}
			if err := d.learn(t.Context(), enforcement.EndpointHeartbeat, "", no); err != nil {
				t.Fatal(err)
			}
			if got := d.known().Facts.Refusals; got != (enforcement.Refusals{}) {
				t.Errorf("%v later: %+v", lead, got)
			}
			if err := d.learn(t.Context(), enforcement.EndpointHeartbeat, lic.Key, no); err != nil || lead >= 0 && d.known().Facts.Refusals == (enforcement.Refusals{}) {
				t.Errorf("%v later: a refusal of the licence that is held is not learned", lead)
			}
		})
	}
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
