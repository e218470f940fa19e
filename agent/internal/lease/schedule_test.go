package lease

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

func TestNext(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		now := d.Ledger.Now()
		if at := d.Next(now); at.IsZero() {
			t.Error("nobody asks whether the server knows this client")
		}
		if len(d.noticed) != 1 || d.noticed[0] {
			t.Errorf("noticed: %v", d.noticed)
		}
		d.Nameless = true
		if at := d.Next(now); !at.IsZero() {
			t.Errorf("without a device ID the server is asked at %v", at)
		}
		d.Nameless = false

		d.activated(slasconetest.License{})
		now = d.Ledger.Now()
		if at := d.Next(now); !at.After(now) || at.After(now.Add(25*time.Hour)) {
			t.Errorf("the next heartbeat is in %v", at.Sub(now))
		}
		d.srv.Outage(true)
		_ = d.Heartbeat(t.Context(), false)
		if at := d.Next(now); at.After(now.Add(time.Hour)) || !d.noticed[len(d.noticed)-1] {
			t.Errorf("after a failure it is in %v, noticed %v", at.Sub(now), d.noticed)
		}
		d.srv.Outage(false)

		if err := d.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if at := d.Next(d.Ledger.Now()); !at.IsZero() {
			t.Errorf("a client that gave its licence back asks at %v", at)
		}
	})
}

// A licence's freeride allows patience only where nobody is told of silence in its
// first half.
func TestPatience(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{Freeride: new(30)})
		l := d.known().License
		if got := patience(l, enforcement.Standard()); got != 30*24*time.Hour {
			t.Errorf("silence begins to count at half of the freeride: %v", got)
		}
		if got := patience(l, enforcement.Strict()); got != 0 {
			t.Errorf("silence counts at once: %v", got)
		}
	})
}

// A seat that is over when it is given makes the licence be asked about, as the clock must run ahead. What failed
// before, in an outage, does not put that off: the server can be reached again. What it asked for does.
func TestASeatInDoubtEndsTheWait(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{Floating: true})
		time.Sleep(2 * time.Hour)
		now := d.Ledger.Now()
		outage := heartbeat.History{AnsweredAt: now.Add(-2 * time.Hour), Failures: 8, Urgent: 8, FailingSince: now.Add(-time.Hour), FailedAt: now, Random: 0.99}
		later := outage
		later.RetryAfter = 30 * time.Minute
		for _, tt := range []struct {
			name    string
			contact heartbeat.History
			seatAt  time.Time // the answer about the seat
			after   time.Duration
			waits   bool
		}{
			{name: "answered after the failure", contact: outage, seatAt: now.Add(time.Minute), after: time.Minute},
			{name: "answered before the failure", contact: outage, seatAt: now.Add(-time.Minute), after: time.Minute, waits: true},
			{name: "the server wants to be left alone", contact: later, seatAt: now.Add(time.Minute), after: time.Minute, waits: true},
			{name: "it wanted to be", contact: later, seatAt: now.Add(31 * time.Minute), after: 31 * time.Minute},
		} {
			k := d.known()
			k.Contact = tt.contact
			k.Seat = record.Seat{SessionID: "s", LicenseKey: k.License.Key(), Evidence: k.Evidence, Contact: heartbeat.History{AnsweredAt: tt.seatAt}}
			k.Facts = k.Facts.WithSession(tt.seatAt).SessionYes(tt.seatAt, tt.seatAt)
			at := now.Add(tt.after)
			time.Sleep(at.Sub(d.Ledger.Now()))
			if k.DoubtedAt(at).IsZero() {
				t.Fatalf("%s: nothing is in doubt", tt.name)
			}
			if next := d.plan(&k).Next(at); next.After(at) != tt.waits {
				t.Errorf("%s: asked about in %v", tt.name, next.Sub(at))
			}
		}
	})
}
