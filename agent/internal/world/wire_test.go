package world

import (
	"bytes"
	"encoding/json"
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
	world   *world
	on      *machine
	of      *client
	version string // of the application

	mu      sync.Mutex
	dead    chan struct{} // closed when the process is gone
	ended   sync.Once     // for it
	lastYes time.Time     // that this process heard itself; guarded by the machine's lock, as are:
	denied  bool          // it has heard a no since, or there was one when it began
	off     bool          // this process has heard, or found, that the licence is switched off
	gate    bool          // the next answer is not heard before the process is gone
	hold    chan struct{} // the next answer is not heard before this is closed

	given map[string]time.Time // the answers about the licence that this process was given, and when first; see hears
	wrong string               // what is wrong with the last of them
	held  string               // the last with which nothing was
	anew  bool                 // a person enters the key, and no licence is held
}

var errNetwork = errors.New("connection refused")

func (w *wire) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w.world.diary.note("%s asks %s %s", w.on.name, r.Method, r.URL.Path)
	defer func() {
		if resp != nil {
			w.world.diary.note("%s is answered %d", w.on.name, resp.StatusCode)
		} else {
			w.world.diary.note("%s hears nothing: %v", w.on.name, err)
		}
	}()
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
	if w.world.panics.CompareAndSwap(true, false) {
		panic("a transport of the application's own")
	}
	// What a server says that is behind is as old to the agent as an answer that is
	// played again.
	spoiled := len(w.world.srv.Faults()) > 0 || w.world.late.Load()
	behind := w.world.stale.Load() && w.world.asked.Add(1)%2 == 0
	if w.world.doubled.Load() && r.Method != http.MethodGet {
		_, _ = w.serve(r, body, behind)
	}
	resp, err = w.serve(r, body, behind)
	w.mu.Lock()
	gate, hold := w.gate, w.hold
	w.hold = nil
	w.mu.Unlock()
	if gate {
		w.world.lost.Add(1)
		select {
		case <-w.dead:
		case <-r.Context().Done():
		}
		return nil, errNetwork
	}
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if err == nil {
		w.heard(r, body, resp, spoiled || behind, hold != nil)
	}
	return resp, err
}

// takesAlong notes whether the seat is taken along that a request has asked for.
// Where the answer may not be believed it may be, and what was taken along still is.
func (w *wire) takesAlong(body []byte, spoiled bool) {
	var asks struct {
		Session string   `json:"session_id"`
		Period  *float64 `json:"checkout_period"`
	}
	_ = json.Unmarshal(body, &asks)
	switch {
	case asks.Period != nil:
		w.of.along = asks.Session
	case !spoiled:
		w.of.along = ""
	}
}

// nodeBehind is by how much a node of the server is behind the others.
const nodeBehind = 30 * time.Minute

func (w *wire) serve(r *http.Request, body []byte, behind bool) (resp *http.Response, err error) {
	if behind {
		w.world.srv.Advance(-nodeBehind)
		defer w.world.srv.Advance(nodeBehind)
	}
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
// that compare with it. spoiled: the answer may not be believed. late: a newer one
// has overtaken it.
func (w *wire) heard(r *http.Request, body []byte, resp *http.Response, spoiled, late bool) {
	if strings.HasSuffix(r.URL.Path, "/provisioning/session/open") && resp.StatusCode == http.StatusOK {
		// The server gives nobody a seat of a licence that is switched off. Where it has
		// refused one for that, this answer ends it, before the next heartbeat does.
		w.on.mu.Lock()
		w.of.off, w.off = false, false
		w.takesAlong(body, spoiled)
		w.on.mu.Unlock()
	}
	if !about(r, body) {
		return
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return // it breaks off, and proves nothing
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	m, c := w.on, w.of
	m.mu.Lock()
	defer m.mu.Unlock()
	w.hears(r, resp, answer)
	if resp.StatusCode == http.StatusOK && w.wrong == "" && !w.dates(answer) {
		spoiled = true
	}
	c.given = c.given && (resp.StatusCode != http.StatusOK || w.wrong != "")
	const instant = 2 * time.Second // two answers of one may be alike
	first, had := c.answers[string(answer)]
	if resp.StatusCode == http.StatusOK && had && time.Since(first) > instant {
		return // it is played again; a conflict looks the same each time
	}
	if !had {
		c.answers[string(answer)] = time.Now()
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict || late {
		return
	}
	if w.world.rotated.Load() && w.version != newVersion {
		return // it is signed with a key that this version does not trust yet
	}
	if c.licensed = 0; !spoiled {
		c.answered = w.world.now()
	}
	// What follows is the ladder of this answer.
	switch {
	case resp.StatusCode == http.StatusOK && w.world.grants(c, w.version):
		if c.off, w.off = false, false; !spoiled {
			c.lastYes, c.renewed, c.denied, c.filed = w.world.now(), w.world.until(), false, false
			w.lastYes, w.denied = c.lastYes, false
			if !m.unkept {
				c.kept = c.lastYes
			}
		}
	default:
		c.denied, c.off, c.offKept = true, w.world.isOff() && (c.off || !spoiled), !m.unkept
		w.off, w.denied = c.off, true
	}
}

// faults are what may go wrong with answers, each a few times.
var faults = []struct {
	says string
	slasconetest.Fault
	lost bool // the request has taken effect, and the client does not know
}{
	{says: "401, twice", Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 401, Times: 2}},
	{says: "429 with Retry-After of an hour", Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 429, RetryAfter: "3600", Times: 1}},
	{says: "503, three times", Fault: slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 503, Times: 3}},
	{says: "a portal's page, twice", Fault: slasconetest.Fault{Kind: slasconetest.FaultPortal, Times: 2}},
	{says: "the connection is reset, twice", Fault: slasconetest.Fault{Kind: slasconetest.FaultReset, Times: 2}},
	{says: "the connection is reset when the request has taken effect", Fault: slasconetest.Fault{Kind: slasconetest.FaultReset, AfterEffect: true, Times: 1}, lost: true},
	{says: "no answer ever", Fault: slasconetest.Fault{Kind: slasconetest.FaultHang, Times: 1}},
	{says: "an answer after 40 s, which is beyond the deadline", Fault: slasconetest.Fault{Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(40 * time.Second), Times: 1}, lost: true},
	{says: "answers after 9 s, three times", Fault: slasconetest.Fault{Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(9 * time.Second), Times: 3}, lost: true},
	{says: "a wrong signature", Fault: slasconetest.Fault{Kind: slasconetest.FaultBadSignature, Times: 1}, lost: true},
	{says: "no signature, twice", Fault: slasconetest.Fault{Kind: slasconetest.FaultUnsigned, Times: 2}, lost: true},
	{says: "an answer that breaks off", Fault: slasconetest.Fault{Kind: slasconetest.FaultTruncate, Times: 1}, lost: true},
	{says: "a wrong nonce signature", Fault: slasconetest.Fault{Kind: slasconetest.FaultBadNonceSignature, Times: 1}, lost: true},
	{says: "no nonce signature", Fault: slasconetest.Fault{Kind: slasconetest.FaultNoNonceSignature, Times: 1}, lost: true},
	{says: "an answer of two days ago", Fault: slasconetest.Fault{Kind: slasconetest.FaultStale, Endpoint: slasconetest.Heartbeat, Age: slasconetest.Duration(48 * time.Hour), Times: 1}},
	{says: "another client's answer", Fault: slasconetest.Fault{Kind: slasconetest.FaultForeign, Endpoint: slasconetest.Heartbeat, Times: 1}},
	{says: "another licence's answer", Fault: slasconetest.Fault{Kind: slasconetest.FaultForeign, Of: "licence", Endpoint: slasconetest.Heartbeat, Times: 1}},
	{says: "rubbish", Fault: slasconetest.Fault{Kind: slasconetest.FaultGarbage, Times: 1}, lost: true},
	{says: "a redirection, twice", Fault: slasconetest.Fault{Kind: slasconetest.FaultRedirect, Times: 2}},
	{says: "a conflict that nobody knows", Fault: slasconetest.Fault{Kind: slasconetest.FaultConflict, Conflict: 2999, Times: 1}},
	{says: "an answer of another shape", Fault: slasconetest.Fault{Kind: slasconetest.FaultShape, Endpoint: slasconetest.Heartbeat, Times: 1}},
	{says: "an answer that is too long", Fault: slasconetest.Fault{Kind: slasconetest.FaultOversize, Times: 1}, lost: true},
}
