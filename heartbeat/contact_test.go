package heartbeat

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestContactIsJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Contact[int]
		var calls, joins atomic.Int32
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				got, joined, err := c.Do(t.Context(), func(context.Context) (int, error) {
					time.Sleep(time.Second)
					return int(calls.Add(1)), nil
				})
				if got != 1 || err != nil {
					t.Errorf("%d, %v", got, err)
				}
				if joined {
					joins.Add(1)
				}
			})
		}
		synctest.Wait()
		if !c.Running() {
			t.Error("not running")
		}
		wg.Wait()
		if calls.Load() != 1 || joins.Load() != 9 || c.Running() {
			t.Errorf("%d calls, %d joins, running %v", calls.Load(), joins.Load(), c.Running())
		}
		if got, joined, _ := c.Do(t.Context(), func(context.Context) (int, error) { return 7, nil }); got != 7 || joined {
			t.Errorf("the next call gives %d, joined %v", got, joined)
		}
	})
}

func TestContactOutlivesTheCallerWhoBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Contact[string]
		fn := func(ctx context.Context) (string, error) {
			select {
			case <-ctx.Done():
				return "", ctx.Err()
			case <-time.After(time.Minute):
				return "answer", nil
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			time.Sleep(time.Millisecond)
			if got, joined, err := c.Do(t.Context(), fn); got != "answer" || !joined || err != nil {
				t.Errorf("%q %v %v", got, joined, err)
			}
		}()
		if _, _, err := c.Do(short, fn); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(2 * time.Minute)
	})
}

func TestContactThatNobodyWaitsForIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Contact[int]
		var active, most atomic.Int32
		fn := func(ctx context.Context) (int, error) {
			most.Store(max(most.Load(), active.Add(1)))
			defer active.Add(-1)
			<-ctx.Done()
			time.Sleep(time.Minute) // slow to give up
			return 0, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := c.Do(ctx, fn); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		// Whoever comes now must not get the cancelled run's result, nor run beside it.
		start := time.Now()
		got, joined, err := c.Do(t.Context(), func(context.Context) (int, error) {
			most.Store(max(most.Load(), active.Add(1)))
			active.Add(-1)
			return 5, nil
		})
		if got != 5 || joined || err != nil || most.Load() != 1 || time.Since(start) != time.Minute {
			t.Errorf("%d %v %v after %v, %d at once", got, joined, err, time.Since(start), most.Load())
		}

		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go c.Do(ctx, fn)
		time.Sleep(2 * time.Second)
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := c.Do(ctx, fn); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for the cancelled run: %v", err)
		}
		time.Sleep(time.Hour)
	})
}

func TestContactEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var c Contact[int]
	_, _, err := c.Do(ctx, func(context.Context) (int, error) { t.Error("called"); return 0, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestContactContainsPanics(t *testing.T) {
	var c Contact[int]
	_, _, err := c.Do(t.Context(), func(context.Context) (int, error) { panic("boom") })
	if p, ok := errors.AsType[*PanicError](err); !ok || p.Value != "boom" || len(p.Stack) == 0 {
		t.Errorf("error %v", err)
	}
	if _, _, err := c.Do(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }); err == nil {
		t.Error("no error from a run that ended its goroutine")
	}
	if got, _, err := c.Do(t.Context(), func(context.Context) (int, error) { return 1, nil }); got != 1 || err != nil {
		t.Errorf("%d %v", got, err)
	}
}
