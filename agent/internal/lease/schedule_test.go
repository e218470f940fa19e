package lease

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
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
