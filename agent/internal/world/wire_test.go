package world

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// wire is the network of one process. It hands requests to the server's handler,
// as sockets do not fit into a bubble.
type wire struct {
	world *world
	on    *machine

	mu      sync.Mutex
	dead    chan struct{} // closed when the process is gone
	lastYes time.Time     // that this process heard itself; guarded by the machine's lock
	gate    bool          // the next answer is not heard before the process is gone
}

var errNetwork = errors.New("connection refused")

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	select {
	case <-w.dead:
		return nil, errNetwork
	default:
	}
	if w.world.down.Load() {
		return nil, errNetwork
	}
	spoiled := len(w.world.srv.Faults()) > 0
	resp, err := w.serve(r, body)
	w.mu.Lock()
	gate := w.gate
	w.mu.Unlock()
	if gate {
		w.world.lost.Add(1)
		select {
		case <-w.dead:
		case <-r.Context().Done():
		}
		return nil, errNetwork
	}
	if err == nil {
		w.heard(r, body, resp, spoiled)
	}
	return resp, err
}

func (w *wire) serve(r *http.Request, body []byte) (resp *http.Response, err error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Date", w.world.srv.Now().UTC().Format(http.TimeFormat))
	defer func() {
		switch v := recover(); {
		case v == nil:
		case v == any(http.ErrAbortHandler): // how a handler resets a connection
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(v)
		}
	}()
	inner := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	inner.Header = r.Header
	w.world.srv.Handler().ServeHTTP(rec, inner)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

// heard notes which answer about the licence reached the machine, for the truths
// that compare with it.
func (w *wire) heard(r *http.Request, body []byte, resp *http.Response, spoiled bool) {
	about := strings.HasSuffix(r.URL.Path, "/provisioning/heartbeats") || strings.HasSuffix(r.URL.Path, "/provisioning/activations")
	if !about || bytes.Contains(body, []byte(wrongKey)) {
		return
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return // it breaks off, and proves nothing
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	m := w.on
	m.mu.Lock()
	defer m.mu.Unlock()
	if resp.StatusCode == http.StatusOK && m.answers[string(answer)] {
		return // it is played again; a conflict looks the same each time
	}
	m.answers[string(answer)] = true
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
		return
	}
	m.licensed, m.off = 0, false // what follows is the ladder of this answer
	switch {
	case resp.StatusCode == http.StatusOK && w.world.grants(m):
		if !spoiled {
			m.lastYes, m.denied = w.world.now(), false
			w.lastYes = m.lastYes
		}
	default:
		m.denied, m.off = true, !spoiled && w.world.isOff()
	}
}

// faults are what may go wrong with answers, each a few times.
var faults = []struct {
	slasconetest.Fault
	lost bool // the request has taken effect, and the client does not know
}{
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 401, Times: 2}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 429, RetryAfter: "3600", Times: 1}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 503, Times: 3}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultPortal, Times: 2}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultReset, Times: 2}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultReset, AfterEffect: true, Times: 1}, lost: true},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultHang, Times: 1}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(40 * time.Second), Times: 1}, lost: true},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultBadSignature, Times: 1}, lost: true},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultTruncate, Times: 1}, lost: true},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultBadNonceSignature, Times: 1}, lost: true},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultStale, Endpoint: slasconetest.Heartbeat, Age: slasconetest.Duration(48 * time.Hour), Times: 1}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultForeign, Endpoint: slasconetest.Heartbeat, Times: 1}},
	{Fault: slasconetest.Fault{Kind: slasconetest.FaultOversize, Times: 1}, lost: true},
}
