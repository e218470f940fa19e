package slasconetest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestAdmission(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	fine := `{"product_id":"` + slasconetest.DemoProduct + `","license_key":"` + lic.Key + `","client_id":"one"}`
	base := s.URL + wire.Prefix(s.ISV())
	header := func(change func(http.Header)) http.Header {
		h := http.Header{"Content-Type": {"application/json"}}
		h.Set(wire.HeaderProvisioningKey, s.ProvisioningKey())
		change(h)
		return h
	}
	nonce := func(n int) http.Header {
		return header(func(h http.Header) {
			h.Set(wire.HeaderNonce, base64.StdEncoding.EncodeToString(make([]byte, n)))
		})
	}
	same := func(http.Header) {}
	for name, test := range map[string]struct {
		method, url, body string
		header            http.Header
		want              int
	}{
		"fine":             {"POST", base + pathActivation, fine, header(same), 200},
		"no key":           {"POST", base + pathActivation, fine, header(func(h http.Header) { h.Del(wire.HeaderProvisioningKey) }), 401},
		"wrong key":        {"POST", base + pathActivation, fine, header(func(h http.Header) { h.Set(wire.HeaderProvisioningKey, "x") }), 401},
		"wrong isv":        {"POST", s.URL + wire.Prefix(slasconetest.DemoProduct) + pathActivation, fine, header(same), 403},
		"unknown path":     {"POST", base + "/provisioning/nothing", fine, header(same), 404},
		"wrong method":     {"GET", base + pathActivation, "", header(same), 405},
		"content type":     {"POST", base + pathActivation, fine, header(func(h http.Header) { h.Set("Content-Type", "text/plain") }), 415},
		"too large":        {"POST", base + pathActivation, strings.Repeat(" ", 1<<20) + fine, header(same), 413},
		"nonce 15":         {"POST", base + pathActivation, fine, nonce(15), 400},
		"nonce 16":         {"POST", base + pathActivation, fine, nonce(16), 200},
		"nonce 64":         {"POST", base + pathActivation, fine, nonce(64), 200},
		"nonce 65":         {"POST", base + pathActivation, fine, nonce(65), 400},
		"nonce is no text": {"POST", base + pathActivation, fine, header(func(h http.Header) { h.Set(wire.HeaderNonce, "%") }), 400},
		"no JSON":          {"POST", base + pathActivation, "{", header(same), 400},
		"two values":       {"POST", base + pathActivation, fine + fine, header(same), 400},
		"not an object":    {"POST", base + pathActivation, "[]", header(same), 400},
		"null":             {"POST", base + pathActivation, "null", header(same), 400},
		"wrong type":       {"POST", base + pathActivation, strings.Replace(fine, `"one"`, "1", 1), header(same), 400},
		"no UUID":          {"POST", base + pathActivation, strings.Replace(fine, slasconetest.DemoProduct, "x", 1), header(same), 400},
		"missing field":    {"POST", base + pathActivation, strings.Replace(fine, "license_key", "licence_key", 1), header(same), 400},
		"unknown field":    {"POST", base + pathActivation, strings.Replace(fine, "{", `{"timestamp_utc":"2026-01-01T00:00:00Z",`, 1), header(same), 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do(test.method, test.url, []byte(test.body), test.header)
			if r.err != nil || r.status != test.want {
				t.Fatalf("status %d, %v, %s; want %d", r.status, r.err, r.body, test.want)
			}
			signed := r.header.Get(wire.HeaderSignature) != ""
			if signed != (test.want == 200) {
				t.Errorf("signed: %v", signed)
			}
			if nonce := r.header.Get(wire.HeaderNonceSignature) != ""; nonce != (signed && test.header.Get(wire.HeaderNonce) != "") {
				t.Errorf("nonce signed: %v", nonce)
			}
			if test.want == 400 {
				if p := decode[wire.Problem](t, r); p.Status != 400 || p.Detail == "" {
					t.Errorf("problem %+v", p)
				}
			}
		})
	}
	for _, r := range s.Requests() {
		if strings.Contains(string(r.Body), s.ProvisioningKey()) {
			t.Error("the provisioning key is in the request log")
		}
	}
}

func TestUnsignedConflicts(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.UnsignedConflicts = true })
	r := call(t, s).heartbeat("stranger")
	if r.status != 409 || r.header.Get(wire.HeaderSignature) != "" || r.header.Get(wire.HeaderNonceSignature) != "" {
		t.Errorf("status %d, header %v", r.status, r.header)
	}
}

func TestHMAC(t *testing.T) {
	for _, upper := range []bool{false, true} {
		s := server(t, func(cfg *slasconetest.Config) {
			cfg.Signing, cfg.HMACKey, cfg.UpperHex = slasconetest.SigningHMAC, "shared secret", upper
		})
		c := call(t, s)
		r := c.heartbeat("stranger")
		for name, message := range map[string][]byte{wire.HeaderSignature: r.body, wire.HeaderNonceSignature: c.nonce} {
			mac := hmac.New(sha256.New, []byte("shared secret"))
			mac.Write(message)
			want := hex.EncodeToString(mac.Sum(nil))
			if upper {
				want = strings.ToUpper(want)
			}
			if got := r.header.Get(name); got != want {
				t.Errorf("%s = %s; want %s", name, got, want)
			}
		}
	}
}

func TestNoSigningAndNoNonceSignatures(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.Signing = slasconetest.SigningNone })
	if r := call(t, s).heartbeat("stranger"); r.header.Get(wire.HeaderSignature)+r.header.Get(wire.HeaderNonceSignature) != "" {
		t.Errorf("signing none signs: %v", r.header)
	}
	s = server(t, func(cfg *slasconetest.Config) { cfg.NoNonceSignatures = true })
	if r := call(t, s).heartbeat("stranger"); r.header.Get(wire.HeaderSignature) == "" || r.header.Get(wire.HeaderNonceSignature) != "" {
		t.Errorf("an older server: %v", r.header)
	}
}

func TestPublicKeyXML(t *testing.T) {
	s := server(t)
	var v struct{ Modulus, Exponent string }
	if err := xml.Unmarshal([]byte(s.PublicKeyXML()), &v); err != nil {
		t.Fatal(err)
	}
	n, errN := base64.StdEncoding.DecodeString(v.Modulus)
	e, errE := base64.StdEncoding.DecodeString(v.Exponent)
	got := rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if errN != nil || errE != nil || !testKey().PublicKey.Equal(&got) {
		t.Errorf("key %+v, %v, %v", got, errN, errE)
	}
}

func TestServe(t *testing.T) {
	s, err := slasconetest.NewUnstarted(slasconetest.Config{Key: testKey()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()
	client := s.Client()
	resp, err := client.Get("http://" + l.Addr().String() + "/emulator/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := s.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); err != nil {
		t.Errorf("Serve after Close: %v", err)
	}
	if err := l.Close(); err == nil {
		t.Error("the listener was left open")
	}
}

func TestTLS(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.TLS = true })
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	if !strings.HasPrefix(s.URL, "https://") || !strings.Contains(s.CertificatePEM(), "BEGIN CERTIFICATE") {
		t.Errorf("URL %s", s.URL)
	}
	s.Inject(slasconetest.Fault{Kind: slasconetest.FaultReset})
	if r := c.heartbeat("one"); r.err == nil {
		t.Error("a reset over TLS gave an answer")
	}
	stranger := &http.Client{Transport: &http.Transport{}}
	if resp, err := stranger.Get(s.URL); err == nil {
		resp.Body.Close()
		t.Error("a client that does not trust the certificate was served")
	}
}

func TestKeyOrderIsTheServices(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	body := c.want(c.activate(lic.Key, "one"), 200).body
	last := -1
	for _, name := range []string{"customer", "license_name", "license_key", "token_key", "client_id", "product_name", "provisioning_mode",
		"is_license_active", "start_date_utc", "expiration_date_utc", "software_release_limitation", "session_period", "freeride",
		"features", "limitations", "variables", "constrained_variables", "license_users", "created_date_utc", "license_type"} {
		at := bytes.Index(body, []byte(`"`+name+`":`))
		if at <= last {
			t.Errorf("%s is at %d, the one before at %d", name, at, last)
		}
		last = at
	}
	if !bytes.Contains(body, []byte(`"start_date_utc":null`)) || bytes.ContainsAny(body, "\n") {
		t.Errorf("nulls must be explicit and the body compact: %s", body)
	}
}
