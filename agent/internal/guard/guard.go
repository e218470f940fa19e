// Package guard keeps panics of what the application gave, its clock, its HTTP
// client and its log handler, from the goroutine that happened to call it.
package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Now keeps a panic of the application's clock from the goroutine that
// happened to ask, which may be the application's own. The system's clock
// stands in.
func Now(now func() time.Time) func() time.Time {
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

// HTTPClient returns the application's HTTP client with a transport whose panic is
// a failed call, so that the schedule deals with it as with any other.
func HTTPClient(c *http.Client) *http.Client {
	if c == nil {
		return nil
	}
	own := *c
	if own.Transport != nil {
		own.Transport = transport{own.Transport}
	}
	return &own
}

type transport struct{ to http.RoundTripper }

func (g transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			resp, err = nil, fmt.Errorf("the application's HTTP transport panicked: %v", v)
		}
	}()
	return g.to.RoundTrip(r)
}

// Handler drops the records that the application's handler panics at.
func Handler(h slog.Handler) slog.Handler { return handler{h} }

type handler struct{ to slog.Handler }

func (g handler) Enabled(ctx context.Context, l slog.Level) (on bool) {
	defer func() { _ = recover() }()
	return g.to.Enabled(ctx, l)
}

func (g handler) Handle(ctx context.Context, r slog.Record) error {
	defer func() { _ = recover() }()
	return g.to.Handle(ctx, r)
}

func (g handler) WithAttrs(attrs []slog.Attr) (h slog.Handler) {
	defer func() {
		if recover() != nil {
			h = g
		}
	}()
	return handler{g.to.WithAttrs(attrs)}
}

func (g handler) WithGroup(name string) (h slog.Handler) {
	defer func() {
		if recover() != nil {
			h = g
		}
	}()
	return handler{g.to.WithGroup(name)}
}
