package slascone

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

func fails(err error) answering {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// TestEveryReason has, for each Reason, a server that gives it.
func TestEveryReason(t *testing.T) {
	reasons := map[Reason]struct {
		server    answering
		integrity bool
		signature bool
		transient bool
	}{
		Unreachable:    {server: fails(errors.New("connection refused")), transient: true},
		TimedOut:       {server: fails(context.DeadlineExceeded)},
		Cancelled:      {server: nil}, // below
		Untrusted:      {server: fails(x509.UnknownAuthorityError{})},
		BadRequest:     {server: always(nil, 400, `{"title":"One or more validation errors occurred."}`)},
		Unauthorized:   {server: always(nil, 401, "")},
		NotFound:       {server: always(nil, 404, "")},
		Throttled:      {server: always(nil, 429, ""), transient: true},
		ServerFailure:  {server: always(nil, 503, ""), transient: true},
		Redirected:     {server: always(nil, 302, "")},
		UnexpectedCode: {server: always(nil, 204, "")},
		NotJSON:        {server: always(nil, 200, "<html>", header("Content-Type", "text/html"))},
		TooLarge:       {server: always(testKey(), 200, strings.Repeat(" ", maxBody+1))},
		Truncated: {transient: true, server: always(testKey(), 200, licenseBody(nil), func(r *http.Response) {
			r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, 20), errorReader{io.ErrUnexpectedEOF}))
		})},
		BadSignature: {server: always(otherKey(), 200, licenseBody(nil)), integrity: true, signature: true},
		BadNonce:     {server: always(testKey(), 200, licenseBody(nil), withoutHeader(wire.HeaderNonceSignature)), integrity: true, signature: true},
		BadShape:     {server: always(testKey(), 200, "{}"), integrity: true},
		Foreign:      {server: always(testKey(), 200, licenseBody(map[string]any{"client_id": "another"})), integrity: true},
		Stale:        {server: always(testKey(), 200, licenseBody(map[string]any{"created_date_utc": "2026-03-10T11:59:59Z"})), integrity: true},
		ProxyFailure: {server: fails(&proxy.SettingError{Name: "HTTPS_PROXY", Err: errors.New("it is empty")})},
		Compressed:   {server: always(testKey(), 200, "\x0b\x02", header("Content-Encoding", "br"))},
	}
	names := map[string]Reason{}
	for r := NoReason; int(r) < len(reasonTexts); r++ {
		if other, taken := names[r.String()]; taken || r.String() == "" {
			t.Errorf("%d and %d are both %q", other, r, r)
		}
		names[r.String()] = r
		if r == NoReason {
			continue
		}
		want, ok := reasons[r]
		if !ok {
			t.Errorf("nothing reaches %v", r)
			continue
		}
		if r.Integrity() != want.integrity || r.Signature() != want.signature || r.transient() != want.transient {
			t.Errorf("%v: integrity %v, signature %v, transient %v", r, r.Integrity(), r.Signature(), r.transient())
		}
		t.Run(r.String(), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if r == Cancelled {
				want.server = func(req *http.Request) (*http.Response, error) {
					cancel()
					<-req.Context().Done()
					return nil, req.Context().Err()
				}
			}
			a := scripted(t, want.server).Heartbeat(ctx, heartbeat(), Known{NotBefore: noon})
			if got := sound(t, a); got != (outcome{reason: r}) {
				t.Errorf("%+v (%v)", got, a.Err)
			}
			t.Log(a.Err)
		})
	}
	if got := Reason(200).String(); got != "unknown" {
		t.Errorf("Reason(200) = %q", got)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
