package outbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// counting is posted with a licence that has a limitation of that many pages.
func counting(t *testing.T, h *roomtest.House, pages string) (o *Outbox, limitation string, l slasconetest.License) {
	t.Helper()
	o = posted(t, h)
	l = h.Licensed(slasconetest.License{Limitations: []slasconetest.Limitation{{Name: "pages", Value: pages, Reset: slasconetest.ResetMonthly}}})
	return o, l.Limitations[0].ID, l
}

// book books an amount in the record, and returns the entry that is to be queued.
func book(t *testing.T, o *Outbox, limitation, id string, amount int64) Entry {
	t.Helper()
	now, a := o.Ledger.Now(), decimal.NewFromInt(amount)
	if err := o.Ledger.Keep(t.Context(), func(k *record.Known) {
		k.ChangeAccount(limitation, func(x *record.Account) { x.Book(a, now) })
	}); err != nil {
		t.Fatal(err)
	}
	return Entry{Kind: ConsumptionEntry, Name: limitation, Amount: a, ID: id, At: now}
}

// booked is what is booked of a limitation and not delivered.
func booked(o *Outbox, limitation string) string {
	k := o.Ledger.Known()
	return k.Account(limitation).Booked.String()
}

// consumed is what the server has booked of the one limitation.
func consumed(h *roomtest.House, l slasconetest.License) string {
	for _, c := range h.Server.Consumptions(l.Key) {
		return c.Consumed
	}
	return "0"
}

// Uses of one feature within one hour become one report, those of two hours two,
// and a sum that could not be sent is not made.
func TestUsesAreAddedUp(t *testing.T) {
	large, small := decimal.New(1, 30), decimal.New(1, -30)
	one := decimal.NewFromInt(1)
	for name, tt := range map[string]struct {
		amounts []decimal.Decimal
		apart   time.Duration
		reports int
	}{
		"within an hour":       {[]decimal.Decimal{one, one, one}, time.Minute, 1},
		"hours apart":          {[]decimal.Decimal{one, one, one}, time.Hour, 3},
		"beyond what is exact": {[]decimal.Decimal{large, small, large}, time.Minute, 3},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o := posted(t, h)
				time.Sleep(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour)))
				var total decimal.Decimal
				for _, a := range tt.amounts {
					queue(t, o, Entry{Kind: UsageEntry, Name: "a", Amount: a, At: o.Ledger.Now()})
					total = total.Add(a)
					time.Sleep(tt.apart)
				}
				if _, err := o.Deliver(t.Context()); err != nil {
					t.Fatal(err)
				}
				var sum decimal.Decimal
				for _, u := range h.Server.Usages() {
					sum = sum.Add(decimal.RequireFromString(u.Value))
				}
				if n := len(h.Server.Usages()); n != tt.reports || !sum.Equal(total) {
					t.Errorf("%d reports of %s, want %d of %s", n, sum, tt.reports, total)
				}
			})
		})
	}
}

// An amount that was booked is no longer so when the server has it or refuses it,
// and counts once however often it is sent.
func TestABookedAmountIsDelivered(t *testing.T) {
	for name, tt := range map[string]struct {
		amounts            []int64
		ids                string // of the entries, one letter each
		answers            *slasconetest.Fault
		consumed, booked   string
		dropped, wait      int
		reason             slascone.Reason
		consumedThereafter string // after one more delivery without the fault
	}{
		"taken":                     {amounts: []int64{2, 3}, ids: "ab", consumed: "5", booked: "0"},
		"refused for the limit":     {amounts: []int64{2, 30}, ids: "ab", consumed: "2", booked: "0", dropped: 1},
		"the answer is lost":        {amounts: []int64{2}, ids: "a", answers: &slasconetest.Fault{Kind: slasconetest.FaultReset, AfterEffect: true}, consumed: "2", booked: "2", wait: 1, reason: slascone.Unreachable, consumedThereafter: "2"},
		"the answer is from before": {amounts: []int64{2}, ids: "a", answers: &slasconetest.Fault{Kind: slasconetest.FaultReplay}, consumed: "3", booked: "2", wait: 1, reason: slascone.Stale, consumedThereafter: "3"},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o, limitation, l := counting(t, h, "10")
				if tt.reason == slascone.Stale {
					queue(t, o, book(t, o, limitation, "before", 1))
					if _, err := o.Deliver(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				for i, amount := range tt.amounts {
					queue(t, o, book(t, o, limitation, fmt.Sprintf("0000000%c-0000-4000-8000-000000000000", tt.ids[i]), amount))
				}
				if tt.answers != nil {
					tt.answers.Endpoint = slasconetest.ConsumptionReport
					h.Server.Inject(*tt.answers)
				}
				dropped, err := o.Deliver(t.Context())
				if roomtest.Silence(err) != tt.reason || (err != nil) != (tt.reason != 0) {
					t.Errorf("error %v", err)
				}
				if len(dropped) != tt.dropped || o.Pending() != tt.wait || booked(o, limitation) != tt.booked || consumed(h, l) != tt.consumed {
					t.Errorf("dropped %v, %d wait, %s booked, the server has %s", dropped, o.Pending(), booked(o, limitation), consumed(h, l))
				}
				for _, r := range dropped {
					if !errors.Is(r.Err, record.ErrLimitReached) || r.Kind != ConsumptionEntry {
						t.Errorf("dropped: %+v", r)
					}
				}
				if tt.answers == nil {
					return
				}
				h.Server.ClearFaults()
				if _, err := o.Deliver(t.Context()); err != nil || o.Pending() != 0 || booked(o, limitation) != "0" || consumed(h, l) != tt.consumedThereafter {
					t.Errorf("then: %v, %d wait, %s booked, the server has %s", err, o.Pending(), booked(o, limitation), consumed(h, l))
				}
			})
		})
	}
}

// A booked amount of a limitation that the server does not know is dropped, and is
// no longer booked.
func TestARejectedAmountIsNotBooked(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o, _, _ := counting(t, h, "10")
		unknown := "00000000-0000-4000-8000-000000000000"
		queue(t, o, book(t, o, unknown, "0000000a-0000-4000-8000-000000000000", 3))
		dropped, err := o.Deliver(t.Context())
		if err != nil || names(dropped) != unknown || booked(o, unknown) != "0" || o.Pending() != 0 {
			t.Errorf("%v, dropped %v, %s booked, %d wait", err, dropped, booked(o, unknown), o.Pending())
		}
	})
}

// An amount that was delivered and is found in the queue once more, because that
// could not be noted, is no longer booked, and counts once.
func TestAnAmountIsDeliveredOnce(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o, limitation, l := counting(t, h, "10")
		for range 3 {
			queue(t, o, book(t, o, limitation, "0000000a-0000-4000-8000-000000000000", 2))
			if _, err := o.Deliver(t.Context()); err != nil || o.Pending() != 0 {
				t.Fatalf("%v, %d wait", err, o.Pending())
			}
		}
		if got := booked(o, limitation); got != "0" || consumed(h, l) != "2" {
			t.Errorf("%s booked, the server has %s", got, consumed(h, l))
		}
		k := o.Ledger.Known()
		if left := k.Account(limitation).Remaining; left == nil || left.String() != "8" {
			t.Errorf("%v are left", left)
		}
	})
}
