package quota

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

const pages = "11111111-0000-4000-8000-000000000001"

// till is a Quota with a server, and a journal of what was booked.
type till struct {
	*Quota
	*testing.T
	srv     *slasconetest.Server
	key     string // of the licence
	journal []Use
	full    bool // nothing goes into the journal
}

// atTill runs a test with a licence of 10 pages.
func atTill(t *testing.T, test func(*testing.T, *till)) {
	t.Helper()
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		h.Open(0)
		c := &till{T: t, srv: h.Server}
		c.key = h.Licensed(slasconetest.License{Limitations: []slasconetest.Limitation{{ID: pages, Name: "pages", Value: "10", Reset: slasconetest.ResetNever}}}).Key
		c.Quota = New(Config{
			Ledger: h.Ledger, Client: h.Client, ClientID: roomtest.ClientID, Offline: true,
			Deliver: c.deliver,
			Recount: func(context.Context) error { return nil },
			Add: func(_ context.Context, use Use) error {
				if c.full {
					return errors.New("no space left")
				}
				c.journal = append(c.journal, use)
				return nil
			},
			Unheard: func(err error) bool { return roomtest.Silence(err) != 0 },
		})
		test(t, c)
	})
}

// deliver tells the server what was booked, as the outbox does.
func (c *till) deliver(ctx context.Context) error {
	for len(c.journal) > 0 {
		use, k := c.journal[0], c.Ledger.Known()
		if err := c.ask(ctx, k, use).AsError(); err != nil {
			return err
		}
		c.journal = c.journal[1:]
		if err := c.Ledger.Keep(ctx, func(k *record.Known) {
			k.ChangeAccount(use.LimitationID, func(x *record.Account) { x.Unbook(use.Value) })
		}); err != nil {
			return err
		}
	}
	return nil
}

var uses int

// take takes an amount, each under an ID of its own.
func (c *till) take(amount int64) (Taken, error) {
	uses++
	return c.Take(c.Context(), Use{LimitationID: "pages", Value: decimal.NewFromInt(amount), ExternalID: fmt.Sprintf("use-%d", uses)})
}

// consumed is what the server has counted.
func (c *till) consumed(want string) {
	c.Helper()
	if got := c.srv.Consumptions(c.key)[0].Consumed; got != want {
		c.Errorf("the server counts %s, want %s", got, want)
	}
}

func TestTake(t *testing.T) {
	atTill(t, func(t *testing.T, c *till) {
		got, err := c.take(3)
		if err != nil || got.LimitationID != pages || got.TransactionID == "" || got.Booked || got.Remaining.String() != "7" || !got.RemainingKnown {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := c.take(8); !errors.Is(err, record.ErrLimitReached) {
			t.Errorf("more than there is: %v", err)
		}
		c.consumed("3")
		if _, err := c.Take(t.Context(), Use{LimitationID: "words", Value: decimal.NewFromInt(1)}); err == nil || err.Error() != `the licence has no limitation "words"` {
			t.Errorf("of what the licence does not limit: %v", err)
		}
		given, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Take(given, Use{LimitationID: pages, Value: decimal.NewFromInt(1)}); !isNotCalled(err) {
			t.Errorf("by a caller who has given up: %v", err)
		}
		c.consumed("3")

		if err := c.Rollback(t.Context(), pages, got.TransactionID); err != nil {
			t.Fatal(err)
		}
		c.consumed("0")
		told, err := c.Status(t.Context(), pages)
		if err != nil || told.Remaining.String() != "10" || !told.RemainingKnown {
			t.Errorf("%+v, %v", told, err)
		}
	})
}

func isNotCalled(err error) bool {
	_, ok := errors.AsType[*turn.NotCalledError](err)
	return ok
}

// An answer that was given before takes nothing, however well it is signed.
func TestTakeReplayed(t *testing.T) {
	atTill(t, func(t *testing.T, c *till) {
		if _, err := c.take(2); err != nil {
			t.Fatal(err)
		}
		c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultReplay, Times: 1})
		if got, err := c.take(2); !errors.Is(err, ErrReplayed) {
			t.Errorf("an old answer gives %+v, %v", got, err)
		}
	})
}

// Off line no more is booked than was last known to remain, each amount once, and
// it is delivered before the server is asked for what it may not suffice for.
func TestBook(t *testing.T) {
	atTill(t, func(t *testing.T, c *till) {
		c.srv.Outage(true)
		for i, want := range []string{"6", "2"} {
			got, err := c.take(4)
			if err != nil || !got.Booked || got.TransactionID != "" || got.Remaining.String() != want {
				t.Fatalf("%d: %+v, %v", i, got, err)
			}
		}
		if _, err := c.take(4); roomtest.Silence(err) == 0 || len(c.journal) != 2 {
			t.Errorf("more than is known to remain: %v, %d in the journal", err, len(c.journal))
		}
		c.srv.Outage(false)
		if got, err := c.take(1); err != nil || got.Booked || len(c.journal) != 2 {
			t.Errorf("what suffices needs no delivery: %+v, %v, %d wait", got, err, len(c.journal))
		}
		if _, err := c.take(2); !errors.Is(err, record.ErrLimitReached) || len(c.journal) != 0 {
			t.Errorf("what may not suffice comes after what is booked: %v, %d wait", err, len(c.journal))
		}
		c.consumed("9")
	})
}

// What nobody could deliver later is not booked.
func TestNotBooked(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(c *till)
		is     func(error) bool
	}{
		"it is not permitted": {
			func(c *till) { c.Offline = false; c.srv.Outage(true) },
			func(err error) bool { return roomtest.Silence(err) != 0 },
		},
		"the server refuses the call": {
			func(c *till) {
				c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.LicenseExpired)})
			},
			func(err error) bool {
				conflict, ok := errors.AsType[*slascone.ConflictError](err)
				return ok && enforcement.Code(conflict.ID) == enforcement.LicenseExpired
			},
		},
		"the journal is full": {
			func(c *till) { c.full = true; c.srv.Outage(true) },
			func(err error) bool { return err != nil && err.Error() == "no space left" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			atTill(t, func(t *testing.T, c *till) {
				tt.before(c)
				if _, err := c.take(4); !tt.is(err) {
					t.Errorf("error %v", err)
				}
				k := c.Ledger.Known()
				if a := k.Account(pages); !a.Booked.IsZero() || len(c.journal) != 0 {
					t.Errorf("%v is booked, %d in the journal", a.Booked, len(c.journal))
				}
				c.srv.Outage(false)
				c.srv.ClearFaults()
				c.full = false
				if got, err := c.take(10); err != nil || got.Remaining.String() != "0" {
					t.Errorf("all of it afterwards: %+v, %v", got, err)
				}
			})
		})
	}
}

// Where the answer is lost, the amount is booked under the same ID and counts once.
func TestTakeWhoseAnswerIsLost(t *testing.T) {
	atTill(t, func(t *testing.T, c *till) {
		c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultReset, AfterEffect: true, Times: 1})
		if got, err := c.take(4); err != nil || !got.Booked {
			t.Fatalf("%+v, %v", got, err)
		}
		c.consumed("4")
		if err := c.deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.consumed("4")
	})
}

// A limitation that another window still reports leaves it open what is left.
func TestTakeBesideAnothersDelivery(t *testing.T) {
	atTill(t, func(t *testing.T, c *till) {
		c.srv.Outage(true)
		if _, err := c.take(8); err != nil {
			t.Fatal(err)
		}
		c.srv.Outage(false)
		c.Deliver = func(context.Context) error { return nil } // the other window's turn
		if _, err := c.take(4); !errors.Is(err, ErrStillReported) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		c.Deliver = c.deliver
		if got, err := c.take(2); err != nil || got.Remaining.String() != "0" {
			t.Errorf("once it is delivered: %+v, %v", got, err)
		}
	})
}
