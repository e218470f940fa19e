package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// picky is a gateway that answers reports in which one of some texts occurs.
type picky struct {
	http.RoundTripper
	status int

	mu    sync.Mutex
	texts []string
	calls int
}

func (p *picky) refuse(texts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts = texts
}

// called returns how many reports came.
func (p *picky) called() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func (p *picky) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.Contains(r.URL.Path, "/data_gathering/") {
		return p.RoundTripper.RoundTrip(r)
	}
	p.mu.Lock()
	p.calls++
	refused := slices.ContainsFunc(p.texts, func(text string) bool { return strings.Contains(string(body), text) })
	p.mu.Unlock()
	if refused {
		return &http.Response{StatusCode: p.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return p.RoundTripper.RoundTrip(r)
}

// gated returns an agent with a licence whose reports go through a gateway.
func (w *world) gated() (*Agent, *picky) {
	w.Helper()
	gate := &picky{RoundTripper: w.line, status: http.StatusBadRequest}
	w.cfg.HTTPClient = &http.Client{Transport: gate}
	a, _ := w.activated(slasconetest.License{})
	return a, gate
}

// claimed takes the claim of an agent's journal, as another window does.
func (w *world) claimed(a *Agent) *journal.Claim {
	w.Helper()
	j, err := a.outbox.(*outbox.Outbox).Open(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	claim, err := j.Claim()
	if err != nil {
		w.Fatal(err)
	}
	return claim
}

func (w *world) use(a *Agent, features ...string) {
	w.Helper()
	for _, f := range features {
		if err := a.Use(w.Context(), f); err != nil {
			w.Fatal(err)
		}
	}
}

// After such a conflict the server is left alone for a while, however much is
// queued.
func TestARefusedQueueWaits(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Conflict: 2006})
		w.start(a)
		for i := range outbox.Threshold + 10 {
			w.use(a, "f"+string(rune('a'+i%20)))
		}
		w.sleep(10 * time.Hour)
		if gate.called() < 5 || gate.called() > 25 {
			t.Errorf("%d calls in 10 hours", gate.called())
		}
		if n := a.Queued(); n != outbox.Threshold+10 {
			t.Errorf("%d are queued", n)
		}
		w.srv.ClearFaults()
		w.sleep(2 * time.Hour)
		if n := a.Queued(); n != 0 {
			t.Errorf("%d are queued when the server takes them again", n)
		}
	})
}

// Uses whose sum could not be sent are sent apart.
func TestASumBeyondTheBoundsIsDelivered(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.gated()
		for _, amount := range []decimal.Decimal{decimal.New(1, 30), decimal.New(1, -30), decimal.New(2, 30)} {
			if err := a.UseAmount(w.Context(), "f", amount); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.srv.Usages()); n != 3 {
			t.Errorf("%d reports", n)
		}
	})
}

// One call names an analytical field once, so that the server has no reason to
// refuse it.
func TestAFieldIsMeasuredOnceInACall(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		speed, size := uuid.NewString(), uuid.NewString()
		w.srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
			p.AnalyticalFields = map[string]string{speed: "numeric", size: "numeric"}
		})
		a, gate := w.gated()
		for _, field := range []string{speed, size, strings.ToUpper(speed), size} {
			if err := a.Measure(w.Context(), field, "1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.srv.Measurements()); n != 4 || gate.called() != 2 {
			t.Errorf("%d measurements in %d calls", n, gate.called())
		}
	})
}

// However much is queued, a window does not ask again and again whether another
// one is still delivering.
func TestWaitingForAnotherWindowsDelivery(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.gated()
		claim := w.claimed(a)
		w.start(a)
		for range outbox.Threshold {
			w.use(a, "f")
		}
		w.sleep(5 * time.Minute)
		readings := w.readings.Load()
		w.sleep(5 * time.Minute)
		if n := w.readings.Load() - readings; n > 200 {
			t.Errorf("the clock was read %d times in 5 minutes", n)
		}
		claim.Release()
		w.sleep(2 * outbox.Pause)
		if n := a.Queued(); n != 0 {
			t.Errorf("%d are queued", n)
		}
	})
}

// Bookings count what is queued, which does not look like another window that
// delivers.
func TestFlushBesideBookings(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.counting()
		over, cancel := context.WithDeadline(w.Context(), time.Now().Add(-time.Second))
		defer cancel()
		for i := range 30 {
			feature := fmt.Sprint(i)
			w.use(a, feature)
			var bookings sync.WaitGroup
			for range 4 {
				bookings.Go(func() {
					if c, err := a.Consume(over, "pages", decimal.New(1, -2)); err != nil || !c.Booked {
						t.Errorf("%+v, %v", c, err)
					}
				})
			}
			if err := a.Flush(w.Context()); err != nil || totals(w.srv)[feature] != "1" {
				t.Errorf("%v, the server knows of %v", err, totals(w.srv))
			}
			bookings.Wait()
		}
	})
}

// What the server asks for with Retry-After holds for deliveries too.
func TestDeliveryHonoursRetryAfter(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultStatus, Status: 429, RetryAfter: "10000"})
		w.start(a)
		w.use(a, "a")
		w.sleep(90 * time.Minute)
		before := gate.called()
		if before == 0 {
			t.Fatal("nothing was delivered")
		}
		w.sleep(time.Hour)
		if gate.called() != before {
			t.Errorf("%d calls, then %d", before, gate.called())
		}
	})
}

// slow is a network that brings the answers to reports late.
type slow struct {
	http.RoundTripper
	delay time.Duration
	began atomic.Int64 // when the last report came
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	if !strings.Contains(r.URL.Path, "/data_gathering/") {
		return resp, err
	}
	s.began.Store(time.Now().UnixNano())
	select {
	case <-time.After(s.delay):
		return resp, err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// A report that is under way when the caller gives up is waited for a little, so
// that it is not sent again and counted twice; no longer than a little.
func TestAReportUnderWayIsHeard(t *testing.T) {
	for name, giveUp := range map[string]func(w *world, a *Agent) error{
		"Flush is cancelled": func(w *world, a *Agent) error {
			ctx, cancel := context.WithCancel(w.Context())
			time.AfterFunc(time.Second, cancel)
			return a.Flush(ctx)
		},
		"Flush has a deadline": func(w *world, a *Agent) error {
			ctx, cancel := context.WithTimeout(w.Context(), time.Second)
			defer cancel()
			return a.Flush(ctx)
		},
		"the agent is closed": func(w *world, a *Agent) error {
			time.AfterFunc(time.Second, func() { w.close(a) })
			return a.Flush(w.Context())
		},
		"the application ends": func(w *world, a *Agent) error {
			ctx, cancel := context.WithCancel(w.Context())
			defer cancel()
			if err := a.Start(ctx); err != nil {
				return err
			}
			for len(w.srv.Usages()) == 0 {
				w.sleep(time.Second)
			}
			cancel()
			w.sleep(turn.AnswerGrace)
			return nil
		},
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, late %v", name, late), func(t *testing.T) {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					delay, want := turn.AnswerGrace, "1"
					if late {
						delay, want = time.Hour, "2"
					}
					a, _ := w.activated(slasconetest.License{})
					w.use(a, "f")
					cfg := w.cfg
					w.close(a)
					network := &slow{RoundTripper: w.line, delay: delay}
					w.cfg.HTTPClient = &http.Client{Transport: network}
					w.cfg.Timeout = 2 * time.Hour
					a = w.open()
					err := giveUp(w, a)
					if took := time.Since(time.Unix(0, network.began.Load())); took > time.Second+turn.AnswerGrace {
						t.Errorf("it took %v", took)
					}
					if e, ok := errors.AsType[*slascone.SilenceError](err); strings.HasPrefix(name, "Flush") && late != ok ||
						ok && (e.Reason == slascone.TimedOut) != strings.Contains(name, "deadline") {
						t.Errorf("Flush: %v", err)
					}
					w.close(a)
					w.cfg = cfg
					if err := w.open().Flush(w.Context()); err != nil {
						t.Error(err)
					}
					if got := totals(w.srv)["f"]; got != want {
						t.Errorf("the server knows of %s, want %s", got, want)
					}
				})
			})
		}
	}
}

// breaking is a network that is down from some report on.
type breaking struct {
	http.RoundTripper
	after int  // reports; below 0: never
	deaf  bool // the server hears one more, which is not answered
}

func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/data_gathering/") {
		return b.RoundTripper.RoundTrip(r)
	}
	if b.after == 0 {
		if b.deaf {
			b.deaf = false
			if _, err := b.RoundTripper.RoundTrip(r); err != nil {
				return nil, err
			}
		}
		return nil, errors.New("connection refused")
	}
	b.after--
	return b.RoundTripper.RoundTrip(r)
}

// A process that dies during a delivery loses no report, and none arrives that
// was not made. The one that the server has taken, and whose answer the process
// did not live to hear, is sent again: a consumption is known by its ID, the
// others count twice, for which the protocol has no remedy.
func TestKilledDuringADelivery(t *testing.T) {
	const field = "5f0c2f4e-3f4a-4f6e-9f0e-2d8f3c1b7a90"
	calls := []string{"usage", "measure", "consumption"} // as they are made
	for n, last := range append(calls, "none") {
		for _, deaf := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, taken %v", last, deaf), func(t *testing.T) {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					w.srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
						p.AnalyticalFields = map[string]string{field: "numeric"}
					})
					network := &breaking{RoundTripper: w.line}
					w.cfg.HTTPClient = &http.Client{Transport: network}
					a, lic := w.counting()
					w.use(a, "a", "b", "a")
					if err := a.Measure(w.Context(), field, "7"); err != nil {
						t.Fatal(err)
					}
					w.consume(a, 3)
					network.after, network.deaf = n, deaf
					if err := a.Flush(w.Context()); (err == nil) != (last == "none") {
						t.Fatalf("Flush: %v", err)
					}
					network.after, network.deaf = -1, false
					b := w.open() // a was not closed: it is dead
					if err := b.Flush(w.Context()); err != nil {
						t.Fatal(err)
					}

					times := func(call string) int64 {
						if deaf && call == last {
							return 2
						}
						return 1
					}
					used := map[string]string{"a": fmt.Sprint(2 * times("usage")), "b": fmt.Sprint(times("usage"))}
					if got := totals(w.srv); !maps.Equal(got, used) {
						t.Errorf("the server knows of uses %v, want %v", got, used)
					}
					if got := len(w.srv.Measurements()); int64(got) != times("measure") {
						t.Errorf("the server knows of %d measurements", got)
					}
					if got := w.srv.Consumptions(lic.Key)[0]; got.Consumed != "3" || got.Transactions != 1 {
						t.Errorf("the server knows of consumptions %+v", got)
					}
					w.left(b, 7)
					if n := b.Queued(); n != 0 {
						t.Errorf("%d are queued", n)
					}
				})
			})
		}
	}
}

// Closing an agent is not made to fail by a report that was dropped.
func TestCloseWithARefusedReport(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.gated()
		w.start(a)
		w.use(a, "a")
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Conflict: 6002})
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
