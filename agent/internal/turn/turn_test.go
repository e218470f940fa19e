package turn

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := 0
		turn := New(func(context.Context) { before++ })
		var at, most atomic.Int32
		for range 5 {
			go func() {
				err := turn.Call(t.Context(), "call", func(context.Context) error {
					most.Store(max(most.Load(), at.Add(1)))
					time.Sleep(time.Second)
					at.Add(-1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		time.Sleep(time.Minute)
		if most.Load() != 1 || before != 5 {
			t.Errorf("%d at a time, %d prepared", most.Load(), before)
		}
	})
}

func TestWhoCannotWaitIsNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := New(nil)
		go turn.Call(t.Context(), "long", func(context.Context) error { time.Sleep(time.Hour); return nil })
		synctest.Wait()
		if turn.Name() != "long" {
			t.Errorf("it is the turn of %q", turn.Name())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := turn.Call(ctx, "short", func(context.Context) error { t.Error("called"); return nil })
		if _, ok := errors.AsType[*NotCalledError](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := New(nil)
		failure := errors.New("failed")
		calls := 0
		do := func(context.Context) error { calls++; time.Sleep(time.Minute); return failure }
		for range 3 {
			go func() {
				if err := turn.Join(t.Context(), "heartbeat", do); !errors.Is(err, failure) {
					t.Errorf("error %v", err)
				}
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := turn.Join(ctx, "heartbeat", do)
		if _, ok := errors.AsType[*GivenUpError](err); !ok {
			t.Errorf("who gives up gets %v", err)
		}
		time.Sleep(time.Hour)
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
}

func TestEndOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := New(nil)
		broken := make(chan error, 1)
		go func() {
			broken <- turn.Call(t.Context(), "", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}()
		synctest.Wait()
		turn.End()
		if err := <-broken; !errors.Is(err, context.Canceled) {
			t.Errorf("the call under way: %v", err)
		}
		if err := turn.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		do := func(context.Context) error { t.Error("called"); return nil }
		if err := turn.Call(t.Context(), "", do); !errors.Is(err, ErrEnded) {
			t.Errorf("a call after the end: %v", err)
		}
		if err := turn.Join(t.Context(), "", do); !errors.Is(err, ErrEnded) {
			t.Errorf("joining after the end: %v", err)
		}
	})
}

func TestPanicEndsTheCallAlone(t *testing.T) {
	turn := New(nil)
	err := turn.Call(t.Context(), "", func(context.Context) error { panic("transport") })
	if p, ok := errors.AsType[*heartbeat.PanicError](err); !ok || p.Value != "transport" {
		t.Errorf("error %v", err)
	}
	if err := turn.Call(t.Context(), "", func(context.Context) error { return nil }); err != nil {
		t.Errorf("the next call: %v", err)
	}
}
