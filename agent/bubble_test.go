package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
)

// line carries requests to a handler without a network, so that a call fits
// into a synctest bubble.
type line struct {
	srv *slasconetest.Server

	mu     sync.Mutex
	down   bool
	status int         // answered instead of the server, with retryAfter
	after  string      // Retry-After of status
	at     []time.Time // when each request came
	hang   bool        // requests wait for their context
	hangOn string      // requests for such a path do
}

func (l *line) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	l.mu.Lock()
	l.at = append(l.at, time.Now())
	down, status, after := l.down, l.status, l.after
	hang := l.hang || l.hangOn != "" && strings.HasSuffix(r.URL.Path, l.hangOn)
	l.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	switch {
	case hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case down:
		return nil, errors.New("connection refused")
	}
	rec := httptest.NewRecorder()
	if status != 0 {
		rec.Header().Set("Retry-After", after)
		rec.WriteHeader(status)
		return rec.Result(), nil
	}
	defer func() {
		switch v := recover(); {
		case v == nil:
		case v == any(http.ErrAbortHandler):
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(v)
		}
	}()
	rec.Header().Set("Date", l.srv.Now().UTC().Format(http.TimeFormat))
	inner := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), nil)
	inner.Header = r.Header
	inner.Body = io.NopCloser(bytes.NewReader(body))
	l.srv.Handler().ServeHTTP(rec, inner)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

func (l *line) set(change func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// requests returns when each request came, and forgets them.
func (l *line) requests() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.at
	l.at = nil
	return at
}

// world is a server and the configuration of an application for it, in a
// bubble whose time is the server's.
type world struct {
	*testing.T
	srv  *slasconetest.Server
	line *line
	cfg  Config

	shift    atomic.Int64 // of the computer's clock
	readings atomic.Int64 // of it
}

// inBubble runs a test in which time passes as soon as all wait for it. What lives
// for months there has thousands of answers, whose RSA signatures would take a third
// of the time of this package's tests: the server signs with HMAC, unless cfg says
// how, the test has a licence file verified, or LEASEHOLD_HEAVY is set.
func inBubble(t *testing.T, cfg slasconetest.Config, f func(*testing.T, *world)) {
	t.Helper()
	cfg.Key = signingKey()
	if cfg.Signing == "" && os.Getenv("LEASEHOLD_HEAVY") == "" {
		cfg.Signing, cfg.HMACKey = slasconetest.SigningHMAC, "secret of the bubble"
	}
	dir := stateDir(t)
	synctest.Test(t, func(t *testing.T) {
		srv, err := slasconetest.NewUnstarted(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		l := &line{srv: srv}
		w := &world{T: t, srv: srv, line: l}
		w.cfg = Config{
			Parts:           []Part{Usage(), LicenseFiles()},
			ServerURL:       "https://licences.example",
			ISVID:           srv.ISV(),
			ProductID:       srv.Products()[0].ID,
			ProvisioningKey: srv.ProvisioningKey(),
			Signature:       signatureOf(srv),
			App:             App{Name: "Sketch", Version: "1.4.2"},
			DeviceID:        testDevice,
			StateDir:        filepath.Join(dir, "state"),
			Store:           storage.KindFile,
			HTTPClient:      &http.Client{Transport: l},
			Now: func() time.Time {
				w.readings.Add(1)
				return time.Now().Add(time.Duration(w.shift.Load()))
			},
		}
		f(t, w)
	})
}

// signatureOf is how an application verifies what a test server signs.
func signatureOf(srv *slasconetest.Server) Signature {
	if signing, secret := srv.Signing(); signing == slasconetest.SigningHMAC {
		return Signature{SharedKey: secret}
	}
	return Signature{PublicKey: []byte(srv.PublicKeyPEM())}
}

// open returns an agent that is closed at the end of the test, at the latest.
func (w *world) open() *Agent {
	w.Helper()
	return newAgent(w.T, w.cfg)
}

// activated returns an agent that holds a licence.
func (w *world) activated(l slasconetest.License) (*Agent, slasconetest.License) {
	w.Helper()
	lic := w.srv.AddLicense(l)
	a := w.open()
	if _, err := a.Activate(w.Context(), lic.Key); err != nil {
		w.Fatal(err)
	}
	w.line.requests()
	return a, lic
}

func (w *world) start(a *Agent) {
	w.Helper()
	if err := a.Start(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) close(a *Agent) {
	w.Helper()
	if err := a.Close(context.Background()); err != nil {
		w.Error(err)
	}
}

// moveClock puts the computer's clock by d from what it would show.
func (w *world) moveClock(d time.Duration) {
	w.shift.Store(int64(d))
}

// sleep lets time pass and whatever it brings happen.
func (w *world) sleep(d time.Duration) {
	sleepInBubble(d)
}

func sleepInBubble(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// listen collects an agent's events from now on.
func (w *world) listen(a *Agent) *ear {
	e := &ear{}
	events := a.Changes(w.Context())
	go func() {
		for event := range events {
			e.mu.Lock()
			e.events = append(e.events, heard{time.Now(), event})
			e.mu.Unlock()
		}
	}()
	return e
}

type ear struct {
	mu     sync.Mutex
	events []heard
}

type heard struct {
	at time.Time
	Event
}

// take returns what was heard of one type since it was last asked for.
func take[E Event](e *ear) (events []E, at []time.Time) {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	var rest []heard
	for _, h := range e.events {
		if event, ok := h.Event.(E); ok {
			events, at = append(events, event), append(at, h.at)
		} else {
			rest = append(rest, h)
		}
	}
	e.events = rest
	return events, at
}
