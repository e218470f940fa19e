package slascone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
)

// connectionFailure names why no response came. The URL is left out of the
// text: it carries the ISV ID and tells a user nothing.
func connectionFailure(ctx context.Context, err error) *SilenceError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	e := &SilenceError{Reason: Unreachable, Detail: "the licence server cannot be reached; check the network connection", Err: err}
	var (
		unknown   x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verifying *tls.CertificateVerificationError
		netErr    net.Error
	)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Reason, e.Detail = Cancelled, "the call was cancelled"
	case ctx.Err() != nil || errors.As(err, &netErr) && netErr.Timeout():
		e.Reason, e.Detail = TimedOut, "the licence server did not answer in time"
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &verifying):
		e.Reason = Untrusted
		e.Detail = "the licence server's certificate is not trusted; if the network inspects TLS, add its root certificate (ca_file), else check the computer's date"
	}
	return e
}
