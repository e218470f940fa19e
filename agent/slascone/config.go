package slascone

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Config says which server to ask, as whom, and what to believe.
type Config struct {
	// ServerURL is the base URL, such as "https://api365.slascone.com". Required.
	// Plain http is accepted, for tests; it shows the provisioning key to the
	// network.
	ServerURL string
	// ISVID is the vendor account's UUID. Required.
	ISVID string
	// ProductID is the product's UUID. Required: answers for another product
	// are not believed.
	ProductID string
	// ProvisioningKey is the client key of least privilege. Required. Never an
	// admin key.
	ProvisioningKey string

	// Verifier checks signatures. The zero Verifier is [Unsigned].
	Verifier Verifier
	// AllowMissingNonce accepts responses without a nonce signature, for a
	// server from before January 2026 (SLASCONE help centre 360016063637). A
	// nonce signature that is there must still be right.
	AllowMissingNonce bool
	// AllowUnsignedConflicts accepts a 409 without a signature as a No. Anybody
	// on the way can then lock the application. A signature that is there must
	// still be right.
	AllowUnsignedConflicts bool

	// Timeout bounds one call, from dialling to the body's last byte. Default
	// 15 s.
	Timeout time.Duration
	// HTTPClient makes the calls. It excludes Proxy and RootCAs, which belong in
	// its Transport. Its redirect policy is replaced, its idle connections are
	// the caller's. Default: a client of this package's own, with HTTP/1.1 and
	// TLS 1.2 or later.
	HTTPClient *http.Client
	// Proxy chooses the proxy. Default: http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs are trusted in addition to the system's, for networks that
	// re-sign TLS.
	RootCAs []*x509.Certificate
	// UserAgent is sent as User-Agent. Default "leasehold".
	UserAgent string
	// Logger receives one debug record a call, without keys or bodies. Default:
	// nothing is logged.
	Logger *slog.Logger
}

const defaultTimeout = 15 * time.Second

// check reports the first field that is wrong, and what to put there.
func (c *Config) check() error {
	if err := checkID("ISV ID", c.ISVID); err != nil {
		return err
	}
	if err := checkID("product ID", c.ProductID); err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(c.ProvisioningKey) == "":
		return errors.New("slascone: the provisioning key is empty; copy it from the vendor's account settings")
	case strings.ContainsFunc(c.ProvisioningKey, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return errors.New("slascone: the provisioning key has blanks or characters that cannot be sent; copy it again, without line breaks")
	case strings.ContainsFunc(c.UserAgent, func(r rune) bool { return r < ' ' || r >= 0x7f }):
		return errors.New("slascone: the user agent has characters that cannot be sent; use printable ASCII")
	case c.HTTPClient != nil && (c.Proxy != nil || len(c.RootCAs) > 0):
		return errors.New("slascone: a proxy or root certificates cannot be set beside an HTTP client; set them in its transport")
	}
	return nil
}

func checkID(what, id string) error {
	// uuid.Parse also knows forms that the service does not.
	const example = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	if _, err := uuid.Parse(id); err != nil || len(id) != len(example) {
		return fmt.Errorf("slascone: the %s %.40q is not a UUID such as %s", what, id, example)
	}
	return nil
}

// parseServerURL returns the base URL without a slash at its end. A password
// that was put into it is in no error.
func parseServerURL(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New(`slascone: the server URL is empty; set it, for example to "https://api365.slascone.com"`)
	}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return "", fmt.Errorf(`slascone: the server URL must look like "https://host": %w`, err)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "", fmt.Errorf(`slascone: the server URL %q must look like "https://host"`, u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("slascone: the server URL %q must not have a user, a query or a fragment", u.Redacted())
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/"), nil
}
