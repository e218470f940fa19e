package slascone

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Config says which server to ask, as whom, and what to believe.
type Config struct {
	// ServerURL is the base URL, such as "https://api365.slascone.com". Required.
	// A scheme other than https is accepted but shows the provisioning key to
	// the network.
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
	// server from before January 2026. A nonce signature that is there must
	// still be right.
	AllowMissingNonce bool
	// AllowUnsignedConflicts accepts a 409 without a signature as a No. Anybody
	// on the way can then lock the application.
	AllowUnsignedConflicts bool

	// Timeout bounds one exchange. Default 15 s.
	Timeout time.Duration
	// HTTPClient is used when it is set; Proxy and RootCAs must then be set in
	// its Transport. Its redirect policy is replaced.
	HTTPClient *http.Client
	// Proxy chooses the proxy. Default: http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs are trusted in addition to the system's, for networks that
	// re-sign TLS.
	RootCAs []*x509.Certificate
	// UserAgent is sent as User-Agent. Default "leasehold".
	UserAgent string
	// Logger receives one debug record an exchange, without keys or bodies.
	// Default: nothing is logged.
	Logger *slog.Logger
}

const (
	defaultTimeout = 15 * time.Second
	maxBody        = 4 << 20
	maxRedirects   = 3
)

// Client makes calls to one server for one product. Make it with [New].
type Client struct {
	base      string
	productID string
	key       string
	verifier  Verifier
	policy    struct{ missingNonce, unsignedConflicts bool }
	timeout   time.Duration
	userAgent string
	http      *http.Client
	transport *http.Transport // nil when the caller brought an HTTP client
	log       *slog.Logger
}

// New checks the configuration and returns a Client. It does not touch the
// network. Errors name the field and say what to put there.
func New(c Config) (*Client, error) {
	base, err := parseServerURL(c.ServerURL)
	if err != nil {
		return nil, err
	}
	if err := checkID("ISV ID", c.ISVID); err != nil {
		return nil, err
	}
	if err := checkID("product ID", c.ProductID); err != nil {
		return nil, err
	}
	if strings.TrimSpace(c.ProvisioningKey) == "" {
		return nil, errors.New("slascone: the provisioning key is empty; copy it from the vendor's account settings")
	}
	if strings.ContainsFunc(c.ProvisioningKey, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("slascone: the provisioning key has blanks or characters that cannot be sent; copy it again, without line breaks")
	}
	cl := &Client{
		base:      base + wire.Prefix(c.ISVID),
		productID: c.ProductID,
		key:       c.ProvisioningKey,
		verifier:  c.Verifier,
		timeout:   c.Timeout,
		userAgent: c.UserAgent,
		log:       c.Logger,
	}
	cl.policy.missingNonce = c.AllowMissingNonce
	cl.policy.unsignedConflicts = c.AllowUnsignedConflicts
	if cl.timeout <= 0 {
		cl.timeout = defaultTimeout
	}
	if cl.userAgent == "" {
		cl.userAgent = "leasehold"
	}
	if cl.log == nil {
		cl.log = slog.New(slog.DiscardHandler)
	}
	if c.HTTPClient != nil {
		own := *c.HTTPClient
		cl.http = &own
	} else {
		cl.transport = newTransport(c.Proxy, c.RootCAs)
		cl.http = &http.Client{Transport: cl.transport}
	}
	cl.http.CheckRedirect = sameHost
	return cl, nil
}

// Close drops idle connections. Calls under way are not disturbed.
func (c *Client) Close() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

func parseServerURL(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New(`slascone: the server URL is empty; set it, for example to "https://api365.slascone.com"`)
	}
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil:
		return "", fmt.Errorf("slascone: the server URL is not a URL: %w", err)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return "", fmt.Errorf(`slascone: the server URL %q must look like "https://host"`, u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("slascone: the server URL %q must not have a user, a query or a fragment", u.Redacted())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func checkID(what, id string) error {
	if _, err := uuid.Parse(id); err != nil || len(id) != 36 {
		return fmt.Errorf("slascone: the %s %.40q is not a UUID such as 2af5fe02-6207-4214-946e-b00ac5309f53", what, id)
	}
	return nil
}

func newTransport(proxy func(*http.Request) (*url.URL, error), extra []*x509.Certificate) *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          2,
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
		// The signature is over the plain bytes.
		DisableCompression: true,
	}
	if proxy != nil {
		t.Proxy = proxy
	}
	if len(extra) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		for _, cert := range extra {
			pool.AddCert(cert)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return t
}

// sameHost follows a redirect only where the request cannot leave the server
// and stays what it was: same scheme, host and method.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method {
		return http.ErrUseLastResponse
	}
	return nil
}
