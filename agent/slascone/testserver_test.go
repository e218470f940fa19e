package slascone

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testISV     = slasconetest.DemoISV
	testProduct = slasconetest.DemoProduct
	testLicense = slasconetest.DemoLicense
	testToken   = "19bf20dc-7e49-46cf-8667-ff3424b2fe20"
	testClient  = "24A43FCC-3674-0B19-A95F-047C160137E5"
	testSession = "5f0e3a5e-6d0d-4c1b-8f2d-6f6f0f3b7a11"
	testSecret  = "provisioning-key-never-to-be-seen"
)

// noon is the server's time in most tests.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// testKey is made once: a key takes longer than all the tests that use it.
var testKey = sync.OnceValue(func() *rsa.PrivateKey { return newTestKey(2048) })

// otherKey is somebody else's.
var otherKey = sync.OnceValue(func() *rsa.PrivateKey { return newTestKey(2048) })

func newTestKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// signed remembers signatures, which take longer than the rest of a test.
var signed sync.Map

func signRSA(key *rsa.PrivateKey, message []byte) string {
	digest := sha256.Sum256(message)
	type signing struct {
		key    *rsa.PrivateKey
		digest [sha256.Size]byte
	}
	if s, ok := signed.Load(signing{key, digest}); ok {
		return s.(string)
	}
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	text := base64.StdEncoding.EncodeToString(raw)
	signed.Store(signing{key, digest}, text)
	return text
}

func testVerifier() Verifier {
	v, err := RSA(&testKey().PublicKey)
	if err != nil {
		panic(err)
	}
	return v
}

// realServer starts a licence server whose clock stands at noon.
func realServer(t testing.TB, change ...func(*slasconetest.Config)) *slasconetest.Server {
	t.Helper()
	cfg := slasconetest.Config{Key: testKey(), ProvisioningKey: testSecret, Now: func() time.Time { return noon }}
	for _, c := range change {
		c(&cfg)
	}
	s := slasconetest.New(cfg)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// clientOf returns a client of the server at url.
func clientOf(t testing.TB, url string, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{ServerURL: url, ISVID: testISV, ProductID: testProduct, ProvisioningKey: testSecret, Verifier: testVerifier()}
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering is a transport that answers by itself, without any socket, so that
// time can stand still.
type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// scripted returns a client whose calls f answers.
func scripted(t testing.TB, f answering, change ...func(*Config)) *Client {
	t.Helper()
	change = append([]func(*Config){func(c *Config) { c.HTTPClient = &http.Client{Transport: f} }}, change...)
	return clientOf(t, "https://licences.example", change...)
}

// edit changes a response before it is sent.
type edit func(*http.Response)

// reply builds the response of a server that signs body and nonce with key.
func reply(r *http.Request, key *rsa.PrivateKey, status int, body string, change ...edit) *http.Response {
	resp := &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
	}
	setBody(resp, []byte(body))
	if key != nil {
		nonce, err := base64.StdEncoding.DecodeString(r.Header.Get(wire.HeaderNonce))
		if err != nil {
			panic(err)
		}
		resp.Header.Set(wire.HeaderSignature, signRSA(key, []byte(body)))
		resp.Header.Set(wire.HeaderNonceSignature, signRSA(key, nonce))
	}
	for _, c := range change {
		c(resp)
	}
	return resp
}

func setBody(resp *http.Response, body []byte) {
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// always answers every call alike.
func always(key *rsa.PrivateKey, status int, body string, change ...edit) answering {
	return func(r *http.Request) (*http.Response, error) { return reply(r, key, status, body, change...), nil }
}

func header(name, value string) edit {
	return func(r *http.Response) { r.Header.Set(name, value) }
}

func withoutHeader(name string) edit {
	return func(r *http.Response) { r.Header.Del(name) }
}

// body is a JSON object as text; edit changes members, and nil removes one.
func body(members map[string]any, edit map[string]any) string {
	all := map[string]any{}
	for _, m := range []map[string]any{members, edit} {
		for name, v := range m {
			if v == nil {
				delete(all, name)
				continue
			}
			all[name] = v
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// null is a member that is there and null.
var null = json.RawMessage("null")

func licenseBody(edit map[string]any) string {
	return body(map[string]any{
		"license_key": testLicense, "token_key": testToken, "legacy_license_key": "OLD-0815", "client_id": testClient,
		"product_id": testProduct, "license_name": "Gold", "is_license_active": true, "is_license_expired": false,
		"is_license_valid": true, "is_software_version_valid": true, "date_validity": 0, "created_date_utc": "2026-03-10T12:00:00Z",
	}, edit)
}

func sessionBody(edit map[string]any) string {
	return body(map[string]any{
		"is_session_valid": true, "session_valid_until": "2026-03-10T12:05:00Z", "session_created_date": "2026-03-10T12:00:00Z",
		"session_modified_date": "2026-03-10T12:00:00Z", "max_open_session_count": 3, "max_active_client_count": 7,
	}, edit)
}

const (
	conflictBody = `{"id":1001,"message":"The license is expired.","help":"See the help centre."}`
	ackBody      = `"Success."`
)

// The usual calls.
func activation() Activation {
	return Activation{Key: testLicense, ClientID: testClient, ClientName: "PC", SoftwareVersion: "1.0"}
}

func heartbeat() Heartbeat {
	return Heartbeat{ClientID: testClient, LicenseKey: testLicense, SoftwareVersion: "1.0", OperatingSystem: "Plan 9"}
}

func sessionCall() SessionCall {
	return SessionCall{LicenseKey: testLicense, ClientID: testClient, SessionID: testSession}
}

// outcome is an Answer without what it carries.
type outcome struct {
	kind   Kind
	reason Reason
	code   int
}

func outcomeOf[T any](a Answer[T]) outcome {
	o := outcome{kind: a.Kind, code: a.Conflict.ID}
	if a.Err != nil {
		o.reason = a.Err.Reason
	}
	return o
}

// call is one of the client's calls, its arguments given.
type call struct {
	endpoint slasconetest.Endpoint
	make     func(*testing.T, Known) outcome
}

// calls are all the calls there are, in an order in which each can succeed.
func calls(c *Client, token string) []call {
	return []call{
		{slasconetest.Activation, func(t *testing.T, k Known) outcome { return sound(t, c.Activate(t.Context(), activation(), k)) }},
		{slasconetest.Heartbeat, func(t *testing.T, k Known) outcome { return sound(t, c.Heartbeat(t.Context(), heartbeat(), k)) }},
		{slasconetest.SessionOpen, func(t *testing.T, k Known) outcome {
			return sound(t, c.OpenFloating(t.Context(), sessionCall(), k))
		}},
		{slasconetest.SessionClose, func(t *testing.T, k Known) outcome {
			return sound(t, c.CloseFloating(t.Context(), sessionCall(), k))
		}},
		{slasconetest.Unassign, func(t *testing.T, k Known) outcome { return sound(t, c.Unassign(t.Context(), token, k)) }},
	}
}

// sound checks what holds for every answer, whatever the server sent.
func sound[T any](t testing.TB, a Answer[T]) outcome {
	t.Helper()
	switch {
	case (a.Kind == Silence) != (a.Err != nil):
		t.Errorf("%v with error %v", a.Kind, a.Err)
	case a.Kind == Silence && (a.Conflict.ID != 0 || !a.Evidence.IsZero() || !a.At.IsZero()):
		t.Errorf("silence that carries something: %+v", a)
	case a.Kind == Yes && a.Conflict.ID != 0:
		t.Errorf("a yes with conflict %d", a.Conflict.ID)
	case a.RetryAfter < 0 || a.RetryAfter > MaxRetryAfter:
		t.Errorf("RetryAfter = %v", a.RetryAfter)
	}
	if a.Err != nil {
		readable(t, a.Err)
	}
	return outcomeOf(a)
}

// readable checks that an error can be shown to a person and gives nothing away.
func readable(t testing.TB, err error) {
	t.Helper()
	text := err.Error()
	if text == "" || len(text) > 1500 {
		t.Errorf("an error of %d bytes: %.80q", len(text), text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		t.Errorf("unprintable: %q", text)
	}
	for _, secret := range []string{testSecret, testToken, testLicense, testISV} {
		if strings.Contains(text, secret) {
			t.Errorf("the error tells %s: %s", secret, text)
		}
	}
}
