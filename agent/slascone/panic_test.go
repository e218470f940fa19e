package slascone

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// panickyJar panics at what it names.
type panickyJar struct{ at string }

func (j panickyJar) SetCookies(*url.URL, []*http.Cookie) { j.panics("set") }
func (j panickyJar) Cookies(*url.URL) []*http.Cookie     { j.panics("get"); return nil }

func (j panickyJar) panics(here string) {
	if j.at == here {
		panic(here)
	}
}

// TestPanics: what the application gave for calls may panic; the call has then
// failed, and says so.
func TestPanics(t *testing.T) {
	s := realServer(t)
	s.AddLicense(slasconetest.License{Key: testLicense})
	cookie := answering(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			resp.Header.Set("Set-Cookie", "a=b")
		}
		return resp, err
	})
	for name, test := range map[string]struct {
		client *http.Client
		want   outcome
	}{
		"jar, before":      {&http.Client{Transport: cookie, Jar: panickyJar{"get"}}, outcome{reason: Unreachable}},
		"jar, after":       {&http.Client{Transport: cookie, Jar: panickyJar{"set"}}, outcome{reason: Unreachable}},
		"jar that is calm": {&http.Client{Transport: cookie, Jar: panickyJar{}}, outcome{kind: Yes}},
		"transport":        {&http.Client{Transport: answering(func(*http.Request) (*http.Response, error) { panic("out") })}, outcome{reason: Unreachable}},
	} {
		t.Run(name, func(t *testing.T) {
			defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			c := clientOf(t, s.URL, func(c *Config) { c.HTTPClient = test.client })
			a := c.Activate(t.Context(), activation(), Known{})
			if got := sound(t, a); got != test.want || got.reason != NoReason && !strings.Contains(a.Err.Error(), "panicked") {
				t.Errorf("%+v (%v)", got, a.Err)
			}
			if _, err := c.Handshake(t.Context()); (err == nil) != (test.want.kind == Yes) {
				t.Errorf("handshake: %v", err)
			}
		})
	}
}
