package outbox

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
)

// What is booked becomes what is queued, after a crash between writing the one and
// the other too; what is booked and was long not queued is queued again, and
// delivered once.
func TestRecount(t *testing.T) {
	const id = "0000000a-0000-4000-8000-000000000000"
	for name, tt := range map[string]struct {
		booked, queued int64
		later          time.Duration
		want           string // booked after the count
		wait           int
		consumed       string // in the end
	}{
		"both":                       {booked: 3, queued: 3, later: 2 * record.BookingTime, want: "3", wait: 1, consumed: "3"},
		"queued, not booked":         {queued: 3, later: 2 * record.BookingTime, want: "3", wait: 1, consumed: "3"},
		"booked, not queued so far":  {booked: 3, want: "3", consumed: "0"},
		"booked, and lost since":     {booked: 3, later: 2 * record.BookingTime, want: "3", wait: 1, consumed: "3"},
		"neither, nothing is opened": {later: time.Hour, want: "0", consumed: "0"},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o, limitation, l := counting(t, h, "10")
				if tt.booked > 0 {
					book(t, o, limitation, id, tt.booked)
				}
				if tt.queued > 0 {
					entry := book(t, o, limitation, id, tt.queued)
					if err := o.Ledger.Keep(t.Context(), func(k *record.Known) {
						k.ChangeAccount(limitation, func(x *record.Account) { x.Unbook(entry.Amount) })
					}); err != nil {
						t.Fatal(err)
					}
					queue(t, o, entry)
				}
				time.Sleep(tt.later)
				for range 2 { // and then it is so
					if err := o.Recount(t.Context()); err != nil || booked(o, limitation) != tt.want || o.Pending() != tt.wait {
						t.Errorf("%v, %s booked, %d wait", err, booked(o, limitation), o.Pending())
					}
				}
				if _, err := o.Deliver(t.Context()); err != nil || consumed(h, l) != tt.consumed {
					t.Errorf("%v, the server has %s", err, consumed(h, l))
				}
			})
		})
	}
}

// Where another delivers, it is that one which counts and sends.
func TestWhoDeliversCounts(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o, limitation, l := counting(t, h, "10")
		queue(t, o, book(t, o, limitation, "0000000a-0000-4000-8000-000000000000", 3))
		other := New(o.Config)
		defer func() { _ = other.Close() }()
		j, err := other.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		claim, err := j.Claim()
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Recount(t.Context()); err != nil {
			t.Error(err)
		}
		if dropped, err := o.Deliver(t.Context()); err != nil || len(dropped) != 0 || o.Pending() != 1 || consumed(h, l) != "0" {
			t.Errorf("%v, dropped %v, %d wait, the server has %s", err, dropped, o.Pending(), consumed(h, l))
		}
		claim.Release()
		o.claiming.Lock() // this process is at it
		if err := o.Recount(t.Context()); err != nil {
			t.Error(err)
		}
		o.claiming.Unlock()
		if _, err := o.Deliver(t.Context()); err != nil || o.Pending() != 0 || consumed(h, l) != "3" {
			t.Errorf("%v, %d wait, the server has %s", err, o.Pending(), consumed(h, l))
		}
	})
}
