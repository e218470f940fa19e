package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// counting returns an agent that may book off line, with a limitation of 10
// pages a week and one of 5 sheets a month.
func (w *world) counting() (*Agent, slasconetest.License) {
	w.Helper()
	w.cfg.ConsumeOffline = true
	return w.activated(slasconetest.License{Freeride: new(30), Limitations: []slasconetest.Limitation{
		{Name: "pages", Value: "10", Reset: slasconetest.ResetPeriodically, ResetDays: 7},
		{Name: "sheets", Value: "5", Reset: slasconetest.ResetMonthly},
	}})
}

func (w *world) consume(a *Agent, amount int64) Consumption {
	w.Helper()
	c, err := a.Consume(w.Context(), "pages", decimal.NewFromInt(amount))
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// left checks what remains, for the next booking as for whoever looks it up.
func (w *world) left(a *Agent, want int64) {
	w.Helper()
	if l, _ := a.Limit("pages"); !l.RemainingKnown || !l.Remaining.Equal(decimal.NewFromInt(want)) {
		w.Errorf("%v remain, known %v; want %d", l.Remaining, l.RemainingKnown, want)
	}
}

func TestLimitFollowsConsumption(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.counting()
		w.left(a, 10)
		c := w.consume(a, 4)
		if !c.Remaining.Equal(decimal.NewFromInt(6)) {
			t.Errorf("%+v", c)
		}
		w.left(a, 6)
		week := func(a *Agent) {
			t.Helper()
			l, _ := a.Limit("pages")
			if at, ok := l.NextReset(); !ok || !at.Equal(c.NextReset) || !at.After(a.Now()) {
				t.Errorf("next reset %v, %v; the server told %v", at, ok, c.NextReset)
			}
		}
		week(a)
		if byID, ok := a.Limit(c.LimitationID); !ok || byID.Remaining.String() != "6" {
			t.Errorf("by ID: %+v", byID)
		}

		w.srv.Outage(true)
		w.sleep(time.Hour)
		if c := w.consume(a, 5); !c.Booked || c.Remaining.String() != "1" {
			t.Errorf("%+v", c)
		}
		w.left(a, 1)
		if _, err := a.Consume(t.Context(), "pages", decimal.NewFromInt(2)); err == nil {
			t.Error("2 of 1 are taken")
		}
		w.close(a)
		a = w.open()
		w.left(a, 1)
		week(a)

		w.srv.Outage(false)
		if c, err := a.Consume(t.Context(), "pages", decimal.RequireFromString("0.5")); err != nil || c.Remaining.String() != "0.5" {
			t.Errorf("beside what is booked: %+v, %v", c, err)
		}
		if err := a.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if l, _ := a.Limit("pages"); l.Remaining.String() != "0.5" {
			t.Errorf("%v remain after the delivery", l.Remaining)
		}
		if _, err := a.Heartbeat(t.Context()); err != nil {
			t.Fatal(err)
		}
		if l, _ := a.Limit("pages"); l.Remaining.String() != "0.5" {
			t.Errorf("%v remain after a heartbeat", l.Remaining)
		}
		week(a)
		w.sleep(7 * 24 * time.Hour)
		if l, _ := a.Limit("pages"); !l.RemainingKnown {
			t.Errorf("pages: %+v", l)
		} else if at, ok := l.NextReset(); ok {
			t.Errorf("pages start anew at %v, which the server has not told", at)
		}
		if l, _ := a.Limit("sheets"); l.Remaining.String() != "5" {
			t.Errorf("sheets: %+v", l)
		} else if at, ok := l.NextReset(); !ok || at.Day() != 1 {
			t.Errorf("sheets start anew at %v, %v", at, ok)
		}
	})
}

// What the server could never be told is not booked.
func TestOnlyWhatCanBeDeliveredIsBooked(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.counting()
		for _, amount := range []decimal.Decimal{decimal.New(1, -43), decimal.New(1, 40), decimal.NewFromInt(-1)} {
			if _, err := a.Consume(t.Context(), "pages", amount); !errors.Is(err, ErrInput) {
				t.Errorf("%v", err)
			}
		}
		w.line.set(func(l *line) { l.status = 400 })
		if c, err := a.Consume(t.Context(), "pages", decimal.NewFromInt(1)); err == nil {
			t.Errorf("a request that the server does not understand: %+v", c)
		}
		w.line.set(func(l *line) { l.status = 503 })
		w.left(a, 10)
		w.consume(a, 1)
		w.left(a, 9)
		if a.Queued() != 1 {
			t.Errorf("%d are queued", a.Queued())
		}
	})
}

// An amount that could not be queued is not booked either.
func TestAFailedBookingLeavesNothing(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.counting()
		w.srv.Outage(true)
		w.consume(a, 1)
		dir := w.cfg.StateDir
		if err := errors.Join(os.Rename(dir, dir+".x"), os.WriteFile(dir, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Consume(t.Context(), "pages", decimal.NewFromInt(5)); err == nil {
			t.Error("5 are taken without a journal")
		}
		w.left(a, 9)
		if err := errors.Join(os.Remove(dir), os.Rename(dir+".x", dir)); err != nil {
			t.Fatal(err)
		}
		if c := w.consume(a, 1); c.Remaining.String() != "8" {
			t.Errorf("%v remain", c.Remaining)
		}
		w.srv.Outage(false)
		if err := a.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.left(a, 8)
		if got := w.srv.Consumptions(lic.Key)[0].Consumed; got != "2" {
			t.Errorf("the server counts %s", got)
		}
	})
}

// After a crash between the record and the journal, or when the journal was
// removed, the larger of the two is right.
func TestTheRecordTellsWhatIsBooked(t *testing.T) {
	six := decimal.NewFromInt(6)
	booked := func(t *testing.T, a *Agent) {
		limit, _ := a.Limit("pages")
		now := a.Now()
		if err := a.ledger.Keep(t.Context(), func(k *record.Known) { k.ChangeAccount(limit.ID, func(x *record.Account) { x.Book(six, now) }) }); err != nil {
			t.Fatal(err)
		}
	}
	queuedUp := func(t *testing.T, a *Agent) {
		limit, _ := a.Limit("pages")
		if err := a.outbox.Add(t.Context(), outbox.Entry{Kind: outbox.ConsumptionEntry, Name: limit.ID, Amount: six, ID: "x", At: a.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		crash func(*testing.T, *Agent)
		after time.Duration
		left  int64
	}{
		"booked, not queued":                  {booked, 2 * record.BookingTime, 2},
		"another window is about to queue it": {booked, record.BookingTime / 2, 2},
		"delivered, not acknowledged":         {queuedUp, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.counting()
				w.srv.Outage(true)
				w.consume(a, 1)
				test.crash(t, a)
				w.sleep(test.after)
				b := w.open()
				if c := w.consume(b, 1); c.Remaining.IntPart() != test.left {
					t.Errorf("%v remain, want %d", c.Remaining, test.left)
				}
				w.left(b, test.left)
			})
		})
	}
}

// An older state does not know what was booked after it: nothing is taken with it off
// line, until an answer has told what is left. Twin: a backup that was put back.
func TestNothingIsTakenOffLineWithAnOlderState(t *testing.T) {
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		p.cfg.ConsumeOffline = true
		p.lic = p.srv.AddLicense(slasconetest.License{Freeride: new(30), Limitations: []slasconetest.Limitation{
			{Name: "pages", Value: "10", Reset: slasconetest.ResetPeriodically, ResetDays: 7},
		}})
		p.begin(false)
		p.tape.block(true)
		taken := p.take(1)
		p.end(false)
		old := p.copyParts()
		if taken += p.take(5); taken != 6 {
			t.Fatal("nothing is taken off line")
		}
		p.end(false)
		itemAndCopy(p, 0, old)
		p.run()
		p.sleep(time.Second) // a call that joined the first heartbeat would fail with it
		_, err := p.agent.Consume(p.Context(), "pages", decimal.NewFromInt(6))
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindSilence || !strings.Contains(err.Error(), "go online once") {
			t.Errorf("%v", err)
		}
		p.tape.block(false)
		if _, err := p.agent.Heartbeat(p.Context()); err != nil {
			t.Fatal(err)
		}
		p.tape.block(true)
		if c, err := p.agent.Consume(p.Context(), "pages", decimal.NewFromInt(4)); err != nil || !c.Booked || !c.Remaining.IsZero() {
			t.Errorf("%+v, %v", c, err)
		}
		p.end(false)
	})
}

// What is queued under a licence that was given back is still to be taken of
// what its successor, or itself, has left.
func TestBookingsOutliveTheLicense(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.counting()
		w.srv.Outage(true)
		w.consume(a, 6)
		w.srv.Outage(false)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultStatus})
		if _, err := a.Deactivate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Activate(t.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if c := w.consume(a, 1); !c.Booked || c.Remaining.String() != "3" {
			t.Errorf("%+v", c)
		}
	})
}

// What is booked and not queued, because the journal was removed, is delivered.
func TestWhatTheJournalLostIsDelivered(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.counting()
		w.srv.Outage(true)
		w.consume(a, 1)
		w.srv.Outage(false)
		if err := a.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		limit, _ := a.Limit("pages")
		now := a.Now()
		if err := a.ledger.Keep(t.Context(), func(k *record.Known) {
			k.ChangeAccount(limit.ID, func(x *record.Account) { x.Book(decimal.NewFromInt(5), now) })
		}); err != nil {
			t.Fatal(err)
		}
		w.left(a, 4)
		w.sleep(2 * record.BookingTime)
		if _, err := a.Heartbeat(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.left(a, 4)
		if n := a.Queued(); n != 0 {
			t.Errorf("%d are queued", n)
		}
	})
}

// A booked amount that the server refuses in the end is told of and is no
// longer booked.
func TestABookedAmountIsRefused(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.counting()
		w.srv.Outage(true)
		w.consume(a, 6)
		w.srv.Outage(false)
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Limitations[0].Value = "4" })
		err := a.Flush(t.Context())
		dropped, ok := errors.AsType[*RejectedError](err)
		if !ok || len(dropped.Reports) != 1 || !errors.Is(err, ErrLimitReached) {
			t.Errorf("Flush: %v", err)
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindConflict || e.Code != 6008 {
			t.Errorf("Flush: %#v", err)
		}
		w.left(a, 4)
	})
}

// A consumption under way when the caller gives up is waited for a little; then
// it is booked, where that is permitted, under the ID that the server may know
// it by. Either way what was said to be taken is what is counted.
func TestAConsumptionUnderWayIsHeard(t *testing.T) {
	for name, giveUp := range map[string]func(w *world, a *Agent) (context.Context, context.CancelFunc){
		"cancelled": func(w *world, a *Agent) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(w.Context())
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
		"deadline": func(w *world, a *Agent) (context.Context, context.CancelFunc) {
			return context.WithTimeout(w.Context(), time.Second)
		},
		"closed": func(w *world, a *Agent) (context.Context, context.CancelFunc) {
			time.AfterFunc(time.Second, func() { w.close(a) })
			return w.Context(), func() {}
		},
	} {
		for late, delay := range map[string]time.Duration{"in time": turn.AnswerGrace, "too late": time.Hour} {
			for _, offline := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, off line %v", name, late, offline), func(t *testing.T) {
					inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
						network := &slow{RoundTripper: w.line, delay: delay}
						w.cfg.HTTPClient, w.cfg.Timeout = &http.Client{Transport: network}, 2*time.Hour
						a, lic := w.counting()
						w.close(a)
						w.cfg.ConsumeOffline = offline
						a = w.open()
						ctx, cancel := giveUp(w, a)
						defer cancel()
						begin := time.Now()
						c, err := a.Consume(ctx, "pages", decimal.NewFromInt(3))
						if took := time.Since(begin); took > time.Second+turn.AnswerGrace {
							t.Errorf("it took %v", took)
						}
						switch e, _ := errors.AsType[*Error](err); {
						case delay == turn.AnswerGrace:
							if err != nil || c.TransactionID == "" || c.Booked || c.Remaining.String() != "7" {
								t.Errorf("%+v, %v", c, err)
							}
						case offline:
							if err != nil || !c.Booked || c.Remaining.String() != "7" {
								t.Errorf("%+v, %v", c, err)
							}
						case err == nil || e.Kind != KindSilence || c != Consumption{}:
							t.Errorf("%+v, %v", c, err)
						}
						w.close(a)
						network.delay = 0
						b := w.open()
						if err := b.Flush(w.Context()); err != nil {
							t.Error(err)
						}
						if got := w.srv.Consumptions(lic.Key)[0]; got.Consumed != "3" || got.Transactions != 1 {
							t.Errorf("the server knows of %+v", got)
						}
						if err == nil {
							w.left(b, 7)
						}
					})
				})
			}
		}
	}
}

// What the server was not asked for because the caller gave up first is not
// taken; where another call took all the time there was, it is as without an
// answer.
func TestAConsumptionThatIsNotAskedFor(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.counting()
		gone, cancel := context.WithCancel(w.Context())
		cancel()
		if c, err := a.Consume(gone, "pages", decimal.NewFromInt(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v, %v", c, err)
		}
		w.line.set(func(l *line) { l.hang = true })
		go func() { _, _ = a.Heartbeat(w.Context()) }()
		w.sleep(time.Second)
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		c, err := a.Consume(ctx, "pages", decimal.NewFromInt(2))
		if err != nil || !c.Booked || c.Remaining.String() != "8" {
			t.Errorf("%+v, %v", c, err)
		}
		ctx, cancel = context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if c, err := a.Consume(ctx, "pages", decimal.NewFromInt(9)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("9 of 8: %+v, %v", c, err)
		}
		ctx, cancel = context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		time.AfterFunc(time.Second/2, cancel)
		if c, err := a.Consume(ctx, "pages", decimal.NewFromInt(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %+v, %v", c, err)
		}
		w.line.set(func(l *line) { l.hang = false })
		w.sleep(time.Hour)
		if err := a.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.srv.Consumptions(lic.Key)[0]; got.Consumed != "2" || got.Transactions != 1 {
			t.Errorf("the server knows of %+v", got)
		}
	})
}

// What is taken on line does not overtake what was booked.
func TestBookedAmountsComeFirst(t *testing.T) {
	ten := decimal.NewFromInt(10)
	booked := func(t *testing.T, w *world, goodwill int) (*Agent, slasconetest.License) {
		a, lic := w.counting()
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Limitations[0].Goodwill = goodwill })
		w.srv.Outage(true)
		w.consume(a, 10)
		w.srv.Outage(false)
		return a, lic
	}
	check := func(t *testing.T, w *world, lic slasconetest.License, want string) {
		t.Helper()
		if got := w.srv.Consumptions(lic.Key)[0]; got.Consumed != want {
			t.Errorf("the server counts %s, want %s", got.Consumed, want)
		}
	}
	t.Run("the limit is reached", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, lic := booked(t, w, 0)
			if c, err := a.Consume(t.Context(), "pages", ten); !errors.Is(err, ErrLimitReached) {
				t.Errorf("%+v, %v", c, err)
			}
			w.left(a, 0)
			check(t, w, lic, "10")
		})
	})
	t.Run("goodwill", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, lic := booked(t, w, 100)
			if c, err := a.Consume(t.Context(), "pages", ten); err != nil || c.Booked {
				t.Errorf("%+v, %v", c, err)
			}
			check(t, w, lic, "20")
		})
	})
	t.Run("the delivery fails", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, lic := booked(t, w, 0)
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultStatus, Times: 1})
			c, err := a.Consume(t.Context(), "pages", ten)
			if e, ok := errors.AsType[*Error](err); !ok || e.Op != "consume" || e.Kind != KindSilence || errors.Is(err, ErrLimitReached) {
				t.Errorf("%+v, %v", c, err)
			}
			w.left(a, 0)
			check(t, w, lic, "0")
		})
	})
	t.Run("another report is refused", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			gate := &picky{RoundTripper: w.line, status: http.StatusBadRequest}
			w.cfg.HTTPClient = &http.Client{Transport: gate}
			a, lic := booked(t, w, 100)
			gate.refuse("poison")
			w.use(a, "poison")
			if c, err := a.Consume(t.Context(), "pages", ten); err != nil || c.Booked {
				t.Errorf("%+v, %v", c, err)
			}
			check(t, w, lic, "20")
		})
	})
	t.Run("another window delivers", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, lic := booked(t, w, 0)
			claim := w.claimed(w.open())
			c, err := a.Consume(t.Context(), "pages", ten)
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindSilence {
				t.Errorf("%+v, %v", c, err)
			}
			claim.Release()
			if c, err := a.Consume(t.Context(), "pages", ten); !errors.Is(err, ErrLimitReached) {
				t.Errorf("%+v, %v", c, err)
			}
			check(t, w, lic, "10")
		})
	})
}

// What the server is being asked for is not booked beside it.
func TestBookingBesideAConsumption(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.HTTPClient = &http.Client{Transport: &slow{RoundTripper: w.line, delay: 5 * time.Second}}
		a, lic := w.counting()
		eight := decimal.NewFromInt(8)
		var first Consumption
		var err error
		var under sync.WaitGroup
		under.Go(func() { first, err = a.Consume(w.Context(), "pages", eight) })
		w.sleep(time.Second)
		impatient := func(amount decimal.Decimal) (Consumption, error) {
			ctx, cancel := context.WithTimeout(w.Context(), time.Second)
			defer cancel()
			return a.Consume(ctx, "pages", amount)
		}
		if c, err := impatient(eight); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("8 more: %+v, %v", c, err)
		}
		if c, err := impatient(decimal.NewFromInt(1)); err != nil || !c.Booked {
			t.Errorf("1 more: %+v, %v", c, err)
		}
		under.Wait()
		if err != nil || first.Remaining.String() != "1" {
			t.Errorf("%+v, %v", first, err)
		}
		if err := a.Flush(w.Context()); err != nil {
			t.Error(err)
		}
		w.left(a, 1)
		if got := w.srv.Consumptions(lic.Key)[0].Consumed; got != "9" {
			t.Errorf("the server counts %s", got)
		}
		if c, err := impatient(decimal.NewFromInt(1)); err != nil {
			t.Errorf("the last one: %+v, %v", c, err)
		}
	})
}

// An amount that the server has taken is taken, whether the account can be kept
// or not.
func TestAnAmountIsTakenWithoutAStore(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		ring := &storagetest.Keyring{}
		w.cfg.Store, w.cfg.Keyring = storage.KindKeyring, ring
		a, lic := w.counting()
		heard := w.listen(a)
		back := failing(ring, "the keyring is locked")
		c := w.consume(a, 2)
		if c.Remaining.String() != "8" {
			t.Errorf("%+v", c)
		}
		w.left(a, 8)
		if told, _ := take[StoreChosen](heard); len(told) != 2 || told[1].Kind != storage.KindMemory {
			t.Errorf("told of %+v", told)
		}
		w.sleep(time.Second)
		if err := a.Rollback(t.Context(), c); err != nil {
			t.Error(err)
		}
		w.left(a, 10) // says the heartbeat
		back()
		if got := w.srv.Consumptions(lic.Key)[0].Consumed; got != "0" {
			t.Errorf("the server counts %s", got)
		}
	})
}

// What the server told while the clock ran ahead does not outlive its later
// answers about the licence.
func TestAnAccountOfAClockThatRanAhead(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.counting()
		w.moveClock(70 * 365 * 24 * time.Hour)
		w.consume(a, 10)
		w.left(a, 0)
		w.moveClock(0)
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.left(a, 0)
		w.sleep(8 * 24 * time.Hour) // the week is over
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.left(a, 10)
		w.close(a)
		w.left(w.open(), 10)
	})
}

// What is left is asked for without taking anything. An answer that tells of less
// counts; one that tells of more may be an old one, and is told only.
func TestConsumptionStatus(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.ConsumeOffline = true
		a, lic := w.activated(slasconetest.License{Freeride: new(30), TokenLimit: new(2), Limitations: []slasconetest.Limitation{
			{Name: "pages", Value: "10", Reset: slasconetest.ResetPeriodically, ResetDays: 7}, {Name: "endless"},
		}})
		status := func(want int64) {
			t.Helper()
			c, err := a.ConsumptionStatus(w.Context(), "pages")
			if err != nil || !c.RemainingKnown || !c.Remaining.Equal(decimal.NewFromInt(want)) || c.TransactionID != "" || c.Booked {
				t.Errorf("%+v, %v; want %d", c, err, want)
			}
		}
		w.consume(a, 4)
		status(6)
		w.left(a, 6)
		other := w.colleague("device-2", lic.Key)
		taken := w.consume(other, 2)
		status(4)
		w.left(a, 4)
		if err := other.Rollback(w.Context(), taken); err != nil {
			t.Fatal(err)
		}
		status(6)
		w.left(a, 4)

		if c, err := a.ConsumptionStatus(w.Context(), "endless"); err != nil || c.RemainingKnown {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := a.ConsumptionStatus(w.Context(), "nonsense"); err == nil {
			t.Error("a limitation that the licence does not have")
		}
		w.line.set(func(l *line) { l.down = true })
		w.consume(a, 1) // booked
		if _, err := a.ConsumptionStatus(w.Context(), "pages"); err == nil {
			t.Error("an account without a server")
		}
	})
}
