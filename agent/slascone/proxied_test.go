package slascone

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// forwarder is a proxy that asks for a user name and a password, for http and as
// a tunnel.
func forwarder(t *testing.T, to string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(`dom\ann:p#w 100%`)) {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method == http.MethodConnect {
			tunnel(w, to)
			return
		}
		r.RequestURI, r.URL.Host = "", to
		r.Header.Del("Proxy-Authorization")
		resp, err := http.DefaultTransport.RoundTrip(r)
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
	t.Cleanup(s.Close)
	return s
}

func tunnel(w http.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	go func() { _, _ = io.Copy(there, buffered); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// Basic authentication by the environment's variable, percent-encoded, works
// plainly and in a tunnel.
func TestBasicAuthenticationToAProxy(t *testing.T) {
	for _, tls := range []bool{false, true} {
		s := realServer(t, func(c *slasconetest.Config) { c.TLS = tls })
		s.AddLicense(slasconetest.License{Key: testLicense})
		at, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		host := strings.TrimPrefix(forwarder(t, at.Host).URL, "http://")
		t.Setenv("ALL_PROXY", "http://dom%5Cann:p%23w%20100%25@"+host)
		t.Setenv("NO_PROXY", "")
		t.Setenv("no_proxy", "")
		// example.com is in the certificates of httptest.
		c := clientOf(t, at.Scheme+"://example.com", func(c *Config) {
			if tls {
				c.RootCAs = append(c.RootCAs, certificateOf(t, s))
			}
		})
		if a := c.Activate(t.Context(), activation(), Known{}); sound(t, a).kind != Yes {
			t.Errorf("TLS %v: %v", tls, a.Err)
		}
		t.Setenv("ALL_PROXY", "http://ann:s3cret@"+host)
		a := c.Heartbeat(t.Context(), heartbeat(), Known{})
		if sound(t, a).reason != ProxyFailure || !strings.Contains(a.Err.Error(), "refuses the user name and the password") || strings.Contains(a.Err.Error(), "s3cret") {
			t.Errorf("TLS %v, a wrong password: %v", tls, a.Err)
		}
	}
}

// What a proxy answers instead of passing the call on is named as the proxy's.
func TestProxiesThatRefuse(t *testing.T) {
	for _, tt := range []struct {
		status  int
		offered []string
		says    string
	}{
		{407, nil, "wants a user name and a password"},
		{407, []string{`Basic realm="x"`}, "wants a user name and a password"},
		{407, []string{"NTLM"}, "sign-in by NTLM, which is not supported"},
		{407, []string{"Negotiate", "NTLM"}, "sign-in by Negotiate (Kerberos or NTLM) or NTLM"},
		{407, []string{"NTLM", "Basic realm=x"}, "wants a user name and a password"},
		{407, []string{`Digest realm="x", nonce="y"`}, "sign-in by Digest"},
		{403, nil, "must allow licences.example"},
		{502, nil, "cannot reach the licence server (502"},
		{404, nil, "answered 404"},
	} {
		t.Run(fmt.Sprint(tt.status, tt.offered), func(t *testing.T) {
			p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Proxy-Authenticate"] = tt.offered
				w.WriteHeader(tt.status)
			}))
			defer p.Close()
			t.Setenv("HTTPS_PROXY", p.URL)
			a := clientOf(t, "https://licences.example").Heartbeat(t.Context(), heartbeat(), Known{})
			if sound(t, a).reason != ProxyFailure || !strings.Contains(a.Err.Error(), tt.says) || !strings.Contains(a.Err.Error(), p.URL+" (HTTPS_PROXY)") {
				t.Errorf("%v", a.Err)
			}
		})
	}
}

func TestADeadProxyIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().String()
	_ = l.Close()
	for _, scheme := range []string{"http", "https", "socks5"} {
		t.Setenv("HTTPS_PROXY", scheme+"://ann:s3cret@"+dead)
		a := clientOf(t, "https://licences.example").Heartbeat(t.Context(), heartbeat(), Known{})
		if text := fmt.Sprint(a.Err); sound(t, a).reason != ProxyFailure || !strings.Contains(text, "the proxy "+scheme+"://"+dead+" (HTTPS_PROXY) cannot be reached") || strings.Contains(text, "s3cret") {
			t.Errorf("%s: %v", scheme, a.Err)
		}
	}
}

func TestADamagedProxySettingFailsTheCall(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv("HTTPS_PROXY", "")
		t.Setenv(name, "http://user:s3cret#w@proxy:3128")
		a := clientOf(t, "https://licences.example").Heartbeat(t.Context(), heartbeat(), Known{})
		if text := fmt.Sprint(a.Err); sound(t, a).reason != ProxyFailure || !strings.Contains(text, name) || !strings.Contains(text, "# as %23") || strings.Contains(text, "s3cret") {
			t.Errorf("%v", a.Err)
		}
	}
}

func TestAScriptIsTold(t *testing.T) {
	got := scriptNotRun(proxy.Choice{From: "Windows", Script: "http://ann:s3cret@wpad/wpad.dat?token=s3cret"})
	if !strings.Contains(got, "http://wpad/wpad.dat") || !strings.Contains(got, "Windows") || strings.Contains(got, "s3cret") {
		t.Error(got)
	}
}
