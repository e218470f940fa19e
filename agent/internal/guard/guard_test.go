package guard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/internal/logging"
)

// panickyHandler panics at everything.
type panickyHandler struct{ slog.Handler }

func (panickyHandler) Enabled(context.Context, slog.Level) bool { return true }

func (panickyHandler) Handle(context.Context, slog.Record) error { panic("handle") }

func TestLogger(t *testing.T) {
	var unset *slog.Logger
	for name, l := range map[string]logging.Logger{
		"none": nil, "a nil pointer": unset, "a zero logger": &slog.Logger{}, "one that panics": slog.New(panickyHandler{}),
	} {
		t.Run(name, func(*testing.T) {
			log := Logger(l)
			log.Debug("one", "key", "value")
			log.Info("two")
			log.Warn("three")
			log.Error("four")
		})
	}
	var out bytes.Buffer
	log := Logger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.Debug("one", "key", "value")
	log.Info("two")
	log.Warn("three")
	log.Error("four")
	for _, want := range []string{"DEBUG msg=one key=value", "INFO msg=two", "WARN msg=three", "ERROR msg=four"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in what the application's logger got:\n%s", want, out.String())
		}
	}
}

func TestNow(t *testing.T) {
	if Now(nil) != nil {
		t.Error("no clock became one")
	}
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := Now(func() time.Time { return at })(); !got.Equal(at) {
		t.Errorf("got %v, want the application's %v", got, at)
	}
	if got := Now(func() time.Time { panic("now") })(); time.Since(got) > time.Minute {
		t.Errorf("after a panic: %v, want the system's time", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A panic of the application's transport is a failed call, and says whose it was;
// what the transport answers comes through, and the application's client stays as
// it is.
func TestHTTPClient(t *testing.T) {
	if HTTPClient(nil) != nil {
		t.Error("no client became one")
	}
	for name, tt := range map[string]struct {
		to   roundTrip
		fail string // in the error; empty: an answer comes
	}{
		"answers": {to: func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody, Request: r}, nil
		}},
		"panics": {to: func(*http.Request) (*http.Response, error) { panic("a map is nil") }, fail: "transport panicked: a map is nil"},
	} {
		given := &http.Client{Transport: tt.to, Timeout: time.Minute}
		own := HTTPClient(given)
		if _, ok := given.Transport.(roundTrip); !ok || own == given || own.Timeout != time.Minute {
			t.Errorf("%s: the application's client is changed, or not what is used", name)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://licences.example", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := own.Do(req)
		switch {
		case tt.fail != "":
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("%s: error %v", name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			if _ = resp.Body.Close(); resp.StatusCode != http.StatusTeapot {
				t.Errorf("%s: status %d", name, resp.StatusCode)
			}
		}
	}
}

// panickyBody is the body of a transport that panics later.
type panickyBody struct{}

func (panickyBody) Read([]byte) (int, error) { panic("read") }
func (panickyBody) Close() error             { panic("close") }

func TestBodyOfTheApplicationsTransport(t *testing.T) {
	own := HTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: panickyBody{}, Request: r}, nil
	})})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://licences.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := own.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil || !strings.Contains(err.Error(), "transport panicked: read") {
		t.Errorf("read: %v", err)
	}
}

func TestProxy(t *testing.T) {
	if Proxy(nil) != nil {
		t.Error("no choice became one")
	}
	want, failed := &url.URL{Host: "proxy"}, errors.New("none")
	if got, err := Proxy(func(*http.Request) (*url.URL, error) { return want, failed })(nil); got != want || !errors.Is(err, failed) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := Proxy(func(*http.Request) (*url.URL, error) { panic("at the disco") })(nil); got != nil || err == nil || !strings.Contains(err.Error(), "proxy panicked: at the disco") {
		t.Errorf("after a panic: %v, %v", got, err)
	}
}
