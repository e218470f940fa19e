package outbox

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A delivery is planned while something is queued that can be delivered: within the
// hour, soon when much is, and not before the server has had the rest it asked for.
func TestNext(t *testing.T) {
	silence := func(r slascone.Reason, after time.Duration) error {
		return &slascone.SilenceError{Reason: r, Status: 503, RetryAfter: after}
	}
	refused := &slascone.ConflictError{Conflict: slascone.Conflict{ID: int(enforcement.LicenseInactive)}}
	for name, tt := range map[string]struct {
		queued      int
		unlicensed  bool
		noted       []error
		least, most time.Duration // from now; 0: nothing is planned
	}{
		"nothing is queued":            {},
		"no licence is held":           {queued: 1, unlicensed: true},
		"a use":                        {queued: 1, least: 0, most: interval + interval/2},
		"many, and none delivered":     {queued: Threshold, most: 0 + Pause},
		"many, just after the last":    {queued: Threshold, noted: []error{nil}, least: Pause, most: Pause},
		"a few, just after the last":   {queued: Threshold - 1, noted: []error{nil}, least: interval / 2, most: interval + interval/2},
		"many, and the server says no": {queued: Threshold, noted: []error{refused}, least: interval / 4, most: 3 * interval},
		"many, and it is silent":       {queued: Threshold, noted: []error{silence(slascone.Unreachable, 0)}, least: time.Second, most: interval},
		"a wait that it asks for":      {queued: Threshold, noted: []error{silence(slascone.ServerFailure, 3*time.Hour)}, least: 3 * time.Hour, most: 6 * time.Hour},
		"the caller gave up":           {queued: Threshold, noted: []error{nil, silence(slascone.Cancelled, 9*time.Hour)}, least: Pause, most: Pause},
		"no answer, then one":          {queued: Threshold, noted: []error{silence(slascone.Unreachable, 0), nil}, least: Pause, most: Pause},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o := posted(t, h)
				if tt.unlicensed {
					if err := o.Ledger.Keep(t.Context(), func(k *record.Known) { k.Facts = enforcement.Facts{} }); err != nil {
						t.Fatal(err)
					}
				}
				o.pending.Store(int64(tt.queued))
				for _, err := range tt.noted {
					o.note(err)
				}
				now := o.Ledger.Now()
				at := o.Next(now)
				if tt.most == 0 {
					if !at.IsZero() {
						t.Errorf("planned in %v", at.Sub(now))
					}
				} else if in := at.Sub(now); at.IsZero() || in < tt.least || in > tt.most {
					t.Errorf("planned in %v, want %v to %v", in, tt.least, tt.most)
				}
			})
		})
	}
}

// The plan follows what the deliveries met: an outage puts the next off, and the
// caller who gives up does not.
func TestDeliveriesMakeThePlan(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		queue(t, o, uses(o, slices.Repeat([]string{"a", "b"}, Threshold/2)...)...)
		soon := o.Next(o.Ledger.Now())
		for _, after := range []time.Duration{0, time.Second} { // before the journal is read, and during the call
			given, cancel := context.WithCancel(t.Context())
			time.AfterFunc(after, cancel)
			if after == 0 {
				cancel()
			} else {
				h.Server.Inject(slasconetest.Fault{Kind: slasconetest.FaultHang, Times: 1})
			}
			if _, err := o.Deliver(given); err == nil {
				t.Error("delivered for one who has given up")
			}
			if at := o.Next(o.Ledger.Now()); at.After(record.Latest(soon, o.Ledger.Now())) {
				t.Errorf("who gives up after %v puts the next off, from %v to %v", after, soon, at)
			}
		}
		h.Server.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 503, RetryAfter: "7200", Times: 1})
		if _, err := o.Deliver(t.Context()); err == nil {
			t.Error("delivered in an outage")
		}
		if in := o.Next(o.Ledger.Now()).Sub(o.Ledger.Now()); in < 2*time.Hour {
			t.Errorf("the next is in %v, before the server asked for it", in)
		}
	})
}
