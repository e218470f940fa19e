package agent

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestCloseDuringAHangingCall(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.start(a)
		w.sleep(time.Second)
		w.line.set(func(l *line) { l.hang = true })
		waiting := make(chan error, 2)
		go func() { _, err := a.Heartbeat(w.Context()); waiting <- err }()
		go func() { _, err := a.RenewSession(w.Context()); waiting <- err }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		defer cancel()
		began := time.Now()
		err := a.Close(ctx)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("Close took %v, its deadline was 2 s", took)
		}
		if !errors.Is(err, context.DeadlineExceeded) && err == nil {
			t.Errorf("a seat that could not be given back: %v", err)
		}
		for range 2 {
			if err := <-waiting; err == nil {
				t.Error("a call that Close ended has no error")
			}
		}
	})
}

func TestCloseIsIdempotent(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		w.start(a)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := a.Close(w.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.close(a)
		// What is known stays readable.
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		for name, call := range map[string]func() error{
			"start":      func() error { return a.Start(w.Context()) },
			"refresh":    func() error { _, err := a.Heartbeat(w.Context()); return err },
			"activate":   func() error { _, err := a.Activate(w.Context(), lic.Key); return err },
			"deactivate": func() error { _, err := a.Deactivate(w.Context()); return err },
			"session":    func() error { _, err := a.OpenSession(w.Context(), 0); return err },
		} {
			if err := call(); !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
	})
}

func TestStartTwice(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		w.start(a)
		if err := a.Start(w.Context()); err == nil {
			t.Error("starting twice is no error")
		}
		w.close(a)
	})
}

// The background work ends with the context given to Start; the agent stays
// usable, and Close gives the seat back.
func TestStartsContextEnds(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		ctx, cancel := context.WithCancel(w.Context())
		if err := a.Start(ctx); err != nil {
			t.Fatal(err)
		}
		w.sleep(time.Second)
		cancel()
		synctest.Wait()
		w.line.requests()
		w.sleep(3 * day)
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("%d requests after the end", n)
		}
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Error(err)
		}
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Error(err)
		}
		w.close(a)
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d sessions after Close", n)
		}
	})
}

// A server that hangs at the delivery of usage does not keep the seat.
func TestCloseGivesTheSeatBackFirst(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(floating)
		w.start(a)
		w.sleep(time.Second)
		if len(w.srv.Sessions()) != 1 {
			t.Fatal("no seat was taken")
		}
		w.line.set(func(l *line) { l.hangOn = "usage_heartbeats_by_name" })
		if err := a.Use(w.Context(), "export"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if err := a.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("usage that could not be delivered in time: %v", err)
		}
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d seats are still taken", n)
		}
	})
}

// Whoever starts, calls and closes at the same time gets an answer or
// ErrClosed, and nothing is left behind.
func TestCloseRacesWithEverything(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(floating)
	cfg := configFor(t, srv)
	for range 10 {
		a := newAgent(t, cfg)
		var all sync.WaitGroup
		for _, f := range []func(){
			func() { _ = a.Start(t.Context()) },
			func() { _, _ = a.Activate(t.Context(), lic.Key) },
			func() { _, _ = a.Heartbeat(t.Context()) },
			func() { _, _ = a.OpenSession(t.Context(), 0) },
			func() { _ = a.Decision() },
			func() {
				for range a.Changes(t.Context()) {
					_ = a.Allows("pdf-export")
				}
			},
			func() { _ = a.Close(t.Context()) },
		} {
			all.Go(f)
		}
		all.Wait()
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
