package seat

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// floating gives seats of 10 minutes.
var floating = slasconetest.License{Floating: true, SessionPeriod: new(10), Freeride: new(7)}

// chair is one window's Holder, with the server and what the hook was told.
type chair struct {
	*Holder
	*testing.T
	srv     *slasconetest.Server
	refused []error
}

// sit makes the Holder of a window, which has a seat of its own with a number.
func sit(h *roomtest.House, folder string, number int) *chair {
	h.Helper()
	c := &chair{T: h.T, srv: h.Server}
	c.Holder = New(Config{
		ClientID: roomtest.ClientID, Folder: folder, PerProcess: number > 0, Plan: h.Plan, Logger: slog.New(slog.DiscardHandler),
		Refused: func(err error) { c.refused = append(c.refused, err) },
	})
	if got, err := c.Number([]int{number}[:min(number, 1)]); err != nil || got != number {
		h.Fatalf("window %d, want %d: %v", got, number, err)
	}
	h.Open(number)
	c.Client, c.Ledger = h.Client, h.Ledger
	h.Cleanup(c.Leave)
	return c
}

// onChair runs a test with the only window of a floating licence.
func onChair(t *testing.T, test func(*testing.T, *chair)) {
	t.Helper()
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		c := sit(h, t.TempDir(), 0)
		h.Licensed(floating)
		test(t, c)
	})
}

// take is Take as the background calls it.
func (c *chair) take() error { return c.Take(c.Context(), 0, false) }

// seated fails the test unless a seat is held here, the only one at the server.
func (c *chair) seated() record.Seat {
	c.Helper()
	s, until, held := c.Given()
	open := c.srv.Sessions()
	if !held || !until.After(c.Ledger.Now()) || len(open) != 1 || open[0].ID != s.SessionID {
		c.Fatalf("held %v until %v; the server has %v", held, until, open)
	}
	return s
}

// stood fails the test unless no seat is held, here and at the server.
func (c *chair) stood() {
	c.Helper()
	if s, until, held := c.Given(); held || len(c.srv.Sessions()) > 0 {
		c.Errorf("held %v until %v (%s); the server has %v", held, until, s.SessionID, c.srv.Sessions())
	}
}

// refuse lets the server refuse calls for the seat, so many times; 0: until cleared.
func (c *chair) refuse(code enforcement.Code, times int) int {
	return c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: int(code), Times: times})
}

// calls counts the calls for the seat since it was last asked.
func (c *chair) calls() int {
	n := len(c.srv.Requests(slasconetest.SessionOpen))
	c.srv.ForgetRequests()
	return n
}

func TestTakeRenewClose(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		first := c.seated()
		for range 6 {
			time.Sleep(5 * time.Minute)
			if err := c.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if again := c.seated(); again.SessionID != first.SessionID {
			t.Errorf("renewed as another session")
		}
		if n := c.calls(); n != 7 {
			t.Errorf("%d calls in half an hour", n)
		}
		if err := c.Renew(t.Context()); err != nil || c.calls() != 0 {
			t.Errorf("renewed before it was due: %v", err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.stood()
	})
}

func TestTakeWithoutAFloatingLicense(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		c := sit(h, t.TempDir(), 0)
		if err := c.take(); !errors.Is(err, record.ErrNotActivated) {
			t.Errorf("without a licence: %v", err)
		}
		if at := c.Next(c.Ledger.Now()); !at.IsZero() {
			t.Errorf("without a licence a seat is asked for at %v", at)
		}
		h.Licensed(slasconetest.License{})
		roomtest.Refused(t, c.take(), enforcement.SessionOnNamedLicense)
		if k := c.Ledger.Known(); !k.Seat.Unwanted || len(c.refused) != 0 {
			t.Errorf("unwanted %v, told %v", k.Seat.Unwanted, c.refused)
		}
	})
}

// What a refusal does, by whom it concerns: with no seat, and with one.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name     string
		code     enforcement.Code
		asked    int // calls for one Take
		cause    enforcement.Cause
		heldOn   bool // a seat that is held stays
		reported bool // to the application
	}{
		{"all seats are taken", enforcement.ConnectionsExhausted, 2, enforcement.ConnectionLimit, false, false},
		{"the client has too many", enforcement.SessionsPerClientExhausted, 2, enforcement.SessionLimit, false, false},
		{"the licence is inactive", enforcement.LicenseInactive, 2, enforcement.Inactive, false, false},
		{"the call lacks a user", enforcement.SessionUserMissing, 1, enforcement.NoCause, true, true},
		{"a conflict of a newer server", 99999, 1, enforcement.NoCause, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onChair(t, func(t *testing.T, c *chair) {
				fault := c.refuse(tt.code, 0)
				roomtest.Refused(t, c.take(), tt.code)
				if n := c.calls(); n != tt.asked {
					t.Errorf("asked %d times, want %d", n, tt.asked)
				}
				c.stood()
				cause := func() enforcement.Cause {
					k := c.Ledger.Known()
					d := enforcement.Decide(k.Facts, enforcement.Standard(), c.Ledger.Now())
					if d.Cause == enforcement.SessionMissing {
						return enforcement.NoCause // of there being no seat, not of the refusal
					}
					return d.Cause
				}
				if got := cause(); got != tt.cause {
					t.Errorf("cause %v, want %v", got, tt.cause)
				}
				roomtest.Refused(t, c.take(), tt.code)
				if told := map[bool]int{true: 1}[tt.reported]; len(c.refused) != told {
					t.Errorf("told %v of two refusals alike", c.refused)
				}

				c.srv.ClearFault(fault)
				if err := c.take(); err != nil {
					t.Fatal(err)
				}
				c.seated()
				c.refuse(tt.code, 0)
				roomtest.Refused(t, c.take(), tt.code)
				if _, _, held := c.Given(); held != tt.heldOn {
					t.Errorf("the seat that was held is held: %v", held)
				}
			})
		})
	}
}

// A refusal is heard twice before it restricts: one that was meant for another
// does not count.
func TestARefusalForAnother(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		c.refuse(enforcement.ConnectionsExhausted, 1)
		if err := c.take(); err != nil || c.calls() != 2 {
			t.Fatal(err)
		}
		c.seated()
	})
}

func TestASessionThatTheServerForgot(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		old := c.seated()
		c.srv.EndSession(old.SessionID)
		c.refuse(enforcement.SessionNotOpen, 1)
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		if s := c.seated(); s.SessionID == old.SessionID {
			t.Error("opened under an ID that the server refuses")
		}
	})
}

func TestAServerThatWantsThePeriodTold(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		c.refuse(enforcement.CheckoutPeriodInvalid, 1)
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		if s := c.seated(); s.Checkout != 0 {
			t.Errorf("taken for %v by hand", s.Checkout)
		}
		c.refuse(enforcement.CheckoutPeriodInvalid, 0)
		roomtest.Refused(t, c.Take(t.Context(), time.Hour, false), enforcement.CheckoutPeriodInvalid)
	})
}

// Silence leaves the seat until its end, and asks again before that.
func TestSilence(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		held := c.seated()
		c.srv.Outage(true)
		time.Sleep(5 * time.Minute)
		if err := c.take(); roomtest.Silence(err) == 0 {
			t.Errorf("in an outage: %v", err)
		}
		if s, until, ok := c.Given(); !ok || s.SessionID != held.SessionID || s.Contact.Failures != 1 || c.Next(c.Ledger.Now()).After(until) {
			t.Errorf("held %v with %d failures, asked for at %v, lapses at %v", ok, s.Contact.Failures, c.Next(c.Ledger.Now()), until)
		}
		time.Sleep(6 * time.Minute)
		if _, _, ok := c.Given(); ok {
			t.Error("held after its end")
		}
		c.srv.Outage(false)
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		if s := c.seated(); s.SessionID != held.SessionID {
			t.Error("another seat is taken, though the first may still be")
		}
	})
}

// Who gives up learns nothing from it.
func TestTakeGivenUp(t *testing.T) {
	onChair(t, func(t *testing.T, c *chair) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Take(ctx, 0, false); roomtest.Silence(err) != slascone.Cancelled {
			t.Errorf("given up: %v", err)
		}
		if k := c.Ledger.Known(); k.Seat.Contact.Failures != 0 {
			t.Errorf("%d failures", k.Seat.Contact.Failures)
		}
	})
}

func TestClose(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(c *chair)
		ok     bool
		held   bool
	}{
		"as usual":                         {ok: true},
		"the server has ended it":          {before: func(c *chair) { c.srv.EndSession(c.srv.Sessions()[0].ID) }, ok: true},
		"no connection, so it stays taken": {before: func(c *chair) { c.srv.Outage(true) }, held: true},
		"the server is asked, and does not": {before: func(c *chair) {
			c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionClose, Kind: slasconetest.FaultConflict, Conflict: 2006})
		}, held: true},
	} {
		t.Run(name, func(t *testing.T) {
			onChair(t, func(t *testing.T, c *chair) {
				if err := c.take(); err != nil {
					t.Fatal(err)
				}
				c.seated()
				if tt.before != nil {
					tt.before(c)
				}
				if err := c.Close(t.Context()); (err == nil) != tt.ok {
					t.Errorf("%v", err)
				}
				if _, _, held := c.Given(); held != tt.held {
					t.Errorf("held: %v", held)
				}
			})
		})
	}
}

// The seat of a licence that was replaced is given back.
func TestDrop(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		c := sit(h, t.TempDir(), 0)
		h.Licensed(floating)
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		before := c.Ledger.Known()
		c.Drop(t.Context(), before)
		c.seated() // the licence is still the same
		h.Licensed(floating)
		c.Drop(t.Context(), before)
		if open := c.srv.Sessions(); len(open) != 0 {
			t.Errorf("the server has %v", open)
		}
		if err := c.take(); err != nil {
			t.Fatal(err)
		}
		if s := c.seated(); s.LicenseKey == before.Seat.LicenseKey {
			t.Error("the seat is one of the former licence")
		}
	})
}

// The end of a process gives back what nobody else uses.
func TestRelease(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(t *testing.T, c *chair)
		left   int // sessions at the server afterwards
	}{
		"nothing was taken": {},
		"a seat": {before: func(t *testing.T, c *chair) {
			if err := c.take(); err != nil {
				t.Fatal(err)
			}
		}},
		"a seat that is checked out": {left: 1, before: func(t *testing.T, c *chair) {
			if err := c.Take(t.Context(), time.Hour, false); err != nil {
				t.Fatal(err)
			}
		}},
		"the answer was lost": {before: func(t *testing.T, c *chair) {
			c.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultReset, AfterEffect: true, Times: 1})
			if err := c.take(); err == nil || len(c.srv.Sessions()) != 1 {
				t.Fatalf("%v, and the server has %v", err, c.srv.Sessions())
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			onChair(t, func(t *testing.T, c *chair) {
				if tt.before != nil {
					tt.before(t, c)
				}
				if err := c.Release(t.Context()); err != nil {
					t.Error(err)
				}
				if open := c.srv.Sessions(); len(open) != tt.left {
					t.Errorf("the server has %v", open)
				}
			})
		})
	}
}

func TestReleaseBesideAnotherWindow(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		folder := t.TempDir()
		one := sit(h, folder, 0)
		h.Licensed(floating)
		two := sit(h, folder, 0)
		for _, c := range []*chair{one, two} {
			if err := c.take(); err != nil {
				t.Fatal(err)
			}
		}
		if err := one.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		two.seated()
		if err := two.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		two.stood()
	})
}
