package agent

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
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

// guarded returns the application's HTTP client with a transport whose panic is
// a failed call, so that the schedule deals with it as with any other.
func guarded(c *http.Client) *http.Client {
	if c == nil {
		return nil
	}
	own := *c
	if own.Transport != nil {
		own.Transport = guardedTransport{own.Transport}
	}
	return &own
}

type guardedTransport struct{ to http.RoundTripper }

func (g guardedTransport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			resp, err = nil, fmt.Errorf("the application's HTTP transport panicked: %v", v)
		}
	}()
	return g.to.RoundTrip(r)
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
