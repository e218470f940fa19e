package slascone

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// patience is how long a person is kept waiting for a second try.
const patience = 2 * time.Second

// Twice makes a call for a person who waits. A transient Silence is
// tried once again, after what the server asked for or a short random pause,
// provided that the second try begins within two seconds of the first.
// Background calls do not use it; they follow the schedule.
func Twice[T any](ctx context.Context, call func(context.Context) Answer[T]) Answer[T] {
	ctx = given.Context(ctx)
	began := time.Now()
	a := call(ctx)
	if a.Kind == Silence && a.Err != nil && a.Err.Reason.transient() && paused(ctx, began, a.RetryAfter) {
		return call(ctx)
	}
	return a
}

// paused waits before a second try, as long as the server asked for or about half
// a second, and reports whether there is to be one.
func paused(ctx context.Context, began time.Time, pause time.Duration) bool {
	if pause <= 0 {
		pause = 200*time.Millisecond + time.Duration(chance.Float64()*float64(400*time.Millisecond))
	}
	if time.Since(began)+pause > patience {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Try makes a call once; if patient, for a person who waits, as [Twice] does.
func Try[T any](ctx context.Context, patient bool, call func(context.Context) Answer[T]) Answer[T] {
	ctx = given.Context(ctx)
	if patient {
		return Twice(ctx, call)
	}
	return call(ctx)
}
