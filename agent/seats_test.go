package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// window is an agent that shares its folder with others and can be killed.
type window struct {
	*Agent
	line *line
	stop context.CancelFunc
}

// window opens and starts one more window of the application.
func (w *world) window() *window {
	w.Helper()
	return w.windows(1)[0]
}

// windows does so for several that start at once.
func (w *world) windows(n int) []*window {
	w.Helper()
	var list []*window
	for range n {
		cfg, l := w.cfg, &line{srv: w.srv}
		cfg.HTTPClient = &http.Client{Transport: l}
		list = append(list, &window{Agent: newAgent(w.T, cfg), line: l})
	}
	for _, x := range list {
		ctx, stop := context.WithCancel(context.Background())
		x.stop = stop
		w.Cleanup(stop)
		if err := x.Start(ctx); err != nil {
			w.Fatal(err)
		}
	}
	return list
}

// kill ends a window as the end of its process does: no more calls, no more
// writes, and its locks are free.
func (x *window) kill() {
	x.line.set(func(l *line) { l.down = true })
	x.stop()
	x.seat.Leave()
}

// ids are the sessions that the server has open, sorted.
func (w *world) ids() []string {
	ids := []string{}
	for _, s := range w.srv.Sessions() {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) wantIDs(when string, want ...string) {
	w.Helper()
	slices.Sort(want)
	if got := w.ids(); !slices.Equal(got, want) {
		w.Errorf("%s the server has the sessions %v, want %v", when, got, want)
	}
}

// active expects of windows that nothing keeps them from working.
func (w *world) active(xs ...*window) {
	w.Helper()
	for _, x := range xs {
		expect(w.T, x.Decision(), enforcement.Active, enforcement.NoCause)
	}
}

func TestWindowsShareOneSeat(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				lic := floating
				lic.FloatingTokenLimit = new(1)
				a, _ := w.activated(lic)
				w.close(a)
				windows := w.windows(3)
				w.sleep(time.Second)
				ids := w.ids()
				if len(ids) != 1 {
					t.Fatalf("three windows that start at once have the sessions %v", ids)
				}
				w.sleep(30 * time.Minute)
				w.active(windows...)
				if n := len(w.srv.Requests(slasconetest.SessionOpen)); n > 3+12 {
					t.Errorf("%d calls for one seat in half an hour, at most each quarter of its 10 minutes", n)
				}
				for i, n := range order {
					w.wantIDs(fmt.Sprintf("before %d is closed", n), ids...)
					w.close(windows[n].Agent)
					if i == len(order)-1 {
						break
					}
					w.sleep(30 * time.Minute)
					for _, rest := range order[i+1:] {
						w.active(windows[rest])
					}
				}
				w.wantIDs("after the last is closed")
			})
		})
	}
}

// A killed window neither keeps the shared seat from being given back nor takes
// it from the others.
func TestKilledWindowOfASharedSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Minute)
		ids := w.ids()
		x.kill()
		w.sleep(20 * time.Minute)
		w.wantIDs("after a window was killed", ids...)
		w.active(y)
		w.close(y.Agent)
		w.wantIDs("after the other is closed")
	})
}

// A window that starts while the last one is giving the seat back waits and
// takes one of its own.
func TestWindowThatStartsWhileTheLastOneCloses(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := floating
		lic.FloatingTokenLimit = new(1)
		a, _ := w.activated(lic)
		w.close(a)
		x := w.window()
		w.sleep(time.Minute)
		old := w.ids()
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionClose, Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(5 * time.Second), Times: 1})
		closed := make(chan struct{})
		go func() { defer close(closed); w.close(x.Agent) }()
		w.sleep(time.Second)
		y := w.window()
		w.sleep(2 * time.Second)
		w.wantIDs("while the first closes", old...)
		<-closed
		w.sleep(time.Second)
		if ids := w.ids(); len(ids) != 1 || ids[0] == old[0] || y.Session().ID != ids[0] || !y.Session().Held {
			t.Errorf("sessions %v, was %v; the new window has %+v", ids, old, y.Session())
		}
		w.close(y.Agent)
		w.wantIDs("at the end")
	})
}

// An agent that only looked gives nothing back.
func TestLookingOnTakesNoPart(t *testing.T) {
	for _, perProcess := range []bool{false, true} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.cfg.SeatPerProcess = perProcess
			a, _ := w.activated(floating)
			w.close(a)
			x := w.window()
			w.sleep(time.Minute)
			w.close(w.open())
			x.kill()
			w.close(w.open())
			w.wantIDs("after others have looked", x.Session().ID)
		})
	}
}

// A seat that was taken by hand, without Start, is given back by Close.
func TestCloseGivesBackWithoutStart(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		w.wantIDs("after Close")
	})
}

// The answer to the open was lost; Close gives back what may be held.
func TestCloseGivesBackWhatMayBeHeld(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultStatus, AfterEffect: true, Times: 1})
		w.start(a)
		w.sleep(0)
		if len(w.ids()) != 1 || a.Session().Held {
			t.Fatal("the fault did not lose the answer")
		}
		w.close(a)
		w.wantIDs("after Close")
	})
}

func TestEachProcessHasItsSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(30 * time.Minute)
		w.active(x, y)
		w.wantIDs("with two windows", x.Session().ID, y.Session().ID)
		w.close(x.Agent)
		w.wantIDs("after one is closed", y.Session().ID)
		w.sleep(30 * time.Minute)
		w.active(y)
		z := w.window()
		w.sleep(time.Minute)
		w.active(y, z)
		w.wantIDs("with another", y.Session().ID, z.Session().ID)
		w.close(y.Agent)
		w.close(z.Agent)
		w.wantIDs("at the end")
	})
}

// What the server refuses one window says nothing of the others, and is known
// to the next one that starts in its place.
func TestSessionLimitOfOneProcess(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		lic := floating
		lic.MaxSessionsPerClient = new(1)
		a, _ := w.activated(lic)
		w.close(a)
		x := w.window()
		w.sleep(time.Second)
		y := w.window()
		w.sleep(time.Second)
		for range 6 {
			w.active(x)
			expect(t, y.Decision(), enforcement.Locked, enforcement.SessionLimit)
			w.sleep(7 * time.Minute)
		}
		if err := x.Flush(w.Context()); err != nil { // reads what the other has kept
			t.Fatal(err)
		}
		w.active(x)

		w.close(y.Agent)
		z := w.open()
		expect(t, z.Decision(), enforcement.Locked, enforcement.SessionLimit)
		w.start(z)
		w.close(x.Agent)
		w.sleep(6 * time.Minute)
		w.wantIDs("after the first is closed", z.Session().ID)
		expect(t, z.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(z)
	})
}

// The grace of one outage is the same however many windows are opened in it.
func TestNewWindowsInAnOutage(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x := w.window()
		w.sleep(time.Minute)
		opened := func() *window {
			y := w.window()
			w.sleep(2*time.Minute + time.Second) // each start has time to ask
			return y
		}
		w.srv.Outage(true)
		w.sleep(2 * time.Hour)
		y := opened()
		expect(t, y.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.sleep(time.Hour + 50*time.Minute)
		z := opened()
		expect(t, z.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.sleep(25 * time.Minute)
		last := opened()
		for _, x := range []*window{x, y, z, last} {
			expect(t, x.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		}

		w.srv.Outage(false)
		w.sleep(time.Hour)
		w.active(x, y, z, last)
		w.srv.Outage(true)
		next := opened()
		w.sleep(3*time.Hour + 10*time.Minute)
		expect(t, next.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.srv.Outage(false)
		for _, x := range []*window{x, y, z, last, next} {
			w.close(x.Agent)
		}
	})
}

func TestKilledProcessLosesNoSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x, y, z := w.window(), w.window(), w.window()
		w.sleep(time.Second)
		left, kept := []string{x.Session().ID, z.Session().ID}, y.Session().ID
		x.kill()
		z.kill()
		w.sleep(time.Second)
		n := w.window()
		w.sleep(time.Second)
		id := n.Session().ID
		if !slices.Contains(left, id) {
			t.Errorf("the next start has session %s, want one of %v", id, left)
		}
		w.sleep(6 * time.Minute) // before the other one lapses by itself
		w.wantIDs("after the next start", id, kept)
		w.active(y, n)

		n.kill()
		w.sleep(6 * time.Minute)
		w.wantIDs("after a kill without a start", kept)
		w.close(y.Agent)
		w.wantIDs("at the end")
	})
}

// However long an outage lasts, the seat is asked for as often as it is renewed.
func TestOutageDoesNotKeepASeatUnused(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.start(a)
		w.sleep(time.Minute)
		w.line.set(func(l *line) { l.down = true })
		w.line.requests()
		w.sleep(12 * time.Hour)
		at := w.line.requests()
		if n := len(at); n > 12*60/2 {
			t.Errorf("%d calls in 12 hours", n)
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap > 5*time.Minute+time.Second {
				t.Errorf("no call for %v", gap)
			}
		}
		w.line.set(func(l *line) { l.down = false })
		w.sleep(5*time.Minute + time.Second)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(a)
	})
}

// The number of a dead window is preferred to a lower one that is free.
func TestNextStartGoesOnWithTheSeatThatIsLeft(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Second)
		w.close(x.Agent)
		id := y.Session().ID
		y.kill()
		b := w.open()
		if s := b.Session(); s.ID != id || !s.Held {
			t.Errorf("the next start has %+v, want %s", s, id)
		}
		w.start(b)
		w.sleep(time.Minute)
		w.wantIDs("after the next start", id)
		w.close(b)
		w.wantIDs("at the end")
	})
}

// A window renews while another one closes the seat for all: the answer must
// not bring the closed session back.
func TestRenewalOvertakenByAClose(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Second)
		old := x.Session().ID
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(5 * time.Second), Times: 1})
		renewed := make(chan struct{})
		go func() { defer close(renewed); x.RenewSession(w.Context()) }()
		w.sleep(time.Second)
		if _, err := y.CloseSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		<-renewed
		w.sleep(time.Second)
		if id := x.Session().ID; id == old || id != y.Session().ID {
			t.Errorf("the windows have the sessions %s and %s, closed was %s", id, y.Session().ID, old)
		}
		w.wantIDs("in the end", y.Session().ID)
		w.active(x, y)
	})
}

// A window closes the seat while another one learns that the server has
// forgotten it and takes a new one: that one stays.
func TestCloseOvertakenByANewSession(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.ManualSessions = true
		x, _ := w.activated(floating)
		y := w.open()
		if _, err := x.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionClose, Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(5 * time.Second), Times: 1})
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12001, Times: 1})
		closed := make(chan struct{})
		go func() { defer close(closed); x.CloseSession(w.Context()) }()
		w.sleep(time.Second)
		if _, err := y.RenewSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		<-closed
		id := y.Session().ID
		if s := w.open().Session(); s.ID != id || !s.Held {
			t.Errorf("what is kept is %+v, want %s", s, id)
		}
		w.wantIDs("in the end", id)
	})
}

// A seat that is checked out waits for the next start, and is nobody's to close.
func TestCheckedOutSeatOfAProcess(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Second)
		if _, err := x.OpenSession(w.Context(), 48*time.Hour); err != nil {
			t.Fatal(err)
		}
		id := x.Session().ID
		w.close(x.Agent)
		w.sleep(20 * time.Hour)
		w.wantIDs("after the window with the checked-out seat is closed", id, y.Session().ID)
		b := w.open()
		if s := b.Session(); s.ID != id || !s.Held {
			t.Errorf("the next start has %+v, want %s", s, id)
		}
		if _, err := b.CloseSession(w.Context()); err != nil {
			t.Error(err)
		}
		w.wantIDs("after an early return", y.Session().ID)
		w.close(y.Agent)
	})
}

// A seat from before the setting was changed is used, not doubled.
func TestChangeToASeatPerProcess(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.close(a)
		x := w.window()
		w.sleep(time.Second)
		ids := w.ids()
		x.kill()
		w.cfg.SeatPerProcess = true
		y := w.window()
		w.sleep(20 * time.Minute)
		w.wantIDs("after the change", ids...)
		w.active(y)
		y.kill()
		w.cfg.SeatPerProcess = false
		z := w.window()
		w.sleep(time.Second)
		w.wantIDs("after the change back", z.Session().ID)
		w.close(z.Agent)
		w.wantIDs("at the end")
	})
}

// When a check-out is nearly over and the server is there, the seat becomes an
// ordinary one, which Close gives back.
func TestCheckoutEnds(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 5*time.Hour); err != nil {
			t.Fatal(err)
		}
		id := a.Session().ID
		w.start(a)
		for range 60 {
			w.sleep(10 * time.Minute)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			w.wantIDs("in between", id)
		}
		if left := time.Until(a.Session().ValidUntil); left > 10*time.Minute {
			t.Errorf("after the check-out the seat is held for %v", left)
		}
		w.close(a)
		w.wantIDs("after Close")
	})
}

// Each window gives its seat of the old licence back when it learns of the new.
func TestNewLicenseInOneOfTwoProcesses(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess = true
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Second)
		next := w.srv.AddLicense(floating)
		if _, err := x.Activate(w.Context(), next.Key); err != nil {
			t.Fatal(err)
		}
		w.sleep(6 * time.Minute)
		w.wantIDs("after the change", x.Session().ID, y.Session().ID)
		// This server has ended the sessions of the old licence by itself.
		if n := len(w.srv.Requests(slasconetest.SessionClose)); n != 2 {
			t.Errorf("%d seats of the old licence were given back, want 2", n)
		}
		w.active(x, y)
		w.close(x.Agent)
		w.close(y.Agent)
	})
}

// A window whose background work has ended does not keep the shared seat.
func TestStoppedWindowDoesNotKeepTheSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.close(a)
		x, y := w.window(), w.window()
		w.sleep(time.Second)
		x.stop()
		w.sleep(time.Second)
		w.close(y.Agent)
		w.wantIDs("after the other window is closed")
		w.close(x.Agent)
	})
}

// A seat that was taken by hand stays when its window is closed.
func TestSeatsByHandAreNotSwept(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.SeatPerProcess, w.cfg.ManualSessions = true, true
		x, _ := w.activated(floating)
		y := w.open()
		for _, a := range []*Agent{x, y, y} {
			if _, err := a.OpenSession(w.Context(), 0); err != nil {
				t.Fatal(err)
			}
		}
		w.close(x)
		if _, err := y.RenewSession(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.close(y)
		w.wantIDs("after both are closed", x.Session().ID, y.Session().ID)
	})
}

func TestEraseLeavesNoLocks(t *testing.T) {
	for _, perProcess := range []bool{false, true} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.cfg.SeatPerProcess = perProcess
			a, _ := w.activated(floating)
			if _, err := a.OpenSession(w.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if err := a.Erase(w.Context()); err != nil {
				t.Fatal(err)
			}
			w.close(a)
			if left, _ := filepath.Glob(filepath.Join(a.seat.Folder, "*.seat*")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			if b := w.open(); !b.License().IsZero() || b.Session().ID != "" {
				t.Errorf("after Erase and Close: %v, %+v", b.Decision(), b.Session())
			}
		})
	}
}

// Every conflict of the session calls, through an agent that runs.
func TestSessionConflicts(t *testing.T) {
	const period = 10 * time.Minute
	for _, tt := range []struct {
		code     int
		state    enforcement.State
		cause    enforcement.Cause
		heldOn   bool // a seat that is held when it comes is kept
		reported bool // by SeatRefused, once
		calls    [2]int
		restart  bool // the next start knows it
	}{
		{code: 1007, state: enforcement.ReadOnly, cause: enforcement.ConnectionLimit, calls: [2]int{12, 30}, restart: true},
		{code: 2000, state: enforcement.ReadOnly, cause: enforcement.ConnectionLimit, calls: [2]int{12, 30}, restart: true},
		{code: 12002, state: enforcement.Locked, cause: enforcement.SessionLimit, calls: [2]int{12, 30}, restart: true},
		{code: 12006, state: enforcement.Locked, cause: enforcement.SessionLimit, calls: [2]int{12, 30}, restart: true},
		{code: 12000, reported: true, calls: [2]int{1, 1}, restart: true},
		{code: 12001, state: enforcement.Grace, cause: enforcement.SessionMissing, reported: true, calls: [2]int{24, 60}},
		{code: 12003, state: enforcement.Grace, cause: enforcement.SessionMissing, heldOn: true, reported: true, calls: [2]int{24, 60}},
		{code: 12004, state: enforcement.Grace, cause: enforcement.SessionMissing, heldOn: true, reported: true, calls: [2]int{12, 30}},
		{code: 12005, state: enforcement.Grace, cause: enforcement.SessionMissing, heldOn: true, reported: true, calls: [2]int{12, 30}},
		{code: 99999, heldOn: true, reported: true, calls: [2]int{12, 30}},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				refuse := func() (end func()) {
					id := w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: tt.code})
					return func() { w.srv.ClearFault(id) }
				}
				w.cfg.Heartbeat = "@every 2h"
				a, _ := w.activated(floating)
				e := w.listen(a)
				end := refuse()
				w.start(a)
				w.sleep(2 * time.Hour)
				expect(t, a.Decision(), tt.state, tt.cause)
				if n := len(w.srv.Requests(slasconetest.SessionOpen)); n < tt.calls[0]*2-2 || n > tt.calls[1]*2 {
					t.Errorf("%d calls in two hours, want %d to %d in one", n, tt.calls[0], tt.calls[1])
				}
				refused, _ := take[SeatRefused](e)
				if (len(refused) == 1) != tt.reported || len(refused) > 1 {
					t.Errorf("reported: %v", refused)
				}
				for _, r := range refused {
					if e, ok := errors.AsType[*Error](r.Err); !ok || int(e.Code) != tt.code {
						t.Errorf("reported with %v", r.Err)
					}
				}

				w.close(a)
				a = w.open()
				if tt.restart {
					expect(t, a.Decision(), tt.state, tt.cause)
				}
				w.start(a)
				w.sleep(3 * time.Minute)
				expect(t, a.Decision(), tt.state, tt.cause)

				end()
				wait := period
				if tt.code == 12000 {
					wait = 2 * time.Hour // until the next heartbeat
				}
				w.sleep(wait)
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				if !a.Session().Held {
					t.Fatal("the seat is not taken once the refusal is over")
				}
				held := a.Session().ID
				if _, err := a.RenewSession(w.Context()); err != nil {
					t.Fatal(err)
				}

				end = refuse()
				w.sleep(period/2 + time.Minute)
				if s := a.Session(); (s.Held && s.ID == held) != tt.heldOn {
					t.Errorf("a seat that was held when the refusal came: %+v", s)
				}
				if tt.code == 12000 {
					w.sleep(6 * time.Hour) // no session is missed that is not wanted
					expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				}
				end()
				w.sleep(wait)
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				w.close(a)
				if tt.code != 12000 && tt.code != 12001 {
					w.wantIDs("at the end")
				}
			})
		})
	}
}

// The shared seat that is left goes to one window, however many start at once.
func TestTwoWindowsAfterAChangeToASeatPerProcess(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		if _, err := a.OpenSession(w.Context(), 3*time.Hour); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		w.cfg.SeatPerProcess = true
		windows := w.windows(2)
		for range 240 {
			w.sleep(time.Minute)
			open := w.ids()
			if a, b := windows[0].Session(), windows[1].Session(); a.Held && b.Held && a.ID == b.ID {
				t.Fatalf("two windows work under %+v", a)
			}
			for i, x := range windows {
				if s := x.Session(); s.Held && !slices.Contains(open, s.ID) {
					t.Fatalf("window %d works under %+v, the server has %v", i, s, open)
				}
			}
		}
	})
}

// To give a licence back and activate it again is no way round a seat; another
// licence begins with time of its own.
func TestActivatingAgainGivesNoTimeWithoutASeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.ManualSessions = true
		a, lic := w.activated(floating)
		w.start(a)
		w.sleep(5 * time.Hour)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		d, err := a.Activate(w.Context(), lic.Key)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, d, enforcement.ReadOnly, enforcement.SessionMissing)
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		if d, err = a.Activate(w.Context(), w.srv.AddLicense(floating).Key); err != nil {
			t.Fatal(err)
		}
		expect(t, d, enforcement.Active, enforcement.SessionMissing)
	})
}

// Neither a restart nor a sleep begins the time without a seat anew, and neither
// is counted.
func TestTimeWithoutASeatIsRunningTime(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.ManualSessions = true
		a, _ := w.activated(floating)
		for range 3 {
			w.start(a)
			w.sleep(time.Hour)
			expect(t, a.Decision(), enforcement.Grace, enforcement.SessionMissing)
			w.close(a)
			w.sleep(2 * day)
			a = w.open()
		}
		expect(t, a.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.start(a)
		expect(t, a.Decision(), enforcement.Active, enforcement.SessionMissing) // the two minutes of a start
		w.sleep(3 * time.Minute)
		expect(t, a.Decision(), enforcement.Grace, enforcement.SessionMissing)
		w.sleep(time.Hour)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		w.close(a)
		a = w.open()
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		w.start(a)
		expect(t, a.Decision(), enforcement.Active, enforcement.SessionMissing)
		w.sleep(2 * time.Minute)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// A start under a clock that is ahead is no start that lasts until then: once the
// clock is right, the time without a seat counts as after any start.
func TestStartUnderAClockThatIsAhead(t *testing.T) {
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		p.cfg.ManualSessions = true
		p.lic = p.srv.AddLicense(floating)
		p.run()
		if _, err := p.agent.Activate(p.Context(), p.lic.Key); err != nil {
			t.Fatal(err)
		}
		p.end(false)
		p.srv.Advance(5 * day) // and so are two answers of the server
		p.run()
		for range 2 {
			p.sleep(time.Minute)
			_, _ = p.agent.Heartbeat(p.Context())
		}
		p.sleep(3 * time.Hour)
		_, _ = p.agent.Heartbeat(p.Context())
		p.end(false)
		p.run()
		p.srv.Advance(-5 * day)
		for range 5 {
			p.sleep(time.Hour)
			_, _ = p.agent.Heartbeat(p.Context())
		}
		expect(t, p.agent.Decision(), enforcement.ReadOnly, enforcement.SessionMissing)
		p.end(false)
	})
}
