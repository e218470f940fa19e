package slascone

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Logger is what this package needs of a logger: four methods of [log/slog.Logger], which is one.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

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
	// Proxy chooses the proxy. Default: what the environment says (HTTPS_PROXY,
	// HTTP_PROXY, ALL_PROXY, NO_PROXY, in capitals or small letters), else the
	// system's settings (Windows, macOS, GNOME). A setting that is no address of a
	// proxy fails the call; nothing goes around it.
	Proxy func(*http.Request) (*url.URL, error)
	// ProxyFrom says in errors where Proxy comes from. Default: "the application's
	// Proxy".
	ProxyFrom string
	// RootCAs are trusted in addition to the system's, for networks that
	// re-sign TLS.
	RootCAs []*x509.Certificate
	// UserAgent is sent as User-Agent. Default "leasehold".
	UserAgent string
	// Logger receives one debug record a call, without keys or bodies. Default:
	// nothing is logged.
	Logger Logger
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

// parseServerURL returns the base URL without a slash at its end. Its errors
// repeat nothing of what may be a password.
func parseServerURL(text string) (string, error) {
	const example = `it must look like "https://api365.slascone.com"`
	text = pasted.Setting(text)
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case text == "":
		return "", errors.New("slascone: the server URL is empty; " + example)
	case !ok:
		return "", errors.New("slascone: the server URL has no https:// at its beginning; " + example)
	case scheme != "https" && scheme != "http":
		return "", errors.New("slascone: the server URL begins with something else than https:// or http://; " + example)
	case strings.Contains(rest, "@"):
		return "", errors.New("slascone: the server URL must not have a user or a password; " + example)
	case strings.ContainsAny(rest, "?#"):
		return "", errors.New("slascone: the server URL must not have a query or a fragment; " + example)
	case strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }):
		return "", errors.New("slascone: the server URL has a blank or a backslash in it; " + example)
	}
	host, path, _ := strings.Cut(rest, "/")
	host, err := proxy.ParseHost(host)
	if err != nil {
		return "", errors.New("slascone: the server URL's host or port is none (an IPv6 address stands in brackets); " + example)
	}
	u, err := url.Parse("https://host/" + strings.Trim(path, "/"))
	if err != nil {
		return "", errors.New("slascone: the server URL's path has a percent sign that begins no escape; " + example)
	}
	if strings.Contains(strings.ToLower(u.Path)+"/", wire.Prefix("")) {
		return "", fmt.Errorf("slascone: the server URL must end before %q, which is added; %s", wire.Prefix(""), example)
	}
	base := url.URL{Scheme: scheme, Host: host}
	return base.String() + strings.TrimRight(u.EscapedPath(), "/"), nil
}
