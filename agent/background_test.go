package agent

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

const day = 24 * time.Hour

func TestStartAsksAtOnceWithoutALicense(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		w.start(a)
		w.sleep(0)
		if got := w.line.requests(); len(got) != 1 {
			t.Fatalf("%d requests at the start, want 1", len(got))
		}
		expect(t, a.Decision(), enforcement.Locked, enforcement.NotActivated)
		w.sleep(longer(2*day, 10*day))
		if got := w.line.requests(); len(got) != 0 {
			t.Errorf("a client that the server does not know asked %d times more", len(got))
		}
	})
}

// A keyring that was lost is no loss: the server knows the client.
func TestStartFindsTheLicenseOfAKnownClient(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		if err := a.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		w.start(b)
		w.sleep(0)
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

func TestHeartbeatsFollowTheSchedule(t *testing.T) {
	for _, tt := range []struct {
		name      string
		heartbeat string
		period    *int
		want      time.Duration
	}{
		{"default", "", nil, day},
		{"licence", "", new(2), 2 * day},
		{"vendor", "@every 4h", new(2), 4 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				w.cfg.Heartbeat = tt.heartbeat
				a, _ := w.activated(slasconetest.License{HeartbeatPeriod: tt.period, Freeride: new(10)})
				w.start(a)
				periods := longer(3, 6)
				w.sleep(time.Duration(periods) * tt.want)
				n := len(w.line.requests())
				if n < periods-1 || n > periods+2 {
					t.Errorf("%d heartbeats in %d × %v", n, periods, tt.want)
				}
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			})
		})
	}
}

func TestOutageBacksOffAndRecovers(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		const freeride, outage = 4, 7 // days
		a, _ := w.activated(slasconetest.License{Freeride: new(freeride)})
		proven := a.Facts().License.ProvenAt
		e := w.listen(a)
		w.start(a)
		w.line.set(func(l *line) { l.down = true })

		w.sleep(outage * day)
		requests := w.line.requests()
		if n := len(requests); n < outage*20 || n > outage*50 {
			t.Errorf("%d calls in %d days of outage, want one each half hour to hour", n, outage)
		}
		if failed, _ := take[HeartbeatFailed](e); len(failed) != 1 {
			t.Errorf("%d HeartbeatFailed, want 1 for the whole outage", len(failed))
		}
		changes, at := take[StateChanged](e)
		want := []struct {
			state enforcement.State
			at    time.Duration
		}{{enforcement.Grace, freeride * day / 2}, {enforcement.ReadOnly, freeride * day}}
		if len(changes) != len(want) {
			t.Fatalf("state changes: %v", changes)
		}
		for i, c := range changes {
			if c.To.State != want[i].state || c.To.Cause != enforcement.Unreachable {
				t.Errorf("change %d is to %v", i, c.To)
			}
			if late := at[i].Sub(proven.Add(want[i].at)); late < 0 || late > 2*time.Second {
				t.Errorf("change %d to %v is announced %v after its instant", i, c.To.State, late)
			}
		}

		w.line.set(func(l *line) { l.down = false })
		w.sleep(2 * time.Hour)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		recovered, _ := take[HeartbeatRecovered](e)
		if len(recovered) != 1 || recovered[0].SilentFor < (outage-1)*day {
			t.Errorf("recovered: %v", recovered)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(30)})
		w.start(a)
		w.line.set(func(l *line) { l.status, l.after = http.StatusTooManyRequests, "7200" })
		w.sleep(3 * day)
		requests := w.line.requests()
		if len(requests) < 5 {
			t.Fatalf("%d requests in three days", len(requests))
		}
		for i := 1; i < len(requests); i++ {
			if gap := requests[i].Sub(requests[i-1]); gap < 2*time.Hour {
				t.Errorf("asked again after %v, the server asked for 2h", gap)
			}
		}
	})
}

// A refused client asks again, ever more seldom, and finds by itself that the
// vendor has put it right.
func TestRefusedClientRecovers(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		w.start(a)
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
		w.sleep(5 * day)
		expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
		requests := w.line.requests()
		if n := len(requests); n < 4 || n > 12 {
			t.Errorf("%d requests in five days of refusal", n)
		}
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = false })
		w.sleep(day)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

func TestGraceWarnings(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		const freeride, grace = 12, 6 * day
		a, _ := w.activated(slasconetest.License{Freeride: new(freeride)})
		e := w.listen(a)
		w.start(a)
		w.line.set(func(l *line) { l.down = true })
		w.sleep((freeride + 1) * day)
		warnings, _ := take[GraceWarning](e)
		want := []time.Duration{grace / 2, grace / 5, day}
		if len(warnings) != len(want) {
			t.Fatalf("%d warnings, want %d: %v", len(warnings), len(want), warnings)
		}
		for i, g := range warnings {
			if off := (g.Left - want[i]).Abs(); off > 2*time.Second {
				t.Errorf("warning %d with %v left, want %v", i, g.Left, want[i])
			}
		}
	})
}

// Somebody who restarts in the middle of a grace is warned again, once.
func TestGraceWarningAfterRestart(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(11)})
		w.line.set(func(l *line) { l.down = true })
		w.sleep(9 * day)
		w.close(a)
		b := w.open()
		e := w.listen(b)
		w.start(b)
		w.sleep(time.Hour)
		if warnings, _ := take[GraceWarning](e); len(warnings) != 1 {
			t.Errorf("%d warnings after a restart in the second half, want 1", len(warnings))
		}
	})
}

// Each coming change is announced at its instant, without a reader.
func TestChangesAreAnnouncedAtTheirInstant(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(4), Expires: time.Now().Add(3 * day)})
		e := w.listen(a)
		w.start(a)
		w.line.set(func(l *line) { l.down = true })
		forecast := a.Forecast()
		w.sleep(18*day + time.Hour)
		changes, at := take[StateChanged](e)
		seen := 0
		for _, f := range forecast {
			if f.At.After(time.Now()) {
				break
			}
			for i := range changes {
				if changes[i].To.State == f.State && changes[i].To.Cause == f.Cause {
					if late := at[i].Sub(f.At); late < 0 || late > 2*time.Millisecond {
						t.Errorf("%v announced %v after its instant", f.Decision, late)
					}
					seen++
					break
				}
			}
		}
		if seen < 5 {
			t.Errorf("only %d of the forecast's transitions were announced: %v, forecast %v (licence until %v)", seen, changes, forecast, lic.Expires)
		}
	})
}

func TestUpdateAvailable(t *testing.T) {
	for limit, covered := range map[string]bool{"": true, "1.5": true, "1.4": false} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{ReleaseLimit: limit})
			e := w.listen(a)
			w.start(a)
			w.srv.UpdateProduct(w.cfg.ProductID, func(p *slasconetest.Product) {
				p.LatestVersion, p.DownloadLink = "1.5.0", "https://vendor.example/sketch"
			})
			w.sleep(2 * day)
			updates, _ := take[UpdateAvailable](e)
			want := UpdateAvailable{Version: "1.5.0", DownloadLink: "https://vendor.example/sketch", Covered: covered}
			if len(updates) != 1 || updates[0] != want {
				t.Errorf("updates under the limit %q: %v", limit, updates)
			}
		})
	}
}

// The wall clock jumps as it does when a machine wakes: one contact follows,
// and the decision is right for the first reader.
func TestSuspend(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		asleep := time.Duration(0)
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		w.start(a)
		w.sleep(time.Hour)
		w.line.requests()

		asleep += 9 * day
		w.moveClock(asleep)
		w.srv.Advance(9 * day)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.Unreachable)
		w.sleep(3 * time.Minute)
		if n := len(w.line.requests()); n != 1 {
			t.Errorf("%d contacts after waking, want 1", n)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// A clock that was turned back is settled by the next answer, and the agent
// asks for one at once.
func TestRollbackIsSettledSoon(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7), HeartbeatPeriod: new(7)})
		e := w.listen(a)
		w.start(a)
		w.sleep(time.Hour)
		w.line.requests()
		w.moveClock(-3 * day)
		expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
		w.sleep(2 * time.Minute)
		if n := len(w.line.requests()); n != 1 {
			t.Errorf("%d contacts after the clock was turned back, want 1", n)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		suspect, _ := take[ClockSuspect](e)
		trusted, _ := take[ClockTrusted](e)
		if len(suspect) != 1 || len(trusted) != 1 {
			t.Errorf("events: %v, %v", suspect, trusted)
		}
	})
}

// A refusal does not settle the time, and must not make the agent ask again
// and again.
func TestRollbackWithARefusalDoesNotStorm(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		w.start(a)
		w.sleep(time.Hour)
		w.line.requests()
		w.srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultConflict, Conflict: 2006})
		w.moveClock(-3 * day)
		days := longer(4, 10)
		w.sleep(time.Duration(days) * day)
		if n := len(w.line.requests()); n > 3*days {
			t.Errorf("%d requests in %d days", n, days)
		}
	})
}

// nuisance panics whenever it is called.
type nuisance struct{ calls int }

func (n *nuisance) RoundTrip(*http.Request) (*http.Response, error) { n.calls++; panic("transport") }

// panickyHandler panics at everything.
type panickyHandler struct{}

func (panickyHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (panickyHandler) Handle(context.Context, slog.Record) error { panic("handle") }
func (panickyHandler) WithAttrs([]slog.Attr) slog.Handler        { panic("attrs") }
func (panickyHandler) WithGroup(string) slog.Handler             { panic("group") }

func TestPanicsOfTheHostAreContained(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		w.close(a)

		bad := &nuisance{}
		w.cfg.HTTPClient = &http.Client{Transport: bad}
		w.cfg.Logger = slog.New(panickyHandler{})
		w.cfg.Now = func() time.Time { panic("now") }
		b := w.open()
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		w.start(b)
		for name, call := range map[string]func() error{
			"activate":   func() error { _, err := b.Activate(t.Context(), lic.Key); return err },
			"refresh":    func() error { _, err := b.Heartbeat(t.Context()); return err },
			"deactivate": func() error { _, err := b.Deactivate(t.Context()); return err },
			"session":    func() error { _, err := b.OpenSession(t.Context(), 0); return err },
		} {
			e, ok := errors.AsType[*Error](call())
			if !ok || e.Kind != KindSilence {
				t.Errorf("%s with a panicking transport: %v", name, e)
			}
		}
		w.sleep(4 * day)
		if bad.calls < 10 {
			t.Errorf("the schedule stopped after a panic: %d calls", bad.calls)
		}
		expect(t, b.Decision(), enforcement.Grace, enforcement.Unreachable)
		w.close(b)
	})
}

// An hour of an idle agent: no more than a wake-up a minute, and little memory.
func TestIdleCost(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		before := runtime.NumGoroutine()
		var mem runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&mem)
		heap := mem.HeapAlloc

		a, _ := w.activated(slasconetest.License{})
		w.start(a)
		w.sleep(time.Minute)
		if n := runtime.NumGoroutine() - before; n > 4 {
			t.Errorf("%d goroutines", n)
		}
		w.readings.Store(0)
		w.sleep(time.Hour)
		asked := w.readings.Load()
		// Each wake reads the clock a few times.
		perWake := 6
		if asked > int64(61*perWake) {
			t.Errorf("the clock was read %d times in an idle hour", asked)
		}
		t.Logf("%d readings of the clock in an idle hour", asked)
		runtime.GC()
		runtime.ReadMemStats(&mem)
		if used := int64(mem.HeapAlloc) - int64(heap); used > 2<<20 {
			t.Errorf("%d KiB of heap", used>>10)
		} else {
			t.Logf("%d KiB of heap", used>>10)
		}
	})
}

// Ninety days with everything that goes wrong. What must hold at every moment:
// silence costs nothing before the freeride is over, the agent is never asked
// to wait, and after each trouble it recovers by itself.
func TestNinetyDays(t *testing.T) {
	days := longer(7, 90)
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(1, uint64(days)))
		asleep := time.Duration(0)
		a, _ := w.activated(slasconetest.License{Freeride: new(7), Floating: false})
		w.start(a)
		begin := time.Now()
		total := 0
		for time.Since(begin) < time.Duration(days)*day {
			switch rng.IntN(5) {
			case 0:
				w.line.set(func(l *line) { l.down = true })
			case 1:
				w.line.set(func(l *line) { l.status, l.after = http.StatusTooManyRequests, "600" })
			case 2:
				slept := time.Duration(rng.Int64N(int64(2 * day)))
				asleep += slept
				w.moveClock(asleep)
				w.srv.Advance(slept)
			case 3:
				if err := a.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				a = w.open()
				w.start(a)
			}
			for range 4 {
				w.sleep(time.Duration(rng.Int64N(int64(6 * time.Hour))))
				d := a.Decision()
				silent := w.srv.Now().Sub(a.Facts().License.ProvenAt)
				if silent < 7*day && d.State > enforcement.Grace {
					t.Fatalf("after %v of silence: %v", silent, d)
				}
			}
			w.line.set(func(l *line) { l.down, l.status = false, 0 })
			w.sleep(90 * time.Minute)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			total += len(w.line.requests())
		}
		if perDay := float64(total) / float64(days); perDay > 20 {
			t.Errorf("%.1f requests a day", perDay)
		}
		t.Logf("%d requests in %d days", total, days)
	})
}
