package slascone

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func certificateOf(t *testing.T, s *slasconetest.Server) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(s.CertificatePEM()))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// TestInterceptedTLS: a network that re-signs TLS has a reason of its own, and
// its root certificate is the cure.
func TestInterceptedTLS(t *testing.T) {
	s := realServer(t, func(c *slasconetest.Config) { c.TLS, c.Now = true, nil })
	s.AddLicense(slasconetest.License{Key: testLicense})
	wrongName := s.Client()
	wrongName.Transport.(*http.Transport).TLSClientConfig.ServerName = "licences.example"
	trust := func(c *Config) { c.RootCAs = []*x509.Certificate{certificateOf(t, s)} }
	for name, test := range map[string]struct {
		url    string
		change []func(*Config)
		want   outcome
	}{
		"not trusted":          {s.URL, nil, outcome{reason: Untrusted}},
		"trusted":              {s.URL, []func(*Config){trust}, outcome{kind: Yes}},
		"another name":         {s.URL, []func(*Config){func(c *Config) { c.HTTPClient = wrongName }}, outcome{reason: Untrusted}},
		"HTTP client injected": {s.URL, []func(*Config){func(c *Config) { c.HTTPClient = s.Client() }}, outcome{kind: Yes}},
		"plain HTTP":           {strings.Replace(s.URL, "https", "http", 1), nil, outcome{reason: BadRequest}},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, test.url, test.change...)
			defer c.http.CloseIdleConnections()
			a := c.Activate(t.Context(), activation(), Known{})
			if got := sound(t, a); got != test.want {
				t.Errorf("%+v (%v)", got, a.Err)
			}
			if test.want.reason == Untrusted && !strings.Contains(a.Err.Error(), "ca_file") {
				t.Errorf("no advice: %v", a.Err)
			}
		})
	}
}

// TestSystemRootsStay: extra certificates are added to the system's.
func TestSystemRootsStay(t *testing.T) {
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Skip("this system has no certificates:", err)
	}
	s := realServer(t, func(c *slasconetest.Config) { c.TLS = true })
	extra := certificateOf(t, s)
	got := clientOf(t, "https://host", func(c *Config) { c.RootCAs = []*x509.Certificate{extra} }).transport.TLSClientConfig.RootCAs
	system.AddCert(extra)
	if !got.Equal(system) {
		t.Error("the pool is not the system's and the extra certificate")
	}
	if pool := clientOf(t, "https://host").transport.TLSClientConfig.RootCAs; pool != nil {
		t.Error("without extra certificates the system's verifier must decide")
	}
}

func TestProxy(t *testing.T) {
	s := realServer(t)
	s.AddLicense(slasconetest.License{Key: testLicense})
	var seen atomic.Int32
	var status atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		if code := int(status.Load()); code != 0 {
			w.WriteHeader(code)
			return
		}
		r.RequestURI = ""
		resp, err := s.Client().Transport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, s.URL, func(c *Config) { c.Proxy = http.ProxyURL(at) })
	a := c.Activate(t.Context(), activation(), Known{})
	if got := sound(t, a); got != (outcome{kind: Yes}) || seen.Load() != 1 {
		t.Errorf("%+v (%v), %d requests through the proxy", got, a.Err, seen.Load())
	}
	status.Store(http.StatusProxyAuthRequired)
	if a := c.Heartbeat(t.Context(), heartbeat(), Known{}); sound(t, a).reason != ProxyFailure || !strings.Contains(a.Err.Error(), "wants a user name and a password") {
		t.Errorf("%v", a.Err)
	}
	// The same for a tunnel to a server with TLS.
	tunnelled := clientOf(t, "https://licences.example", func(c *Config) { c.Proxy = http.ProxyURL(at) })
	if a := tunnelled.Heartbeat(t.Context(), heartbeat(), Known{}); sound(t, a).reason != ProxyFailure || !strings.Contains(a.Err.Error(), "wants a user name and a password") {
		t.Errorf("%v", a.Err)
	}
}

func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer stranger.Close()
	_, strangerPort, _ := net.SplitHostPort(strings.TrimPrefix(stranger.URL, "http://"))

	answer := func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if r.Header.Get("ProvisioningKey") != testSecret || !strings.Contains(string(text), testClient) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		resp := reply(r, testKey(), 200, licenseBody(nil))
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		_, _ = io.Copy(w, resp.Body)
	}
	for name, test := range map[string]struct {
		status   int
		location string // HOST is the server's
		want     Reason // NoReason: a yes
	}{
		"307, path":            {307, "/moved", NoReason},
		"308, path":            {308, "/moved", NoReason},
		"308, same host":       {308, "http://HOST/moved", NoReason},
		"301 forgets the body": {301, "/moved", Redirected},
		"302 forgets the body": {302, "/moved", Redirected},
		"303":                  {303, "/moved", Redirected},
		"307, other host":      {307, stranger.URL + "/x", Redirected},
		"308, other host":      {308, stranger.URL + "/x", Redirected},
		"302, other host":      {302, stranger.URL + "/x", Redirected},
		"other port":           {307, "http://127.0.0.1:" + strangerPort + "/x", Redirected},
		"other scheme":         {307, "https://HOST/moved", Redirected},
		"other name":           {307, "http://evil.example/moved", Redirected},
		"user":                 {307, "http://HOST@" + strings.TrimPrefix(stranger.URL, "http://") + "/", Redirected},
		"scheme-relative":      {307, "//" + strings.TrimPrefix(stranger.URL, "http://") + "/", Redirected},
		"in circles":           {307, "/api", Redirected},
		"no location":          {302, "", Redirected},
	} {
		t.Run(name, func(t *testing.T) {
			elsewhere.Store(0)
			var requests atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if r.URL.Path == "/moved" {
					answer(w, r)
					return
				}
				if test.location != "" {
					w.Header().Set("Location", strings.ReplaceAll(test.location, "HOST", r.Host))
				}
				w.WriteHeader(test.status)
			}))
			defer s.Close()
			a := clientOf(t, s.URL).Heartbeat(t.Context(), heartbeat(), Known{})
			if got := sound(t, a); got.reason != test.want || (got.kind == Yes) != (test.want == NoReason) {
				t.Errorf("%+v (%v)", got, a.Err)
			}
			if n := elsewhere.Load(); n != 0 {
				t.Errorf("%d requests went elsewhere", n)
			}
			if n := requests.Load(); n > maxRedirects+1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}
