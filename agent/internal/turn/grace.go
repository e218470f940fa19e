package turn

import (
	"context"
	"errors"
	"time"
)

// AnswerGrace is how long the answer to a report is still waited for when the
// caller has given up. One that is not heard makes the report count twice.
const AnswerGrace = 2 * time.Second

// WithGrace returns a context that ends that long after ctx does; at once, when
// ctx has ended already.
func WithGrace(ctx context.Context, grace time.Duration) (context.Context, func()) {
	if ctx.Err() != nil {
		return ctx, func() {}
	}
	longer := context.WithoutCancel(ctx)
	var cancel context.CancelFunc
	if deadline, ok := ctx.Deadline(); ok {
		longer, cancel = context.WithDeadline(longer, deadline.Add(grace))
	} else {
		longer, cancel = context.WithCancel(longer)
	}
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return // longer has a deadline too, and ends for the same reason
		}
		select {
		case <-time.After(grace):
		case <-longer.Done():
		}
		cancel()
	})
	return longer, func() { stop(); cancel() }
}
