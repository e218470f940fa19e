// Package guard keeps panics of what the application gave, its clock, its HTTP
// client, its choice of a proxy and its logger, from the goroutine that happened
// to call it.
package guard

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/leasehold-dev/leasehold/internal/logging"
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
// a failed call, so that the schedule deals with it as with any other. A panic of its
// cookie jar is caught where the call is made: a jar of our own keeps the text of
// cookies in every program, 12 kB.
func HTTPClient(c *http.Client) *http.Client {
	if c == nil {
		return nil
	}
	own := *c
	if own.Transport != nil {
		own.Transport = &transport{own.Transport}
	}
	return &own
}

type transport struct{ to http.RoundTripper }

func (g *transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			resp, err = nil, fmt.Errorf("the application's HTTP transport panicked: %v", v)
		}
	}()
	resp, err = g.to.RoundTrip(r)
	if err != nil {
		return nil, err // net/http prints on standard error where both are there
	}
	if resp != nil && resp.Body != nil {
		resp.Body = &body{resp.Body}
	}
	return resp, nil
}

// body is what the application's transport answers with.
type body struct{ of io.ReadCloser }

func (g *body) Read(p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			n, err = 0, fmt.Errorf("the application's HTTP transport panicked: %v", v)
		}
	}()
	return g.of.Read(p)
}

func (g *body) Close() error {
	defer drop()
	return g.of.Close()
}

// Proxy returns the application's choice of a proxy, whose panic is a failed call.
func Proxy(choose func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if choose == nil {
		return nil
	}
	return func(r *http.Request) (u *url.URL, err error) {
		defer func() {
			if v := recover(); v != nil {
				u, err = nil, fmt.Errorf("the application's choice of a proxy panicked: %v", v)
			}
		}()
		return choose(r)
	}
}

// Logger drops the records that the application's logger panics at. Without one, all of them.
func Logger(l logging.Logger) logging.Logger { return &logger{logging.OrNone(l)} }

type logger struct{ to logging.Logger }

func (g *logger) Debug(msg string, args ...any) {
	defer drop()
	g.to.Debug(msg, args...)
}

func (g *logger) Info(msg string, args ...any) {
	defer drop()
	g.to.Info(msg, args...)
}

func (g *logger) Warn(msg string, args ...any) {
	defer drop()
	g.to.Warn(msg, args...)
}

func (g *logger) Error(msg string, args ...any) {
	defer drop()
	g.to.Error(msg, args...)
}

func drop() { _ = recover() }
