package agent

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Each conflict, wherever it comes, leads to the state that the policy gives
// its cause, survives a restart, and ends with the next Yes.
func TestConflictsThroughTheWholeAgent(t *testing.T) {
	const (
		active   = enforcement.Active
		grace    = enforcement.Grace
		readOnly = enforcement.ReadOnly
		locked   = enforcement.Locked
	)
	endpoints := map[slasconetest.Endpoint]func(context.Context, *Agent, string) error{
		slasconetest.Activation:  func(ctx context.Context, a *Agent, key string) error { _, err := a.Activate(ctx, key); return err },
		slasconetest.Heartbeat:   func(ctx context.Context, a *Agent, _ string) error { _, err := a.Heartbeat(ctx); return err },
		slasconetest.SessionOpen: func(ctx context.Context, a *Agent, _ string) error { _, err := a.OpenSession(ctx, 0); return err },
	}
	type want map[slasconetest.Endpoint]enforcement.State
	for _, tt := range []struct {
		code  int
		cause enforcement.Cause
		want  want
	}{
		{1001, enforcement.Expired, want{slasconetest.Activation: grace, slasconetest.Heartbeat: grace, slasconetest.SessionOpen: grace}},
		{1002, enforcement.Inactive, want{slasconetest.Activation: locked, slasconetest.Heartbeat: locked, slasconetest.SessionOpen: locked}},
		{1003, enforcement.VersionNotCovered, want{slasconetest.Activation: grace, slasconetest.Heartbeat: grace, slasconetest.SessionOpen: grace}},
		{1007, enforcement.ConnectionLimit, want{slasconetest.Activation: readOnly, slasconetest.Heartbeat: readOnly, slasconetest.SessionOpen: readOnly}},
		{2000, enforcement.ConnectionLimit, want{slasconetest.Activation: readOnly, slasconetest.Heartbeat: readOnly, slasconetest.SessionOpen: readOnly}},
		{2002, enforcement.NotActivated, want{slasconetest.Activation: locked, slasconetest.Heartbeat: locked, slasconetest.SessionOpen: locked}},
		{2006, enforcement.NotActivated, want{slasconetest.Activation: locked, slasconetest.Heartbeat: locked, slasconetest.SessionOpen: locked}},
		{12002, enforcement.SessionLimit, want{slasconetest.Activation: locked, slasconetest.Heartbeat: locked, slasconetest.SessionOpen: locked}},
		{12006, enforcement.SessionLimit, want{slasconetest.Activation: locked, slasconetest.Heartbeat: locked, slasconetest.SessionOpen: locked}},
		{2010, enforcement.NoCause, want{slasconetest.Activation: active, slasconetest.Heartbeat: active, slasconetest.SessionOpen: active}},
		{6008, enforcement.NoCause, want{slasconetest.Activation: active, slasconetest.Heartbeat: active, slasconetest.SessionOpen: active}},
		{2004, enforcement.NoCause, want{slasconetest.Activation: active, slasconetest.Heartbeat: active, slasconetest.SessionOpen: active}},
		{99999, enforcement.NoCause, want{slasconetest.Activation: active, slasconetest.Heartbeat: active, slasconetest.SessionOpen: active}},
	} {
		for endpoint, state := range tt.want {
			t.Run(fmt.Sprintf("%d/%s", tt.code, endpoint), func(t *testing.T) {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					a, lic := w.activated(floating)
					if _, err := a.OpenSession(w.Context(), 4*time.Hour); err != nil {
						t.Fatal(err)
					}
					w.sleep(time.Hour)
					w.srv.Inject(slasconetest.Fault{Endpoint: endpoint, Kind: slasconetest.FaultConflict, Conflict: tt.code, Times: 2}) // asked again where it locks
					err := endpoints[endpoint](w.Context(), a, lic.Key)
					e, ok := errors.AsType[*Error](err)
					if !ok || e.Kind != KindConflict || int(e.Code) != tt.code {
						t.Errorf("error: %v", err)
					}
					w.srv.ClearFaults()
					cause := tt.cause
					if state == enforcement.Active {
						cause = enforcement.NoCause
					}
					expect(t, a.Decision(), state, cause)
					w.close(a)

					b := w.open()
					expect(t, b.Decision(), state, cause)
					w.sleep(time.Second)
					if _, err := b.Heartbeat(w.Context()); err != nil {
						t.Fatal(err)
					}
					if endpoint == slasconetest.SessionOpen {
						if _, err := b.OpenSession(w.Context(), 0); err != nil {
							t.Fatal(err)
						}
					}
					expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
				})
			})
		}
	}
}

// Flags of a 200 that says no lead to the same causes, and survive a restart.
func TestFlagsThroughTheWholeAgent(t *testing.T) {
	for _, tt := range []struct {
		change func(*slasconetest.License)
		state  enforcement.State
		cause  enforcement.Cause
	}{
		{func(l *slasconetest.License) { l.Inactive = true }, enforcement.Locked, enforcement.Inactive},
		{func(l *slasconetest.License) { l.Expires = time.Now().Add(-time.Hour) }, enforcement.Grace, enforcement.Expired},
		{func(l *slasconetest.License) { l.Expires = time.Now().Add(-8 * day) }, enforcement.ReadOnly, enforcement.Expired},
		{func(l *slasconetest.License) { l.ReleaseLimit = "1.3" }, enforcement.Grace, enforcement.VersionNotCovered},
		{func(l *slasconetest.License) { l.Starts = time.Now().Add(day) }, enforcement.Locked, enforcement.NotYetValid},
	} {
		t.Run(tt.cause.String(), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, lic := w.activated(slasconetest.License{})
				w.srv.UpdateLicense(lic.Key, tt.change)
				if _, err := a.Heartbeat(w.Context()); err != nil {
					t.Errorf("a licence with flags is no error: %v", err)
				}
				expect(t, a.Decision(), tt.state, tt.cause)
				w.close(a)
				b := w.open()
				expect(t, b.Decision(), tt.state, tt.cause)
				w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { *l = lic })
				if _, err := b.Heartbeat(w.Context()); err != nil {
					t.Fatal(err)
				}
				expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
			})
		})
	}
}

// Nothing that cannot prove to be the server's fresh answer changes anything.
func TestSilenceChangesNothing(t *testing.T) {
	kinds := map[slasconetest.FaultKind]ErrorKind{
		slasconetest.FaultStatus: KindSilence, slasconetest.FaultReset: KindSilence, slasconetest.FaultGarbage: KindIntegrity,
		slasconetest.FaultPortal: KindSilence, slasconetest.FaultRedirect: KindSilence, slasconetest.FaultOversize: KindSilence,
		slasconetest.FaultTruncate: KindSilence, slasconetest.FaultContentType: KindSilence, slasconetest.FaultUnsigned: KindIntegrity,
		slasconetest.FaultBadSignature: KindIntegrity, slasconetest.FaultNoNonceSignature: KindIntegrity,
		slasconetest.FaultBadNonceSignature: KindIntegrity, slasconetest.FaultStale: KindIntegrity,
		slasconetest.FaultReplay: KindIntegrity, slasconetest.FaultForeign: KindIntegrity, slasconetest.FaultShape: KindIntegrity,
	}
	for kind, want := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{})
			lic := srv.AddLicense(slasconetest.License{Freeride: new(7)})
			a := newAgent(t, configFor(t, srv))
			if _, err := a.Activate(t.Context(), lic.Key); err != nil {
				t.Fatal(err)
			}
			// What is replayed is a good answer to another time.
			if _, err := a.Heartbeat(t.Context()); err != nil {
				t.Fatal(err)
			}
			srv.Advance(time.Minute)
			if _, err := a.Heartbeat(t.Context()); err != nil {
				t.Fatal(err)
			}
			srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
			before := a.License()
			// A replay is of the call's own last answer, so go back over that.
			srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: kind, Back: backOf(kind)})
			d, err := a.Heartbeat(t.Context())
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != want {
				t.Errorf("error: %v, want kind %s", err, want)
			}
			expect(t, d, enforcement.Active, enforcement.NoCause)
			if a.License() != before {
				t.Error("the licence was replaced")
			}
		})
	}
}

func backOf(kind slasconetest.FaultKind) int {
	if kind == slasconetest.FaultReplay {
		return 2
	}
	return 0
}

// A server faster than its own whole-second times: no Yes is taken for stale.
func TestAnswersOfOneSecond(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		for i := range 20 {
			inactive := i%2 == 0
			w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = inactive })
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Fatal(i, err)
			}
			if locked := a.Decision().State == enforcement.Locked; locked != inactive {
				t.Fatalf("answer %d: %v", i, a.Decision())
			}
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: 1002, Times: 2})
			if _, err := a.Heartbeat(w.Context()); err == nil {
				t.Fatal("1002 is no error")
			}
			w.srv.ClearFaults()
			expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
			w.sleep(50 * time.Millisecond)
		}
	})
}

// The first No of a new cause is dated when it came, however many Nos there
// were before: its grace is a whole one.
func TestLaterRefusalHasItsWholeGrace(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(400)})
		refuse := func(code int) {
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: code, Times: 1})
			if _, err := a.Heartbeat(w.Context()); err == nil {
				t.Fatalf("%d is no error", code)
			}
		}
		for range 30 {
			w.sleep(day)
			refuse(6008) // concerns the call alone
		}
		refuse(1003)
		expect(t, a.Decision(), enforcement.Grace, enforcement.VersionNotCovered)
		if left := time.Until(a.Decision().Until); left < 13*day {
			t.Errorf("%v of grace left, want 14 days", left)
		}
	})
}

// A server that answers is not unreachable, whatever it says: an ID that this
// release does not know takes nothing away, a refusal what its own ladder says.
// One about the call alone proves nothing.
func TestRefusedEveryDay(t *testing.T) {
	for _, tt := range []struct {
		code  int
		state enforcement.State
		cause enforcement.Cause
	}{
		{99999, enforcement.Active, enforcement.NoCause},
		{1003, enforcement.ReadOnly, enforcement.VersionNotCovered},
		{1009, enforcement.ReadOnly, enforcement.UserLimit},
		{2003, enforcement.Locked, enforcement.Unreachable},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.activated(slasconetest.License{Freeride: new(7)})
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: tt.code})
				for range 30 {
					w.sleep(day)
					if _, err := a.Heartbeat(w.Context()); err == nil {
						t.Fatalf("%d is no error", tt.code)
					}
				}
				d := a.Decision()
				expect(t, d, tt.state, tt.cause)
				if _, unreachable := d.Finding(enforcement.Unreachable); unreachable != (tt.cause == enforcement.Unreachable) {
					t.Errorf("unreachable: %v", unreachable)
				}
				w.close(a)

				b := w.open()
				expect(t, b.Decision(), tt.state, tt.cause)
				if tt.code == 99999 {
					expect(t, b.DecisionAt(time.Now().Add(4*day)), enforcement.Grace, enforcement.Unreachable)
					expect(t, b.DecisionAt(time.Now().Add(8*day)), enforcement.ReadOnly, enforcement.Unreachable)
				}
			})
		})
	}
}

// A Refresh that finds a heartbeat under way joins it, and one caller's end is
// not the others'.
func TestRefreshJoins(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(5 * time.Second)})
		results := make(chan error, 5)
		for range 4 {
			go func() { _, err := a.Heartbeat(w.Context()); results <- err }()
		}
		synctest.Wait()
		hasty, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if _, err := a.Heartbeat(hasty); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller that gave up: %v", err)
		}
		for range 4 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if n := len(w.line.requests()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

// A call that its caller cancelled says nothing about the server.
func TestCancelledCallIsNoFailure(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		w.line.set(func(l *line) { l.hang = true })
		for name, call := range map[string]func(context.Context) error{
			"refresh":  func(ctx context.Context) error { _, err := a.Heartbeat(ctx); return err },
			"activate": func(ctx context.Context) error { _, err := a.Activate(ctx, lic.Key); return err },
		} {
			ctx, cancel := context.WithCancel(w.Context())
			time.AfterFunc(time.Second, cancel)
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			synctest.Wait()
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s with a dead context: %v", name, err)
			}
		}
		if f := a.knowledge().Contact.Failures; f != 0 {
			t.Errorf("%d failures are counted", f)
		}
	})
}

func TestRetryAfterReachesTheCaller(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 429, RetryAfter: "90"})
		_, err := a.Heartbeat(w.Context())
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != KindSilence || e.RetryAfter != 90*time.Second {
			t.Errorf("error: %#v", err)
		}
	})
}

// The vendor moved the client to another seat: the agent asks without its own
// and learns the right one.
func TestMovedToAnotherSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.ClientHasOtherToken), Times: 1})
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.line.requests()); n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}
