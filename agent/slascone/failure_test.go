package slascone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		reason Reason
		says   string
	}{
		201: {UnexpectedCode, "201 Created"},
		204: {UnexpectedCode, "204"},
		206: {UnexpectedCode, "206"},
		300: {Redirected, "elsewhere"},
		304: {Redirected, "304"},
		400: {BadRequest, "400 Bad Request"},
		401: {Unauthorized, "provisioning key"},
		402: {UnexpectedCode, "402"},
		403: {Unauthorized, "ISV ID"},
		404: {NotFound, "server URL"},
		405: {UnexpectedCode, "405"},
		407: {ProxyFailure, "proxy"},
		408: {ServerFailure, "408"},
		410: {UnexpectedCode, "410"},
		413: {UnexpectedCode, "413"},
		429: {Throttled, "too often"},
		451: {UnexpectedCode, "451"},
		500: {ServerFailure, "later"},
		501: {ServerFailure, "501"},
		502: {ServerFailure, "502"},
		503: {ServerFailure, "503"},
		504: {ServerFailure, "504"},
		507: {ServerFailure, "507"},
		511: {NotJSON, "sign-in"},
		599: {ServerFailure, "the server answered 599;"},
		999: {ServerFailure, "999"},
	} {
		// A good body under another status proves nothing.
		a := scripted(t, always(testKey(), status, licenseBody(nil))).Heartbeat(t.Context(), heartbeat(), Known{})
		if got := sound(t, a); got != (outcome{reason: want.reason}) || a.Err.Status != status || !strings.Contains(a.Err.Error(), want.says) {
			t.Errorf("%d: %+v: %v", status, got, a.Err)
		}
	}
}

func TestBadRequestIsNotQuoted(t *testing.T) {
	a := scripted(t, always(nil, 400, `{"title":"0e9d1a5c is no key","status":400}`)).Heartbeat(t.Context(), heartbeat(), Known{})
	if sound(t, a).reason != BadRequest || strings.Contains(a.Err.Error(), "0e9d1a5c") || !strings.Contains(a.Err.Error(), "400 Bad Request") {
		t.Errorf("%v", a.Err)
	}
}

func TestConnectionFailures(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	running := context.Background()
	inURL := func(err error) error { return &url.Error{Op: "Post", URL: "https://u:pass@host/" + testISV, Err: err} }
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		want Reason
	}{
		"DNS":               {running, inURL(&net.DNSError{Err: "no such host", Name: "licences.example"}), Unreachable},
		"DNS, slow":         {running, inURL(&net.DNSError{Err: "timeout", IsTimeout: true}), TimedOut},
		"refused":           {running, inURL(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), Unreachable},
		"reset":             {running, inURL(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), Unreachable},
		"closed":            {running, inURL(io.EOF), Unreachable},
		"proxy":             {running, inURL(errors.New("Proxy Authentication Required")), Unreachable},
		"deadline":          {late, inURL(context.DeadlineExceeded), TimedOut},
		"gave up":           {over, inURL(context.Canceled), Cancelled},
		"gave up meanwhile": {over, inURL(x509.UnknownAuthorityError{}), Cancelled},
		"authority":         {running, inURL(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), Untrusted},
		"authority, bare":   {running, inURL(x509.UnknownAuthorityError{}), Untrusted},
		"host name":         {running, inURL(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "licences.example"}), Untrusted},
		"date":              {running, inURL(x509.CertificateInvalidError{Reason: x509.Expired}), Untrusted},
		"system's verifier": {running, inURL(&tls.CertificateVerificationError{Err: errors.New("certificate is not standards compliant")}), Untrusted},
		"not TLS":           {running, inURL(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), Unreachable},
		"not wrapped":       {running, fmt.Errorf("transport: %w", io.ErrUnexpectedEOF), Unreachable},
	} {
		got := connectionFailure(test.ctx, test.err)
		if got.Reason != test.want || got.Status != 0 {
			t.Errorf("%s: %v (%v)", name, got.Reason, got)
		}
		readable(t, got)
		if strings.Contains(got.Error(), "pass") {
			t.Errorf("%s tells the URL: %v", name, got)
		}
	}
}

func TestSilenceErrorUnwraps(t *testing.T) {
	cause := errors.New("cause")
	e := &SilenceError{Reason: Unreachable, Detail: "unreachable", Err: cause}
	if !errors.Is(e, cause) || e.Error() != "unreachable: cause" || (&SilenceError{Detail: "x"}).Error() != "x" {
		t.Error(e)
	}
	long := &SilenceError{Detail: "x", Err: errors.New(strings.Repeat("1", 1<<20) + "\x00")}
	readable(t, long)
}

// TestNonsenseFromTheNetwork: bytes that are no HTTP never panic and never prove anything.
func TestNonsenseFromTheNetwork(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"garbage":               "\x00\x01\x02\r\n\r\n",
		"SSH":                   "SSH-2.0-OpenSSH_9.9\r\n",
		"no status":             "HTTP/1.1 \r\n\r\n",
		"status of a word":      "HTTP/1.1 OK OK\r\n\r\n",
		"status of 2 digits":    "HTTP/1.1 20 OK\r\n\r\n",
		"negative status":       "HTTP/1.1 -20 OK\r\n\r\n",
		"HTTP/9":                "HTTP/9.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}",
		"header without end":    "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 200<<10),
		"endless 1xx":           strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000),
		"two lengths":           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
		"length of a word":      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
		"bad chunk":             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
		"chunk of 2^63":         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
		"upgrade":               "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
		"redirect to nowhere":   "HTTP/1.1 307 Go\r\nLocation: ://\r\n\r\n",
		"redirect w/o location": "HTTP/1.1 307 Go\r\nContent-Length: 0\r\n\r\n",
		"unsigned":              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + licenseBody(nil),
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{MaxResponseHeaderBytes: 64 << 10, DialContext: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go func() {
					defer theirs.Close()
					head := make([]byte, 4096)
					_, _ = theirs.Read(head)
					_, _ = io.WriteString(theirs, text)
				}()
				return ours, nil
			}}
			defer transport.CloseIdleConnections()
			c := clientOf(t, "http://licences.example", func(c *Config) { c.HTTPClient = &http.Client{Transport: transport} })
			a := c.Heartbeat(t.Context(), heartbeat(), Known{})
			if got := sound(t, a); got.kind != Silence {
				t.Errorf("%+v", got)
			}
			t.Log(a.Err)
		})
	}
}
