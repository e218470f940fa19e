package slascone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
)

// SilenceError explains a Silence to a person. It never holds a key or token.
type SilenceError struct {
	Reason Reason
	Status int    // HTTP status, 0 when none was received
	Detail string // what happened and what to do
	Err    error  // the cause, if there is one
	// RetryAfter is that of the answer.
	RetryAfter time.Duration
}

// Error returns what happened and, where there is something, what to do.
func (e *SilenceError) Error() string {
	if e.Err == nil {
		return e.Detail
	}
	return e.Detail + ": " + plainText(e.Err.Error(), maxCause)
}

// maxCause is the longest cause in an error's text: some quote what the server
// sent.
const maxCause = 200

// Unwrap returns the cause.
func (e *SilenceError) Unwrap() error { return e.Err }

// noConnection names why no response came, the proxy if it was that.
func (c *Client) noConnection(ctx context.Context, err error) *SilenceError {
	e := connectionFailure(ctx, err)
	c.blameProxy(ctx, e, err)
	if e.Err != nil {
		e.Err = redacted(e.Err, c.isvID, c.key)
	}
	return e
}

// connectionFailure names why no response came. The URL is left out of the
// text: it carries the ISV ID and tells a user nothing.
func connectionFailure(ctx context.Context, err error) *SilenceError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	e := &SilenceError{Err: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Reason, e.Detail = Cancelled, "the call was cancelled"
	case ctx.Err() != nil || timedOut(err):
		e.Reason, e.Detail = TimedOut, "the licence server did not answer in time"
	case untrusted(err):
		e.Reason = Untrusted
		e.Detail = "the licence server's certificate is not trusted; if the network inspects TLS, add its root certificate (ca_file), else check the computer's date"
	default:
		e.Reason, e.Detail = Unreachable, "the licence server cannot be reached; check the network connection"
	}
	return e
}

func timedOut(err error) (out bool) {
	has(err, func(e error) bool {
		timeout, ok := e.(net.Error) //nolint:errorlint // has unwraps
		out = ok && timeout.Timeout()
		return ok
	})
	return out
}

// untrusted also knows the causes by themselves: a transport of the
// application's own may not wrap them as crypto/tls does.
func untrusted(err error) bool {
	return has(err, func(e error) bool {
		switch e.(type) { //nolint:errorlint // has unwraps
		case *tls.CertificateVerificationError, x509.UnknownAuthorityError, x509.HostnameError, x509.CertificateInvalidError:
			return true
		}
		return false
	})
}

// has reports whether an error that is or is wrapped in err, the outermost first,
// is as wanted. [errors.AsType] would be linked once more for each type that is not
// a pointer, and [errors.As] brings reflection.
func has(err error, wanted func(error) bool) bool {
	for err != nil && !wanted(err) {
		switch e := err.(type) { //nolint:errorlint // this unwraps
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				if has(one, wanted) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return err != nil
}

// statusFailure names what a status other than 200 and 409 means. body is the
// beginning of the response's body.
func (c *Client) statusFailure(resp *http.Response, body []byte) *SilenceError {
	if resp.StatusCode == http.StatusProxyAuthRequired {
		var choice proxy.Choice
		if c.proxy != nil {
			choice, _ = c.proxy.Choose(context.Background(), c.base)
		}
		return &SilenceError{Reason: ProxyFailure, Status: resp.StatusCode, Detail: proxyRefusal(choice, resp.StatusCode, authSchemes(resp.Header), c.host())}
	}
	return statusFailure(resp, body)
}

func statusFailure(resp *http.Response, body []byte) *SilenceError {
	e := &SilenceError{Status: resp.StatusCode}
	advice := ""
	switch status := resp.StatusCode; {
	case status == http.StatusBadRequest:
		// What it says is not repeated: it is unsigned, and may hold the key.
		e.Reason, advice = BadRequest, "the vendor must check the application's request"
	// Rejected, see docs/designs.md: HTTP 401 and 403 as a No.
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Reason, advice = Unauthorized, "the key that the application signs in with was refused: contact its vendor, who must check the provisioning key and the ISV ID"
	case status == http.StatusNotFound:
		e.Reason, advice = NotFound, "the vendor must check the application's server URL and ISV ID"
	case status == http.StatusTooManyRequests:
		e.Reason, advice = Throttled, "it is called too often"
	case status == http.StatusNetworkAuthenticationRequired:
		e.Reason, advice = NotJSON, "the network wants a sign-in"
	case status == http.StatusRequestTimeout || status >= 500:
		e.Reason, advice = ServerFailure, "try again later"
	case status >= 300 && status < 400:
		e.Reason, advice = Redirected, "it sends the call elsewhere, as a network's sign-in page does; check the network connection and the server URL"
	default:
		e.Reason = UnexpectedCode
	}
	e.Detail = fmt.Sprintf("the server answered %d", resp.StatusCode)
	if text := http.StatusText(resp.StatusCode); text != "" {
		e.Detail += " " + text
	}
	if advice != "" {
		e.Detail += "; " + advice
	}
	return e
}
