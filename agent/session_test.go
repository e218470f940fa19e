package agent

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// colleague is another installation that competes for seats.
func (w *world) colleague(id, key string) *Agent {
	w.Helper()
	cfg := w.cfg
	cfg.DeviceID, cfg.StateDir, cfg.ManualSessions = id, stateDir(w.T), true
	a := newAgent(w.T, cfg)
	if _, err := a.Activate(w.Context(), key); err != nil {
		w.Fatal(err)
	}
	return a
}

var floating = slasconetest.License{Floating: true, SessionPeriod: new(10), Freeride: new(7)}

func TestSeatIsTakenRenewedAndGivenBack(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		e := w.listen(a)
		w.start(a)
		w.sleep(time.Second)
		if n := len(w.srv.Sessions()); n != 1 || !a.Session().Held {
			t.Fatalf("%d sessions on the server, %+v here", n, a.Session())
		}
		id := a.Session().ID
		for range 12 {
			w.sleep(5 * time.Minute)
			if s := w.srv.Sessions(); len(s) != 1 || s[0].ID != id {
				t.Fatalf("sessions on the server: %v, want %s", s, id)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		}
		w.close(a)
		if s := w.srv.Sessions(); len(s) != 0 {
			t.Errorf("after Close: %v", s)
		}
		gained, _ := take[SeatGained](e)
		lost, _ := take[SeatLost](e)
		if len(gained) != 1 || len(lost) != 0 {
			t.Errorf("gained %v, lost %v", gained, lost)
		}
	})
}

func TestSeatIsTakenWhenOneBecomesFree(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := floating
		lic.FloatingTokenLimit = new(1)
		a, lic := w.activated(lic)
		other := w.colleague("device-2", lic.Key)
		if _, err := other.OpenSession(w.Context(), 3*time.Hour); err != nil {
			t.Fatal(err)
		}
		e := w.listen(a)
		w.start(a)
		w.sleep(time.Second)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
		if a.Decision().Code != enforcement.Code(1007) {
			t.Errorf("code %d", a.Decision().Code)
		}
		w.sleep(time.Hour)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
		if n := len(w.srv.Requests(slasconetest.SessionOpen)); n > 40 {
			t.Errorf("%d requests for a seat in an hour", n)
		}
		w.close(a)

		b := w.open() // the refusal survives a restart
		expect(t, b.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
		w.start(b)
		if _, err := other.CloseSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.sleep(6 * time.Minute)
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		if gained, _ := take[SeatGained](e); len(gained) != 0 {
			t.Errorf("the closed agent gained a seat: %v", gained)
		}
		w.close(b)
	})
}

func TestSecondWindowRecovers(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := floating
		lic.MaxSessionsPerClient = new(1)
		a, _ := w.activated(lic)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12002, Times: 2})
		w.start(a)
		w.sleep(0)
		expect(t, a.Decision(), enforcement.Locked, enforcement.SessionLimit)
		w.sleep(6 * time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(a)
	})
}

// A refusal names nobody. One that would restrict the user counts when the server
// says it twice, with a new nonce: played once, it changes nothing.
func TestARefusalOfASeatIsHeardTwice(t *testing.T) {
	for _, code := range []int{1007, 12002, 12006} {
		for times, want := range map[int]enforcement.State{1: enforcement.Active, 2: enforcement.ReadOnly} {
			for _, held := range []bool{false, true} {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					a, _ := w.activated(floating)
					if held {
						if _, err := a.OpenSession(w.Context(), 0); err != nil {
							t.Fatal(err)
						}
					}
					w.srv.ForgetRequests()
					w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: code, Times: times})
					_, err := a.OpenSession(w.Context(), 0)
					if state := a.Decision().State; state < want || times == 1 && state != want {
						t.Errorf("%d, %d times, held %v: %v", code, times, held, a.Decision())
					}
					if (err != nil) != (times == 2) {
						t.Errorf("%d, %d times: %v", code, times, err)
					}
					if n := len(w.srv.Requests(slasconetest.SessionOpen)); n != 2 {
						t.Errorf("%d, %d times: %d calls", code, times, n)
					}
				})
			}
		}
	}
}

// After a crash the same session goes on: no second seat is taken.
func TestCrashResumesTheSession(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := floating
		lic.FloatingTokenLimit = new(1)
		a, _ := w.activated(lic)
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		id := a.Session().ID
		// No Close: the process is gone.
		b := w.open()
		if s := b.Session(); s.ID != id || !s.Held {
			t.Fatalf("after a crash: %+v, want %s", s, id)
		}
		w.start(b)
		w.sleep(20 * time.Minute)
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		if s := w.srv.Sessions(); len(s) != 1 || s[0].ID != id {
			t.Errorf("sessions: %v, want only %s", s, id)
		}
		w.close(b)
	})
}

// The answer to the first open is lost: the next one renews, because the ID
// was kept before the server heard it.
func TestLostAnswerTakesNoSecondSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := floating
		lic.FloatingTokenLimit = new(1)
		a, _ := w.activated(lic)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultStatus, AfterEffect: true, Times: 1})
		w.start(a)
		w.sleep(0)
		if len(w.srv.Sessions()) != 1 || a.Session().Held {
			t.Fatal("the fault did not lose the answer")
		}
		w.sleep(6 * time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		if s := w.srv.Sessions(); len(s) != 1 || !a.Session().Held {
			t.Errorf("sessions: %v, here %+v", s, a.Session())
		}
		w.close(a)
	})
}

// Silence at renewal: the signed session is good to its end, then there are
// two minutes for another, then grace until four hours, then read only; the seat comes back by itself.
func TestSilenceAtRenewal(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		e := w.listen(a)
		w.start(a)
		w.sleep(time.Second)
		w.line.set(func(l *line) { l.down = true })
		until := a.Session().ValidUntil
		w.sleep(time.Until(until) - time.Second)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.sleep(2 * time.Second)
		expect(t, a.Decision(), enforcement.Active, enforcement.SessionMissing)
		if lost, at := take[SeatLost](e); len(lost) != 1 || lost[0].Err != nil || at[0].Sub(until).Abs() > time.Second {
			t.Errorf("lost: %v at %v, want one without an error at %v", lost, at, until)
		}
		w.sleep(2 * time.Minute)
		expect(t, a.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.sleep(4*time.Hour - 2*time.Minute)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		w.line.set(func(l *line) { l.down = false })
		w.sleep(time.Hour) // the longest pause between attempts
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		if gained, _ := take[SeatGained](e); len(gained) != 2 {
			t.Errorf("gained: %v", gained)
		}
		w.close(a)
	})
}

func TestSeatTakenAwayByARefusal(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		e := w.listen(a)
		w.start(a)
		w.sleep(time.Second)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 1007, Times: 2})
		w.sleep(5 * time.Minute)
		lost, _ := take[SeatLost](e)
		if len(lost) != 1 {
			t.Fatalf("lost: %v", lost)
		}
		if e, ok := errors.AsType[*Error](lost[0].Err); !ok || e.Code != 1007 {
			t.Errorf("lost for %v", lost[0].Err)
		}
		w.sleep(6 * time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(a)
	})
}

// What concerns the call alone, and what this version does not know, takes no
// seat away.
func TestCallScopedConflictLeavesTheSeat(t *testing.T) {
	for _, code := range []int{12004, 12005, 99999} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(floating)
			if _, err := a.OpenSession(w.Context(), 0); err != nil {
				t.Fatal(err)
			}
			id := a.Session().ID
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: code, Times: 1})
			if _, err := a.RenewSession(w.Context()); err == nil {
				t.Errorf("conflict %d is no error", code)
			}
			if s := a.Session(); !s.Held || s.ID != id {
				t.Errorf("after conflict %d: %+v", code, s)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		})
	}
}

// 12001: the server has forgotten the session; a new one is opened, once.
func TestForgottenSessionIsOpenedAnew(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		id := a.Session().ID
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12001})
		w.line.requests()
		if _, err := a.RenewSession(w.Context()); err == nil {
			t.Error("a server that always says 12001 gives no error")
		}
		if n := len(w.line.requests()); n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
		w.srv.ClearFaults()
		if _, err := a.RenewSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		if s := a.Session(); !s.Held || s.ID == id {
			t.Errorf("session %+v, want a new one", s)
		}
	})
}

func TestManualSessions(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.ManualSessions = true
		a, _ := w.activated(floating)
		w.start(a)
		w.sleep(time.Hour)
		if n := len(w.srv.Sessions()); n != 0 {
			t.Fatalf("%d sessions were opened by themselves", n)
		}
		for name, call := range map[string]func() error{
			"renew": func() error { _, err := a.RenewSession(w.Context()); return err },
			"close": func() error { _, err := a.CloseSession(w.Context()); return err },
		} {
			if err := call(); !errors.Is(err, ErrNoSession) {
				t.Errorf("%s without a session: %v", name, err)
			}
		}
		if _, err := a.OpenSession(w.Context(), -time.Minute); !errors.Is(err, ErrInput) {
			t.Errorf("negative check-out: %v", err)
		}
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		if n := len(w.srv.Sessions()); n != 1 {
			t.Errorf("Close gave a seat back that was taken by hand: %d left", n)
		}
	})
}

// A seat that is checked out is neither renewed without need nor given back.
func TestCheckout(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 48*time.Hour); err != nil {
			t.Fatal(err)
		}
		w.start(a)
		w.line.requests()
		w.sleep(20 * time.Hour)
		if n := len(w.srv.Requests(slasconetest.SessionOpen)); n != 1 {
			t.Errorf("%d requests for the seat, want the first only", n)
		}
		w.close(a)
		if n := len(w.srv.Sessions()); n != 1 {
			t.Fatalf("%d sessions after Close", n)
		}
		w.line.set(func(l *line) { l.down = true })
		b := w.open()
		w.sleep(10 * time.Hour)
		if d := b.Decision(); d.State > enforcement.Grace || !b.Session().Held {
			t.Errorf("off line with a checked-out seat: %v, %+v", d, b.Session())
		}
		w.line.set(func(l *line) { l.down = false })
		if _, err := b.CloseSession(w.Context()); err != nil {
			t.Error(err)
		}
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d sessions after an early return", n)
		}
	})
}

// 12000: a licence that says floating and takes no sessions. It is left alone
// until the next heartbeat tells otherwise.
func TestNamedLicenseTakesNoSessions(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		id := w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12000})
		w.start(a)
		w.sleep(20 * time.Hour)
		if n := len(w.srv.Requests(slasconetest.SessionOpen)); n > 2 {
			t.Errorf("%d requests for a seat, want one for each heartbeat at most", n)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.srv.ClearFault(id)
		w.sleep(30 * time.Hour)
		if !a.Session().Held {
			t.Error("the seat is not taken after the vendor put it right")
		}
		w.close(a)
	})
}

// Changing to another licence gives the old one's seat back.
func TestNewLicenseReleasesTheOldSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		next := w.srv.AddLicense(floating)
		if _, err := a.Activate(w.Context(), next.Key); err != nil {
			t.Fatal(err)
		}
		if s := w.srv.Sessions(); len(s) != 0 {
			t.Errorf("sessions: %v", s)
		}
		if s := a.Session(); s.Held || s.ID != "" {
			t.Errorf("the new licence has the old one's session: %+v", s)
		}
	})
}

// The server's clock and the computer's differ by less than the tolerance, and
// a refusal right after a Yes counts all the same.
func TestRefusalCountsWhateverTheComputersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-4 * time.Minute, 0, 4 * time.Minute, 3 * time.Hour} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.moveClock(ahead)
			a, _ := w.activated(floating)
			if _, err := a.OpenSession(w.Context(), 0); err != nil {
				t.Fatal(err)
			}
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 1007, Times: 2})
			if _, err := a.RenewSession(w.Context()); err == nil {
				t.Error("1007 is no error")
			}
			expect(t, a.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
			if _, err := a.RenewSession(w.Context()); err != nil {
				t.Error(err)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		})
	}
}

// withPeriod is a floating licence whose sessions last so many minutes.
func withPeriod(minutes int) slasconetest.License {
	l := floating
	l.SessionPeriod = new(minutes)
	return l
}

// A computer whose clock runs ahead by more than a session keeps its seat: the
// first one that is over when it is given has the agent ask what time it is.
func TestSeatOnAComputerThatIsAhead(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		f := floating
		f.HeartbeatPeriod = new(30)
		a, _ := w.activated(f)
		w.start(a)
		w.sleep(time.Hour)
		w.close(a)
		w.moveClock(4*time.Hour + 30*time.Minute)
		w.srv.ForgetRequests()
		a = w.open()
		w.start(a)
		w.sleep(5 * time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.sleep(24 * time.Hour)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.moveClock(20 * time.Hour) // while it runs
		w.sleep(30 * time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		if n := len(w.srv.Requests(slasconetest.Heartbeat)); n > 4 {
			t.Errorf("%d heartbeats in a day", n)
		}
		if n := len(w.srv.Requests(slasconetest.SessionOpen)); n > 600 {
			t.Errorf("%d calls for the seat in a day, the period is 10 minutes", n)
		}
	})
}

// A session that is shorter than the licence said is renewed in time.
func TestSessionShorterThanThePeriod(t *testing.T) {
	for name, shorten := range map[string]func(*world, *Agent, slasconetest.License){
		"the vendor has changed the period": func(w *world, _ *Agent, l slasconetest.License) {
			w.srv.UpdateLicense(l.Key, func(l *slasconetest.License) { l.SessionPeriod = new(5) })
		},
		"checked out for less": func(w *world, a *Agent, _ slasconetest.License) {
			if _, err := a.OpenSession(w.Context(), 5*time.Minute); err != nil {
				w.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, lic := w.activated(withPeriod(120))
				shorten(w, a, lic)
				w.start(a)
				for range 120 {
					w.sleep(time.Minute)
					if !a.Session().Held {
						t.Fatalf("no seat: %v", a.Decision())
					}
				}
			})
		})
	}
}

// After an outage the seat is back within a period, also when the server had
// asked for a short pause.
func TestSeatAfterAnOutageWithRetryAfter(t *testing.T) {
	for range longer(3, 8) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(floating)
			w.start(a)
			w.sleep(time.Second)
			w.line.set(func(l *line) { l.status, l.after = 503, "5" })
			w.sleep(8 * time.Hour)
			w.line.set(func(l *line) { l.status = 0 })
			w.sleep(10 * time.Minute)
			if !a.Session().Held {
				t.Errorf("no seat after a period: %v", a.Decision())
			}
		})
	}
}

// Grace for silence is not had anew by closing what was never open.
func TestClosingNoSeatGivesNoGrace(t *testing.T) {
	for name, round := range map[string]func(*world, *Agent) *Agent{
		"the application is restarted": func(w *world, a *Agent) *Agent {
			w.start(a)
			w.sleep(3 * time.Hour)
			w.close(a)
			return w.open()
		},
		"by hand": func(w *world, a *Agent) *Agent {
			_, _ = a.OpenSession(w.Context(), 0)
			w.sleep(3 * time.Hour)
			_, _ = a.CloseSession(w.Context())
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				w.cfg.ManualSessions = name == "by hand"
				a, _ := w.activated(floating)
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultStatus, RetryAfter: "86400"})
				for range 4 {
					a = round(w, a)
				}
				if d := a.Decision(); d.State < enforcement.ReadOnly || d.Cause != enforcement.SessionMissing {
					t.Errorf("after 12 hours without a seat: %v (%v)", d.State, d.Cause)
				}
			})
		})
	}
}

// A seat that was given back, though nobody lived to note it, is not used again
// without asking.
func TestSeatGivenBackUnnoticed(t *testing.T) {
	for name, last := range map[string]func(*world, *Agent){
		"the answer was lost": func(w *world, a *Agent) {
			w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionClose, Kind: slasconetest.FaultStatus, AfterEffect: true, Times: 1})
			_ = a.Close(context.Background())
		},
		"the process was killed": func(w *world, a *Agent) {
			k := a.knowledge()
			call := slascone.SessionCall{LicenseKey: k.Seat.LicenseKey, ClientID: a.ClientID(), SessionID: k.Seat.SessionID}
			if err := a.set.client.CloseFloating(w.Context(), call, a.ledger.ServerTime()).AsError(); err != nil {
				w.Fatal(err)
			}
			w.line.set(func(l *line) { l.down = true })
			_ = a.Close(context.Background())
			w.line.set(func(l *line) { l.down = false })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				f := withPeriod(120)
				f.FloatingTokenLimit = new(1)
				a, lic := w.activated(f)
				w.start(a)
				w.sleep(time.Second)
				last(w, a)
				b := w.colleague("device-2", lic.Key)
				if _, err := b.OpenSession(w.Context(), 0); err != nil {
					t.Fatal(err)
				}
				a = w.open()
				w.start(a)
				w.sleep(time.Second)
				expect(t, a.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
			})
		})
	}
}

// What is said of the licence when a seat is asked for is settled by a heartbeat
// at once.
func TestLicenseRefusedAtASession(t *testing.T) {
	for code, times := range map[int]int{2006: 2, 2002: 2, 1002: 2, 1001: 1} { // what locks is heard twice
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				f := floating
				f.HeartbeatPeriod = new(30)
				a, _ := w.activated(f)
				w.start(a)
				w.sleep(time.Second)
				w.srv.ForgetRequests()
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: code, Times: times})
				w.sleep(6 * time.Minute) // more than half a period
				if n := len(w.srv.Requests(slasconetest.Heartbeat)); n != 1 {
					t.Errorf("%d heartbeats", n)
				}
				w.sleep(10 * time.Minute)
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			})
		})
	}
}

// Whoever enters the key anew, because the vendor has freed the seat of the licence,
// has the floating seat at once, and not when it is asked for after a refusal.
func TestActivatedAnewTakesTheSeatAtOnce(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		f := floating
		f.SessionPeriod, f.FloatingTokenLimit = new(240), new(1)
		a, lic := w.activated(f)
		b := w.colleague("device-2", lic.Key)
		if _, err := b.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.start(a)
		w.sleep(time.Second)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.ConnectionLimit)
		w.close(a)
		if _, err := b.CloseSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.srv.ForgetClient(a.ClientID())
		a = w.open()
		w.start(a)
		w.sleep(time.Second)
		expect(t, a.Decision(), enforcement.Locked, enforcement.NotActivated)
		w.sleep(time.Minute)
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		w.sleep(time.Second)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// A floating licence that has not begun asks for no seat before it does.
func TestSeatOfALicenseThatHasNotBegun(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(withPeriod(2880))
		start := time.Now().Add(4 * 24 * time.Hour)
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Starts = start })
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.start(a)
		w.sleep(3 * time.Hour)
		expect(t, a.Decision(), enforcement.Locked, enforcement.NotYetValid)
		w.sleep(time.Until(start) + time.Minute)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

func TestSuspendedAtASession(t *testing.T) {
	inBubble(t, slasconetest.Config{SuspendedConflict: 1099}, func(t *testing.T, w *world) {
		w.cfg.SuspendedConflict = 1099
		a, _ := w.activated(floating)
		w.start(a)
		w.sleep(time.Second)
		w.srv.Suspend(testDevice, time.Now().Add(20*24*time.Hour))
		w.sleep(6 * time.Minute)
		expect(t, a.Decision(), enforcement.Locked, enforcement.Suspended)
	})
}
