package slasconetest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// faulty is a server with a floating licence that client one has activated a
// day before.
func faulty(t *testing.T) (*slasconetest.Server, *caller, string) {
	t.Helper()
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	c.want(c.heartbeat("one"), 200)
	s.Advance(24 * time.Hour)
	return s, c, lic.Key
}

func TestFaultsOfTheTransport(t *testing.T) {
	for kind, test := range map[slasconetest.FaultKind]struct {
		fault slasconetest.Fault
		check func(*testing.T, *caller, reply)
	}{
		slasconetest.FaultStatus: {slasconetest.Fault{Status: 429, RetryAfter: "7"}, func(t *testing.T, _ *caller, r reply) {
			if r.status != 429 || r.header.Get("Retry-After") != "7" {
				t.Errorf("status %d, header %v", r.status, r.header)
			}
		}},
		slasconetest.FaultConflict: {slasconetest.Fault{Conflict: 6008}, func(t *testing.T, c *caller, r reply) { c.want(r, 6008) }},
		slasconetest.FaultReset: {slasconetest.Fault{}, func(t *testing.T, _ *caller, r reply) {
			// Windows has a number of its own for it, WSAECONNRESET.
			reset := errors.Is(r.err, syscall.ECONNRESET) || runtime.GOOS == "windows" && errors.Is(r.err, syscall.Errno(10054))
			if !reset && !errors.Is(r.err, io.EOF) {
				t.Errorf("error %v", r.err)
			}
		}},
		slasconetest.FaultGarbage: {slasconetest.Fault{}, func(t *testing.T, c *caller, r reply) {
			if r.status != 200 || json.Valid(r.body) || c.verify(r) != nil {
				t.Errorf("status %d, body %q", r.status, r.body)
			}
		}},
		slasconetest.FaultPortal: {slasconetest.Fault{}, func(t *testing.T, _ *caller, r reply) {
			if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || r.header.Get(wire.HeaderSignature) != "" {
				t.Errorf("status %d, header %v", r.status, r.header)
			}
		}},
		slasconetest.FaultRedirect: {slasconetest.Fault{Location: "https://else.example/"}, func(t *testing.T, _ *caller, r reply) {
			if r.status != 302 || r.header.Get("Location") != "https://else.example/" {
				t.Errorf("status %d, header %v", r.status, r.header)
			}
		}},
		slasconetest.FaultOversize: {slasconetest.Fault{Size: 5 << 20}, func(t *testing.T, c *caller, r reply) {
			if len(r.body) < 5<<20 || c.verify(r) != nil {
				t.Errorf("%d bytes, %v", len(r.body), r.err)
			}
		}},
		slasconetest.FaultDelay: {slasconetest.Fault{Delay: slasconetest.Duration(time.Millisecond)}, func(t *testing.T, c *caller, r reply) { c.want(r, 200) }},
		slasconetest.FaultTruncate: {slasconetest.Fault{}, func(t *testing.T, _ *caller, r reply) {
			if r.status != 200 || !errors.Is(r.err, io.ErrUnexpectedEOF) || len(r.body) == 0 {
				t.Errorf("status %d, %d bytes, error %v", r.status, len(r.body), r.err)
			}
		}},
		slasconetest.FaultContentType: {slasconetest.Fault{}, func(t *testing.T, c *caller, r reply) {
			if r.header.Get("Content-Type") != "text/plain" || c.verify(r) != nil {
				t.Errorf("header %v", r.header)
			}
		}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			s, c, _ := faulty(t)
			test.fault.Kind, test.fault.Times = kind, 1
			s.Inject(test.fault)
			test.check(t, c, c.heartbeat("one"))
			c.want(c.heartbeat("one"), 200)
			log := s.Requests(slasconetest.Heartbeat)
			if got := log[len(log)-2].Fault; got != kind {
				t.Errorf("logged as %q", got)
			}
		})
	}
}

func TestFaultsOfTheProof(t *testing.T) {
	s, c, key := faulty(t)
	body := func(r reply) error {
		return verifyRSA(&testKey().PublicKey, r.body, r.header.Get(wire.HeaderSignature))
	}
	nonce := func(r reply) error {
		return verifyRSA(&testKey().PublicKey, c.nonce, r.header.Get(wire.HeaderNonceSignature))
	}
	once := func(f slasconetest.Fault) reply {
		t.Helper()
		f.Times = 1
		s.Inject(f)
		r := c.heartbeat("one")
		if r.err != nil || r.status != 200 {
			t.Fatalf("%s: status %d, %v", f.Kind, r.status, r.err)
		}
		return r
	}

	if r := once(slasconetest.Fault{Kind: slasconetest.FaultUnsigned}); r.header.Get(wire.HeaderSignature) != "" || nonce(r) != nil {
		t.Errorf("unsigned: %v", r.header)
	}
	if r := once(slasconetest.Fault{Kind: slasconetest.FaultBadSignature}); body(r) == nil || nonce(r) != nil || len(r.header.Get(wire.HeaderSignature)) != 344 {
		t.Errorf("bad signature: %v", r.header)
	}
	if r := once(slasconetest.Fault{Kind: slasconetest.FaultNoNonceSignature}); body(r) != nil || r.header.Get(wire.HeaderNonceSignature) != "" {
		t.Errorf("no nonce signature: %v", r.header)
	}
	if r := once(slasconetest.Fault{Kind: slasconetest.FaultBadNonceSignature}); body(r) != nil || nonce(r) == nil {
		t.Errorf("bad nonce signature: %v", r.header)
	}
	now := s.Now()
	if r := once(slasconetest.Fault{Kind: slasconetest.FaultStale, Age: slasconetest.Duration(time.Hour)}); c.verify(r) != nil || !info(t, r).CreatedDate.Time.Equal(now.Add(-time.Hour)) {
		t.Errorf("stale: %s", r.body)
	}
	fine := info(t, c.heartbeat("one"))
	for of, changed := range map[string]func(wire.LicenseInfo) bool{
		"client":  func(i wire.LicenseInfo) bool { return *i.ClientID != *fine.ClientID },
		"product": func(i wire.LicenseInfo) bool { return *i.ProductID != *fine.ProductID },
		"licence": func(i wire.LicenseInfo) bool { return i.LicenseKey != fine.LicenseKey },
	} {
		if r := once(slasconetest.Fault{Kind: slasconetest.FaultForeign, Of: of}); c.verify(r) != nil || !changed(info(t, r)) {
			t.Errorf("foreign %s: %s", of, r.body)
		}
	}
	if r := once(slasconetest.Fault{Kind: slasconetest.FaultShape}); c.verify(r) != nil || decode[wire.SessionInfo](t, r).IsSessionValid == nil {
		t.Errorf("shape: %s", r.body)
	}
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultShape, Endpoint: slasconetest.SessionOpen})
	r := c.session(pathSessionOpen, key, "one", sessionA)
	if c.verify(r) != nil || !strings.Contains(string(r.body), "is_license_valid") {
		t.Errorf("shape of a session: %s", r.body)
	}
	c.want(c.session(pathSessionClose, key, "one", sessionA), 200) // another endpoint has no fault
}

func TestStaleSession(t *testing.T) {
	s, c, key := faulty(t)
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultStale, Times: 1})
	got := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, key, "one", sessionA), 200))
	if !got.SessionCreatedDate.Time.Equal(start) || !got.SessionValidUntil.Time.Equal(start.Add(5*time.Minute)) {
		t.Errorf("stale by a day: %+v", got)
	}
}

func TestReplay(t *testing.T) {
	s, c, _ := faulty(t)
	second := c.heartbeat("one")
	s.Advance(time.Hour)
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultReplay, Times: 1})
	if r := c.heartbeat("one"); !bytes.Equal(r.body, second.body) || c.verify(r) != nil {
		t.Errorf("replayed %s", r.body)
	}
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultReplay, Times: 1, Back: 3})
	if r := c.heartbeat("one"); !info(t, r).CreatedDate.Time.Equal(start) || c.verify(r) != nil {
		t.Errorf("replayed %s", r.body)
	}
}

func TestAfterEffect(t *testing.T) {
	s, c, key := faulty(t)
	s.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultStatus, Status: 502, Times: 1})
	if r := c.session(pathSessionOpen, key, "one", sessionA); r.status != 502 || len(s.Sessions()) != 0 {
		t.Fatalf("status %d, sessions %v", r.status, s.Sessions())
	}
	s.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultReset, Times: 1, AfterEffect: true})
	if r := c.session(pathSessionOpen, key, "one", sessionA); r.err == nil || len(s.Sessions()) != 1 {
		t.Fatalf("error %v, sessions %v", r.err, s.Sessions())
	}
}

func TestFaultsAreUsedUpInOrder(t *testing.T) {
	s, c, _ := faulty(t)
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 500, Times: 2})
	id := s.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 504})
	for _, want := range []int{500, 500, 504, 504} {
		c.want(c.heartbeat("one"), want)
	}
	if left := s.Faults(); len(left) != 1 || left[0].ID != id {
		t.Errorf("left: %+v", left)
	}
	if !s.ClearFault(id) || s.ClearFault(id) {
		t.Error("ClearFault does not know which faults there are")
	}
	c.want(c.heartbeat("one"), 200)
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus})
	s.ClearFaults()
	c.want(c.heartbeat("one"), 200)
}

func TestOutage(t *testing.T) {
	s, c, key := faulty(t)
	s.Outage(true)
	if c.heartbeat("one").err == nil || c.activate(key, "one").err == nil {
		t.Error("there was an answer during an outage")
	}
	s.Outage(false)
	c.want(c.heartbeat("one"), 200)
}

func TestHangEndsWithTheClientOrTheServer(t *testing.T) {
	s := slasconetest.New(slasconetest.Config{Key: testKey()})
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultHang})
	url := s.URL + wire.Prefix(s.ISV()) + pathHeartbeat

	ctx, cancel := context.WithCancel(t.Context())
	hung := make(chan error)
	try := func(ctx context.Context) {
		client := s.Client()
		defer client.CloseIdleConnections()
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		hung <- err
	}
	go try(ctx)
	waitForRequest(t, s)
	cancel()
	if err := <-hung; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for s.InFlight() != 0 { // the server has noticed as well
		runtime.Gosched()
	}
	s.ClearFaults()
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultDelay, Delay: slasconetest.Duration(time.Hour)})
	go try(t.Context())
	waitForRequest(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-hung; err == nil {
		t.Error("a hanging call got an answer from a closed server")
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://")); err == nil {
		conn.Close()
		t.Error("a closed server listens")
	}
	if err := s.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

// waitForRequest returns when a request is being served.
func waitForRequest(t *testing.T, s *slasconetest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for s.InFlight() == 0 {
		if ctx.Err() != nil {
			t.Fatal("no request came")
		}
		runtime.Gosched()
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	s := server(t)
	for _, f := range []slasconetest.Fault{
		{}, {Kind: "earthquake"}, {Kind: slasconetest.FaultHang, Endpoint: "nowhere"}, {Kind: slasconetest.FaultHang, Times: -1},
		{Kind: slasconetest.FaultStatus, Status: 42}, {Kind: slasconetest.FaultConflict}, {Kind: slasconetest.FaultDelay},
		{Kind: slasconetest.FaultOversize, Size: 1 << 40}, {Kind: slasconetest.FaultReplay, Back: 99}, {Kind: slasconetest.FaultForeign, Of: "planet"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was accepted", f)
				}
			}()
			s.Inject(f)
		}()
	}
}

func TestNonceSignatureIsOfDecodedBytes(t *testing.T) {
	_, c, _ := faulty(t)
	r := c.heartbeat("one")
	if err := verifyRSA(&testKey().PublicKey, []byte(base64.StdEncoding.EncodeToString(c.nonce)), r.header.Get(wire.HeaderNonceSignature)); err == nil {
		t.Error("the text of the nonce was signed")
	}
}
