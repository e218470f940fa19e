package slascone

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestRedacted(t *testing.T) {
	const isv = "2af5fe02-6207-4214-946e-b00ac5309f53"
	for in, want := range map[string]string{
		"dial tcp 10.0.0.1:443: connect: connection refused":                                     "dial tcp 10.0.0.1:443: connect: connection refused",
		"lookup host.example on 127.0.0.53:53: no such host":                                     "lookup host.example on 127.0.0.53:53: no such host",
		`Post "https://host.example/api/v2/isv/` + isv + `/x?key=1": EOF`:                        `Post "https://host.example": EOF`,
		`failed to parse Location header "/api/v2/isv/` + strings.ToUpper(isv) + `/x?key=%zz": `: `failed to parse Location header "/api/v2/isv/…/x…": `,
		"see https://ann:s3cret@host.example/x?y.":                                               "see https://host.example.",
		"at http://[::1%zz/x": "at …",
		isv + " twice " + isv: "… twice …",
	} {
		if got := redacted(errors.New(in), isv, "").Error(); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if err := errors.New("plain"); redacted(err, isv) != err { //nolint:errorlint // it is this very error
		t.Error("an error without addresses was wrapped")
	}
	cause := &url.Error{Op: "Get", URL: "https://host/x", Err: http.ErrServerClosed}
	if !errors.Is(redacted(cause, isv), http.ErrServerClosed) {
		t.Error("the cause is lost")
	}
}

// Whatever a transport's error quotes, no text of an answer tells the ISV ID, the
// key or a query.
func TestErrorsTellNoAddress(t *testing.T) {
	quoting := func(r *http.Request) error {
		return errors.Join(errors.New("own transport: "+r.URL.String()+"?token=s3cret"), errors.New(r.Header.Get("ProvisioningKey")))
	}
	c := scripted(t, func(r *http.Request) (*http.Response, error) { return nil, quoting(r) })
	a := c.Heartbeat(t.Context(), heartbeat(), Known{})
	redirected := scripted(t, func(r *http.Request) (*http.Response, error) {
		resp := reply(r, nil, 307, "")
		resp.Header.Set("Location", "http://%zz"+r.URL.Path+"?token=s3cret")
		return resp, nil
	})
	b := redirected.Heartbeat(t.Context(), heartbeat(), Known{})
	for _, err := range []*SilenceError{a.Err, b.Err} {
		text := strings.ToLower(err.Error())
		for _, secret := range []string{testISV, testSecret, "s3cret"} {
			if strings.Contains(text, strings.ToLower(secret)) {
				t.Errorf("%q is in %q", secret, text)
			}
		}
	}
}

func FuzzRedacted(f *testing.F) {
	f.Add("https://a/b?c K\u212a x", "k")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := redacted(errors.New(text), secret).Error()
		if len(secret) > 3 && isASCII(secret) && isASCII(text) && strings.Contains(strings.ToLower(got), strings.ToLower(secret)) {
			t.Errorf("%q is left in %q", secret, got)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
