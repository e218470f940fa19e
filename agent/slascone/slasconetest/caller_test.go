package slasconetest_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a fifth of the time of these tests was the collector's
	goleak.VerifyTestMain(m)
}

const (
	pathActivation   = wire.PathActivation
	pathHeartbeat    = wire.PathHeartbeat
	pathSessionOpen  = wire.PathSessionOpen
	pathSessionClose = wire.PathSessionClose
	pathUnassign     = wire.PathUnassign
)

// testKey is made once: a key takes longer than all the tests that use it.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// start is noon of a day without meaning.
var start = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// server starts a server whose clock stands still at start until it is moved.
func server(t testing.TB, change ...func(*slasconetest.Config)) *slasconetest.Server {
	t.Helper()
	cfg := slasconetest.Config{Key: testKey(), Now: func() time.Time { return start }}
	for _, c := range change {
		c(&cfg)
	}
	s := slasconetest.New(cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reply is a response that was read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error // of the exchange or of reading
}

// caller speaks to a server without any code of the client under test elsewhere.
type caller struct {
	t      testing.TB
	s      *slasconetest.Server
	client *http.Client
	key    string
	nonce  []byte
}

func call(t testing.TB, s *slasconetest.Server) *caller {
	t.Helper()
	c := &caller{t: t, s: s, client: s.Client(), key: s.ProvisioningKey(), nonce: make([]byte, 16)}
	_, _ = rand.Read(c.nonce)
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

func (c *caller) do(method, url string, body []byte, header http.Header) reply {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, data, err}
}

// post calls a licensing endpoint with a value or with raw bytes.
func (c *caller) post(path string, body any) reply {
	c.t.Helper()
	data, raw := body.([]byte)
	if !raw {
		var err error
		if data, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if c.key != "" {
		header.Set(wire.HeaderProvisioningKey, c.key)
	}
	if c.nonce != nil {
		header.Set(wire.HeaderNonce, base64.StdEncoding.EncodeToString(c.nonce))
	}
	return c.do(http.MethodPost, c.s.URL+wire.Prefix(c.s.ISV())+path, data, header)
}

// verify checks both signatures against the server's public key.
func (c *caller) verify(r reply) error {
	block, _ := pem.Decode([]byte(c.s.PublicKeyPEM()))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	return errors.Join(
		verifyRSA(key.(*rsa.PublicKey), r.body, r.header.Get(wire.HeaderSignature)),
		verifyRSA(key.(*rsa.PublicKey), c.nonce, r.header.Get(wire.HeaderNonceSignature)))
}

func verifyRSA(key *rsa.PublicKey, message []byte, signature string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(message)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw)
}

// want fails unless the reply has the status, or with a status over 1000 is the
// conflict of that ID, correctly signed in both cases.
func (c *caller) want(r reply, code int) reply {
	c.t.Helper()
	if r.err != nil {
		c.t.Fatalf("call failed: %v; want %d", r.err, code)
	}
	got := r.status
	var conflict wire.Conflict
	if r.status == http.StatusConflict && json.Unmarshal(r.body, &conflict) == nil {
		got = conflict.ID
	}
	if got != code {
		c.t.Fatalf("status %d, body %s; want %d", r.status, r.body, code)
	}
	if r.status == http.StatusOK || r.status == http.StatusConflict {
		if err := c.verify(r); err != nil {
			c.t.Fatalf("signature of %s: %v", r.body, err)
		}
	}
	return r
}

// activate, heartbeat, open and end make the usual requests.
func (c *caller) activate(key, client string, change ...func(*wire.ActivationRequest)) reply {
	c.t.Helper()
	req := wire.ActivationRequest{ProductID: slasconetest.DemoProduct, LicenseKey: key, ClientID: client, ClientName: "PC", SoftwareVersion: "1.0"}
	for _, f := range change {
		f(&req)
	}
	return c.post(pathActivation, req)
}

func (c *caller) heartbeat(client string, change ...func(*wire.HeartbeatRequest)) reply {
	c.t.Helper()
	req := wire.HeartbeatRequest{ProductID: slasconetest.DemoProduct, ClientID: client, SoftwareVersion: "1.0", OperatingSystem: "Plan 9"}
	for _, f := range change {
		f(&req)
	}
	return c.post(pathHeartbeat, req)
}

func (c *caller) session(path, key, client, session string, change ...func(*wire.SessionRequest)) reply {
	c.t.Helper()
	req := wire.SessionRequest{LicenseID: key, ClientID: client, SessionID: session}
	for _, f := range change {
		f(&req)
	}
	return c.post(path, req)
}

func decode[T any](t testing.TB, r reply) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return v
}

func info(t testing.TB, r reply) wire.LicenseInfo {
	t.Helper()
	return decode[wire.LicenseInfo](t, r)
}
