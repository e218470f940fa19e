package agent

import (
	"context"
	"log/slog"
	"time"
)

// guardedNow keeps a panic of the application's clock from the goroutine that
// happened to ask, which may be the application's own. The system's clock
// stands in.
func guardedNow(now func() time.Time) func() time.Time {
	if now == nil {
		return nil
	}
	return func() (t time.Time) {
		defer func() {
			if recover() != nil {
				t = time.Now()
			}
		}()
		return now()
	}
}

// guardedHandler drops the records that the application's handler panics at.
type guardedHandler struct{ to slog.Handler }

func (g guardedHandler) Enabled(ctx context.Context, l slog.Level) (on bool) {
	defer func() { _ = recover() }()
	return g.to.Enabled(ctx, l)
}

func (g guardedHandler) Handle(ctx context.Context, r slog.Record) error {
	defer func() { _ = recover() }()
	return g.to.Handle(ctx, r)
}

func (g guardedHandler) WithAttrs(attrs []slog.Attr) (h slog.Handler) {
	defer func() {
		if recover() != nil {
			h = g
		}
	}()
	return guardedHandler{g.to.WithAttrs(attrs)}
}

func (g guardedHandler) WithGroup(name string) (h slog.Handler) {
	defer func() {
		if recover() != nil {
			h = g
		}
	}()
	return guardedHandler{g.to.WithGroup(name)}
}
