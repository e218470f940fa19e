package slascone

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestChecksComeInOrder(t *testing.T) {
	// Each response has the defect that is wanted and all those of the rows
	// below it.
	big := strings.Repeat("x", maxBody+1)
	html, badSignature, badNonce := header("Content-Type", "text/html"), header(wire.HeaderSignature, "AAAA"), header(wire.HeaderNonceSignature, "AAAA")
	late := map[string]any{"created_date_utc": "2020-01-01T00:00:00Z"}
	lateAndForeign := map[string]any{"created_date_utc": "2020-01-01T00:00:00Z", "client_id": "another"}
	misshapen := map[string]any{"created_date_utc": "2020-01-01T00:00:00Z", "client_id": "another", "is_license_valid": null}
	for _, test := range []struct {
		want   Reason
		server answering
	}{
		{ServerFailure, always(testKey(), 500, big, html, badSignature, badNonce)},
		{NotJSON, always(testKey(), 200, big, html, badSignature, badNonce)},
		{TooLarge, always(testKey(), 200, big, badSignature, badNonce)},
		{BadSignature, always(testKey(), 200, licenseBody(misshapen), badSignature, badNonce)},
		{BadNonce, always(testKey(), 200, licenseBody(misshapen), badNonce)},
		{BadShape, always(testKey(), 200, licenseBody(misshapen))},
		{Foreign, always(testKey(), 200, licenseBody(lateAndForeign))},
		{Stale, always(testKey(), 200, licenseBody(late))},
	} {
		t.Run(test.want.String(), func(t *testing.T) {
			a := scripted(t, test.server).Heartbeat(t.Context(), heartbeat(), Known{NotBefore: noon})
			if got := sound(t, a); got != (outcome{reason: test.want}) {
				t.Errorf("%+v (%v)", got, a.Err)
			}
		})
	}
}

// TestNoBodyIsReadBeforeItsTime: a page of another type, or one announced as too
// large, is not read to its end.
func TestNoBodyIsReadBeforeItsTime(t *testing.T) {
	for name, change := range map[string]edit{
		"not JSON":            header("Content-Type", "text/html"),
		"announced too large": func(r *http.Response) { r.ContentLength = maxBody + 1 },
		"another status":      func(r *http.Response) { r.StatusCode = 500 },
	} {
		t.Run(name, func(t *testing.T) {
			counted := &countingReader{}
			c := scripted(t, always(testKey(), 200, "", change, func(r *http.Response) { r.Body = io.NopCloser(counted) }))
			if a := c.Heartbeat(t.Context(), heartbeat(), Known{}); a.Kind != Silence {
				t.Error(a.Kind)
			}
			if counted.n > maxRest {
				t.Errorf("%d bytes were read", counted.n)
			}
		})
	}
}

// countingReader never ends.
type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	return len(p), nil
}

func TestContentTypes(t *testing.T) {
	for kind, want := range map[string]bool{
		"application/json":                    true,
		"application/json; charset=utf-8":     true,
		"Application/JSON;charset=UTF-8":      true,
		"application/json; charset":           true, // untidy, but its type is plain
		"text/json":                           true,
		"application/problem+json":            true,
		"application/vnd.slascone.v2+json":    true,
		"":                                    false,
		"text/html; charset=utf-8":            false,
		"text/plain":                          false,
		"application/xml":                     false,
		"application/jsonp":                   false,
		"image/svg+json":                      false,
		"application/octet-stream":            false,
		"text/html, application/json":         false,
		"text/html; x=application/json":       false,
		"multipart/mixed; boundary=json+json": false,
	} {
		if got := isJSON(kind); got != want {
			t.Errorf("isJSON(%q) = %v", kind, got)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	license := licenseBody(nil)
	exact := license + strings.Repeat(" ", maxBody-len(license))
	for name, test := range map[string]struct {
		body string
		want outcome
	}{
		"4 MiB":          {exact, outcome{kind: Yes}},
		"one byte more":  {exact + " ", outcome{reason: TooLarge}},
		"without a size": {exact + " ", outcome{reason: TooLarge}},
	} {
		t.Run(name, func(t *testing.T) {
			c := scripted(t, always(testKey(), 200, test.body, func(r *http.Response) {
				if name == "without a size" {
					r.ContentLength = -1
				}
			}))
			if got := sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{})); got != test.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestSignatureSettings(t *testing.T) {
	unsigned := func(c *Config) { c.Verifier = Unsigned() }
	oldServer := func(c *Config) { c.AllowMissingNonce = true }
	lax := func(c *Config) { c.AllowUnsignedConflicts = true }
	no, yes := outcome{kind: No, code: 1001}, outcome{kind: Yes}
	noSignature, noNonce := withoutHeader(wire.HeaderSignature), withoutHeader(wire.HeaderNonceSignature)
	badSignature, badNonce := header(wire.HeaderSignature, signRSA(otherKey(), []byte("x"))), header(wire.HeaderNonceSignature, signRSA(testKey(), []byte("another nonce")))
	type changes = []edit
	for name, test := range map[string]struct {
		status int
		damage changes
		config []func(*Config)
		want   outcome
	}{
		"200":                                   {200, nil, nil, yes},
		"200 without nonce":                     {200, changes{noNonce}, nil, outcome{reason: BadNonce}},
		"200 without nonce, allowed":            {200, changes{noNonce}, []func(*Config){oldServer}, yes},
		"200 with bad nonce, missing allowed":   {200, changes{badNonce}, []func(*Config){oldServer}, outcome{reason: BadNonce}},
		"200 without signature":                 {200, changes{noSignature}, nil, outcome{reason: BadSignature}},
		"200 without signature, lax conflicts":  {200, changes{noSignature}, []func(*Config){lax, oldServer}, outcome{reason: BadSignature}},
		"200 without anything, unsigned":        {200, changes{noSignature, noNonce}, []func(*Config){unsigned}, yes},
		"409":                                   {409, nil, nil, no},
		"409 without signature":                 {409, changes{noSignature}, nil, outcome{reason: BadSignature}},
		"409 with another's signature":          {409, changes{badSignature}, nil, outcome{reason: BadSignature}},
		"409 without nonce":                     {409, changes{noNonce}, nil, outcome{reason: BadNonce}},
		"409 without nonce, allowed":            {409, changes{noNonce}, []func(*Config){oldServer}, no},
		"409 without anything, lax":             {409, changes{noSignature, noNonce}, []func(*Config){lax}, no},
		"409 without signature, lax":            {409, changes{noSignature}, []func(*Config){lax}, no},
		"409 with another's signature, lax":     {409, changes{badSignature}, []func(*Config){lax}, outcome{reason: BadSignature}},
		"409 without signature, bad nonce, lax": {409, changes{noSignature, badNonce}, []func(*Config){lax}, outcome{reason: BadNonce}},
		"409 signed without nonce, lax":         {409, changes{noNonce}, []func(*Config){lax}, outcome{reason: BadNonce}},
		"409 without anything, unsigned":        {409, changes{noSignature, noNonce}, []func(*Config){unsigned}, no},
	} {
		t.Run(name, func(t *testing.T) {
			text := map[int]string{200: licenseBody(nil), 409: conflictBody}[test.status]
			a := scripted(t, always(testKey(), test.status, text, test.damage...), test.config...).Heartbeat(t.Context(), heartbeat(), Known{})
			if got := sound(t, a); got != test.want {
				t.Errorf("%+v (%v)", got, a.Err)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	var seen []*http.Request
	var bodies []string
	c := scripted(t, func(r *http.Request) (*http.Response, error) {
		text, _ := io.ReadAll(r.Body)
		seen, bodies = append(seen, r), append(bodies, string(text))
		return nil, io.EOF
	}, func(c *Config) { c.ServerURL = "https://licences.example/base/" })
	a := activation()
	a.Tags, a.Description, a.At = []string{"lab"}, "her <PC>", noon
	c.Activate(t.Context(), a, Known{})
	h := heartbeat()
	h.TokenKey, h.UserID, h.GroupID, h.TypeID = testToken, "ann", "group", testSession
	c.Heartbeat(t.Context(), h, Known{})
	s := sessionCall()
	s.UserID, s.Checkout = "ann", 90*time.Second
	c.OpenFloating(t.Context(), s, Known{})
	c.CloseFloating(t.Context(), sessionCall(), Known{})
	c.Unassign(t.Context(), testToken, Known{})

	const session = `{"license_id":"` + testLicense + `","client_id":"` + testClient + `","session_id":"` + testSession + `"`
	nonces := map[string]bool{}
	for i, want := range []struct{ path, body string }{
		{"/provisioning/activations", `{"product_id":"` + testProduct + `","license_key":"` + testLicense + `","client_id":"` + testClient +
			`","client_name":"PC","client_description":"her \u003cPC\u003e","software_version":"1.0","timestamp_utc":"` + noon.UTC().Format(time.RFC3339) + `","tags":["lab"]}`},
		{"/provisioning/heartbeats", `{"product_id":"` + testProduct + `","client_id":"` + testClient +
			`","software_version":"1.0","operating_system":"Plan 9","user_id":"ann","token_key":"` + testToken + `","group_id":"group","heartbeat_type_id":"` + testSession + `"}`},
		{"/provisioning/session/open", session + `,"user_id":"ann","checkout_period":1.5}`},
		{"/provisioning/session/close", session + `}`},
		{"/provisioning/unassign", `{"token_key":"` + testToken + `"}`},
	} {
		r := seen[i]
		if got := r.Method + " " + r.URL.String(); got != "POST https://licences.example/base/api/v2/isv/"+testISV+want.path {
			t.Error(got)
		}
		if bodies[i] != want.body {
			t.Errorf("%s: %s", want.path, bodies[i])
		}
		for name, value := range map[string]string{
			"ProvisioningKey": testSecret, "Content-Type": "application/json", "Accept": "application/json",
			"Accept-Encoding": "identity", "User-Agent": "leasehold",
		} {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%s: %s: %q", want.path, name, got)
			}
		}
		nonce, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Nonce"))
		if err != nil || len(nonce) != 16 || nonces[string(nonce)] {
			t.Errorf("%s: nonce %x, %v", want.path, nonce, err)
		}
		nonces[string(nonce)] = true
		if _, bounded := r.Context().Deadline(); !bounded {
			t.Errorf("%s: no deadline", want.path)
		}
	}
}

// TestAClientIsRequired: without one nothing would bind the answer.
func TestAClientIsRequired(t *testing.T) {
	c := scripted(t, func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, io.EOF
	})
	for _, id := range []string{"", " \t"} {
		for name, got := range map[string]outcome{
			"activate":  sound(t, c.Activate(t.Context(), Activation{Key: testLicense, ClientID: id}, Known{})),
			"heartbeat": sound(t, c.Heartbeat(t.Context(), Heartbeat{ClientID: id}, Known{})),
			"open":      sound(t, c.OpenFloating(t.Context(), SessionCall{ClientID: id}, Known{})),
			"close":     sound(t, c.CloseFloating(t.Context(), SessionCall{ClientID: id}, Known{})),
		} {
			if got != (outcome{reason: BadRequest}) {
				t.Errorf("%s with client %q: %+v", name, id, got)
			}
		}
	}
}

func TestDeadline(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	// slow answers at once and then sends a byte a second.
	slow := func(status int, kind string) answering {
		return func(r *http.Request) (*http.Response, error) {
			return reply(r, testKey(), status, "", header("Content-Type", kind), func(resp *http.Response) {
				resp.ContentLength = -1
				resp.Body = io.NopCloser(dripping{r.Context()})
			}), nil
		}
	}
	for name, test := range map[string]struct {
		server answering
		config time.Duration
		caller time.Duration // 0: the caller has no deadline
		want   Reason
		after  time.Duration
	}{
		"no answer, default":          {hang, 0, 0, TimedOut, 15 * time.Second},
		"no answer, configured":       {hang, time.Minute, 0, TimedOut, time.Minute},
		"no answer, caller's is less": {hang, 0, time.Second, TimedOut, time.Second},
		"endless body":                {slow(200, "application/json"), 0, 0, TimedOut, 15 * time.Second},
		"endless body of a portal":    {slow(200, "text/html"), 0, 0, NotJSON, 0},
		"endless body of a failure":   {slow(503, "application/json"), 0, 0, ServerFailure, restTime},
		"endless body of a 400":       {slow(400, "application/json"), 0, 0, BadRequest, restTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := scripted(t, test.server, func(c *Config) { c.Timeout = test.config })
				ctx := t.Context()
				if test.caller > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.caller)
					defer cancel()
				}
				began := time.Now()
				a := c.Heartbeat(ctx, heartbeat(), Known{})
				if took := time.Since(began); took != test.after || sound(t, a).reason != test.want {
					t.Errorf("%v after %v (%v)", a.Err.Reason, took, a.Err)
				}
			})
		})
	}
}

// TestGivenUpBefore: a call whose caller has given up does not go out, whatever
// the application's transport makes of its context.
func TestGivenUpBefore(t *testing.T) {
	sent := 0
	c := scripted(t, func(r *http.Request) (*http.Response, error) {
		sent++
		return always(testKey(), 200, "{}")(r)
	})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for want, ctx := range map[Reason]context.Context{Cancelled: cancelled, TimedOut: late} {
		if got := sound(t, c.Heartbeat(ctx, heartbeat(), Known{})).reason; got != want || sent > 0 {
			t.Errorf("%v, want %v; %d calls", got, want, sent)
		}
	}
}

// dripping is a body that never ends and comes a byte a second.
type dripping struct{ ctx context.Context }

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

// TestInjectedTimeout: the deadline of the application's own HTTP client while
// the body is read is a deadline, not a broken connection.
func TestInjectedTimeout(t *testing.T) {
	c := scripted(t, always(testKey(), 200, "", func(r *http.Response) {
		r.ContentLength = -1
		r.Body = io.NopCloser(errorReader{timeoutError{}})
	}))
	a := c.Heartbeat(t.Context(), heartbeat(), Known{})
	if got := sound(t, a); got.reason != TimedOut || a.Err.Status != 200 {
		t.Errorf("%+v, status %d", got, a.Err.Status)
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "Client.Timeout exceeded" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return false }

func TestRetryAfterComesWithEveryKindOfAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   outcome
	}{
		"yes":       {200, licenseBody(nil), outcome{kind: Yes}},
		"flags":     {200, licenseBody(map[string]any{"is_license_valid": false}), outcome{kind: No}},
		"conflict":  {409, conflictBody, outcome{kind: No, code: 1001}},
		"throttled": {429, "", outcome{reason: Throttled}},
		"failure":   {503, "", outcome{reason: ServerFailure}},
		"bad shape": {200, "{}", outcome{reason: BadShape}},
		"nonsense":  {409, "{}", outcome{reason: BadShape}},
	} {
		t.Run(name, func(t *testing.T) {
			a := scripted(t, always(testKey(), test.status, test.body, header("Retry-After", "90"))).Heartbeat(t.Context(), heartbeat(), Known{})
			if got := sound(t, a); got != test.want || a.RetryAfter != 90*time.Second {
				t.Errorf("%+v, %v", got, a.RetryAfter)
			}
		})
	}
}

// TestFaults runs every call against a server that goes wrong in each way.
func TestFaults(t *testing.T) {
	type fault = slasconetest.Fault
	licenses := []slasconetest.Endpoint{slasconetest.Activation, slasconetest.Heartbeat}
	for name, test := range map[string]struct {
		fault fault
		want  outcome
		only  []slasconetest.Endpoint // nil: all
	}{
		"401":             {fault{Kind: slasconetest.FaultStatus, Status: 401}, outcome{reason: Unauthorized}, nil},
		"403":             {fault{Kind: slasconetest.FaultStatus, Status: 403}, outcome{reason: Unauthorized}, nil},
		"404":             {fault{Kind: slasconetest.FaultStatus, Status: 404}, outcome{reason: NotFound}, nil},
		"429":             {fault{Kind: slasconetest.FaultStatus, Status: 429, RetryAfter: "7"}, outcome{reason: Throttled}, nil},
		"503":             {fault{Kind: slasconetest.FaultStatus}, outcome{reason: ServerFailure}, nil},
		"200 unsigned":    {fault{Kind: slasconetest.FaultStatus, Status: 200}, outcome{reason: BadSignature}, nil},
		"409 unsigned":    {fault{Kind: slasconetest.FaultStatus, Status: 409}, outcome{reason: BadSignature}, nil},
		"conflict":        {fault{Kind: slasconetest.FaultConflict, Conflict: 1007}, outcome{kind: No, code: 1007}, nil},
		"unknown":         {fault{Kind: slasconetest.FaultConflict, Conflict: 987654}, outcome{kind: No, code: 987654}, nil},
		"reset":           {fault{Kind: slasconetest.FaultReset}, outcome{reason: Unreachable}, nil},
		"garbage":         {fault{Kind: slasconetest.FaultGarbage}, outcome{reason: BadShape}, nil},
		"portal":          {fault{Kind: slasconetest.FaultPortal}, outcome{reason: NotJSON}, nil},
		"redirect":        {fault{Kind: slasconetest.FaultRedirect}, outcome{reason: Redirected}, nil},
		"oversize":        {fault{Kind: slasconetest.FaultOversize}, outcome{reason: TooLarge}, nil},
		"truncate":        {fault{Kind: slasconetest.FaultTruncate}, outcome{reason: Truncated}, nil},
		"type":            {fault{Kind: slasconetest.FaultContentType}, outcome{reason: NotJSON}, nil},
		"unsigned":        {fault{Kind: slasconetest.FaultUnsigned}, outcome{reason: BadSignature}, nil},
		"bad signature":   {fault{Kind: slasconetest.FaultBadSignature}, outcome{reason: BadSignature}, nil},
		"no nonce":        {fault{Kind: slasconetest.FaultNoNonceSignature}, outcome{reason: BadNonce}, nil},
		"bad nonce":       {fault{Kind: slasconetest.FaultBadNonceSignature}, outcome{reason: BadNonce}, nil},
		"shape":           {fault{Kind: slasconetest.FaultShape}, outcome{reason: BadShape}, nil},
		"stale":           {fault{Kind: slasconetest.FaultStale}, outcome{reason: Stale}, append(licenses, slasconetest.SessionOpen)},
		"foreign client":  {fault{Kind: slasconetest.FaultForeign}, outcome{reason: Foreign}, licenses},
		"foreign product": {fault{Kind: slasconetest.FaultForeign, Of: "product"}, outcome{reason: Foreign}, licenses},
		"foreign licence": {fault{Kind: slasconetest.FaultForeign, Of: "licence"}, outcome{reason: Foreign}, licenses},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, token := seated(t)
			s.Inject(test.fault)
			for _, call := range calls(c, token) {
				if test.only != nil && !slices.Contains(test.only, call.endpoint) {
					continue
				}
				if got := call.make(t, Known{NotBefore: noon, Latest: noon}); got != test.want {
					t.Errorf("%s: %+v", call.endpoint, got)
				}
			}
		})
	}
}

// seated starts a server on which the test client holds a floating seat, and
// returns it with the client and the seat's token key.
func seated(t testing.TB, change ...func(*Config)) (*slasconetest.Server, *Client, string) {
	t.Helper()
	s := realServer(t)
	s.AddLicense(slasconetest.License{Key: testLicense, Floating: true})
	c := clientOf(t, s.URL, change...)
	a := c.Activate(t.Context(), activation(), Known{})
	if got := sound(t, a); got != (outcome{kind: Yes}) {
		t.Fatalf("activation: %+v", got)
	}
	if got := sound(t, c.OpenFloating(t.Context(), sessionCall(), Known{})); got != (outcome{kind: Yes}) {
		t.Fatalf("session: %+v", got)
	}
	return s, c, a.Value.TokenKey()
}

// TestReplay: an old answer, correctly signed, beside a fresh nonce signature.
func TestReplay(t *testing.T) {
	s, c, _ := seated(t)
	first := c.Heartbeat(t.Context(), heartbeat(), Known{})
	s.Advance(time.Hour)
	second := c.Heartbeat(t.Context(), heartbeat(), Known{NotBefore: first.At})
	if second.Kind != Yes || second.At.Sub(first.At) != time.Hour {
		t.Fatalf("%v at %v, then %v at %v", first.Kind, first.At, second.Kind, second.At)
	}
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultReplay, Back: 2})
	if got := sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{NotBefore: second.At})); got.reason != Stale {
		t.Errorf("%+v", got)
	}
}

// TestNothingIsPrinted: what a server sends behind its response must not end up
// on the host's standard error, as net/http prints it: a licence key may be in it.
func TestNothingIsPrinted(t *testing.T) {
	const secret = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
	for name, response := range map[string]string{
		"behind a body":   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" + secret,
		"behind chunks":   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + secret,
		"behind a 204":    "HTTP/1.1 204 No Content\r\nContent-Length: 36\r\n\r\n" + secret,
		"behind a 304":    "HTTP/1.1 304 Not Modified\r\n\r\n" + secret,
		"two responses":   strings.Repeat("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 36\r\n\r\n"+secret, 2),
		"an empty answer": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + secret,
	} {
		for whose, own := range map[string]*http.Client{"": nil, ", HTTP client injected": {Transport: &http.Transport{}}} {
			t.Run(name+whose, func(t *testing.T) {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer listener.Close()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					defer conn.Close()
					r := bufio.NewReader(conn)
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					_, _ = io.WriteString(conn, response)
					_, _ = io.Copy(io.Discard, r) // until the client has ended the connection, and printed before
				}()
				var printed bytes.Buffer
				log.SetOutput(&printed)
				defer log.SetOutput(os.Stderr)
				c := clientOf(t, "http://"+listener.Addr().String(), func(c *Config) { c.HTTPClient = own })
				a := c.Heartbeat(t.Context(), heartbeat(), Known{})
				<-ended
				if a.Kind != Silence || printed.Len() != 0 || strings.Contains(a.Err.Error(), secret) {
					t.Errorf("%v; printed %q", a.Err, printed.String())
				}
			})
		}
	}
}

// TestLogs: one record a call, and nothing in it that must stay secret.
func TestLogs(t *testing.T) {
	var log bytes.Buffer
	s, c, token := seated(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	log.Reset()
	for _, f := range []slasconetest.FaultKind{slasconetest.FaultStatus, slasconetest.FaultReset, slasconetest.FaultForeign} {
		s.Inject(slasconetest.Fault{Kind: f, Times: 5})
	}
	for range 4 {
		for _, call := range calls(c, token) {
			call.make(t, Known{})
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 20 {
		t.Errorf("%d records for 20 calls", n)
	}
	for _, want := range []string{"path=/provisioning/heartbeats", "status=200", "silence=server_failure", "status=503", "silence=unreachable", "took="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in\n%s", want, log.String())
		}
	}
	for _, secret := range []string{testSecret, token, testLicense, testClient, testISV, testSession} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
}

func TestHMACServer(t *testing.T) {
	for name, upper := range map[string]bool{"lower case": false, "upper case": true} {
		t.Run(name, func(t *testing.T) {
			const shared = "geteilter Schlüssel"
			s := realServer(t, func(c *slasconetest.Config) {
				c.Signing, c.HMACKey, c.UpperHex = slasconetest.SigningHMAC, shared, upper
			})
			s.AddLicense(slasconetest.License{Key: testLicense})
			v, err := HMAC(shared)
			if err != nil {
				t.Fatal(err)
			}
			c := clientOf(t, s.URL, func(c *Config) { c.Verifier = v })
			a := c.Activate(t.Context(), activation(), Known{})
			if got := sound(t, a); got != (outcome{kind: Yes}) {
				t.Fatalf("%+v (%v)", got, a.Err)
			}
			if raw, err := hex.DecodeString(a.Evidence.Signature); err != nil || len(raw) != 32 {
				t.Errorf("signature %q", a.Evidence.Signature)
			}
			s.Inject(slasconetest.Fault{Kind: slasconetest.FaultBadSignature})
			if got := sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{})); got.reason != BadSignature {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestUnsignedServer(t *testing.T) {
	s := realServer(t, func(c *slasconetest.Config) { c.Signing = slasconetest.SigningNone })
	s.AddLicense(slasconetest.License{Key: testLicense})
	trusting := clientOf(t, s.URL, func(c *Config) { c.Verifier = Unsigned() })
	a := trusting.Activate(t.Context(), activation(), Known{})
	if got := sound(t, a); got != (outcome{kind: Yes}) || a.Evidence.Signature != "" {
		t.Errorf("%+v (%v)", got, a.Err)
	}
	if got := sound(t, clientOf(t, s.URL).Heartbeat(t.Context(), heartbeat(), Known{})); got.reason != BadSignature {
		t.Errorf("a client that was not told: %+v", got)
	}
}

// FuzzResponse: whatever bytes the network sends, they end in Silence, for they
// are not signed.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slascone-Signature: AAAA\r\nX-Nonce-Signature: AAAA\r\n\r\n" + licenseBody(nil)))
	f.Add([]byte("HTTP/1.1 409 Conflict\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " + strconv.Itoa(len(conflictBody)) + "\r\n\r\n" + conflictBody))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"tit\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := scripted(t, func(r *http.Request) (*http.Response, error) {
			return http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), r)
		})
		for _, call := range calls(c, testToken) {
			if got := call.make(t, Known{}); got.kind != Silence {
				t.Errorf("%s: %+v", call.endpoint, got)
			}
		}
	})
}

// TestNothingIsRepeated: a server, or a proxy on the way, can repeat the secrets of
// a request anywhere in its response; no error may show them.
func TestNothingIsRepeated(t *testing.T) {
	const token = "4e420432-8ba4-439c-98b3-7929f33d5e87"
	for _, secret := range []string{testSecret, token, strings.ToUpper(token), strings.ReplaceAll(token, "-", "")} {
		text := "1 " + secret + " " + strings.Repeat("x", 70)
		for name, change := range map[string]func(r *http.Response){
			"media type":       func(r *http.Response) { r.Header.Set("Content-Type", "application/"+secret) },
			"type":             func(r *http.Response) { r.Header.Set("Content-Type", secret) },
			"content encoding": func(r *http.Response) { r.Header.Set("Content-Encoding", secret) },
			"sign-in":          func(r *http.Response) { r.StatusCode = 407; r.Header.Set("Proxy-Authenticate", secret) },
			"signature":        func(r *http.Response) { r.Header.Set(wire.HeaderSignature, secret) },
			"status":           func(r *http.Response) { r.StatusCode, r.Status = 500, "500 "+secret },
			"problem":          func(r *http.Response) { r.StatusCode = 400 },
			"retry":            func(r *http.Response) { r.StatusCode = 429; r.Header.Set("Retry-After", secret) },
		} {
			c := scripted(t, always(testKey(), 200, `{"title":"`+text+`"}`, change))
			if a := c.Heartbeat(t.Context(), heartbeat(), Known{}); a.Kind != Silence || strings.Contains(strings.ToLower(a.Err.Error()), strings.ToLower(secret[:20])) {
				t.Errorf("%s: %v: %v", name, a.Kind, a.Err)
			}
		}
		for name, body := range map[string]string{
			"message":  `{"id":77777,"message":"` + text + `"}`,
			"cut":      `{"id":77777,"message":"` + strings.Repeat("x", maxConflictMessage-20) + text + `"}`,
			"in words": `{"id":77777,"message":"key:` + secret + `,` + strings.Repeat("x", 70) + `"}`,
		} {
			c := scripted(t, always(testKey(), 409, body))
			if a := c.Heartbeat(t.Context(), heartbeat(), Known{}); a.Kind != No || strings.Contains(strings.ToLower(a.Conflict.Message), strings.ToLower(secret[:10])) {
				t.Errorf("%s: %v: %q", name, a.Kind, a.Conflict.Message)
			}
		}
		for name, body := range map[string]string{
			"date":  `{"expiration_date_utc":"` + text + `"}`,
			"bool":  `{"is_license_valid":"` + text + `"}`,
			"twice": `{"x":{"` + secret + `":1,"` + secret + `":2},"y":"` + strings.Repeat("x", 70) + `"}`,
		} {
			c := scripted(t, always(testKey(), 200, body))
			if a := c.Heartbeat(t.Context(), heartbeat(), Known{}); a.Kind != Silence || secret != testSecret && strings.Contains(strings.ToLower(a.Err.Error()), strings.ToLower(secret[:20])) {
				t.Errorf("%s: %v: %v", name, a.Kind, a.Err)
			}
		}
	}
}
