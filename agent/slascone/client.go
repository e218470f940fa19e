package slascone

import (
	"cmp"
	"net/http"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

// Client makes calls to one server for one product. Make it with [New]. It is
// safe for concurrent use.
type Client struct {
	base      string
	productID string
	key       string
	verifier  Verifier

	missingNonce      bool
	unsignedConflicts bool

	timeout   time.Duration
	userAgent string
	http      *http.Client
	transport *http.Transport // nil when the caller brought an HTTP client
	proxy     *proxy.Chooser  // nil likewise
	isvID     string
	log       Logger
}

// New checks the configuration and returns a Client. It does not touch the
// network. Errors name the field and say what to put there.
func New(c Config) (*Client, error) {
	base, err := parseServerURL(c.ServerURL)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	cl := &Client{
		base:              base + wire.Prefix(c.ISVID),
		isvID:             c.ISVID,
		productID:         c.ProductID,
		key:               c.ProvisioningKey,
		verifier:          c.Verifier,
		missingNonce:      c.AllowMissingNonce,
		unsignedConflicts: c.AllowUnsignedConflicts,
		timeout:           c.Timeout,
		userAgent:         cmp.Or(c.UserAgent, "leasehold"),
		log:               logging.OrNone(c.Logger),
	}
	if cl.timeout <= 0 {
		cl.timeout = defaultTimeout
	}
	if c.HTTPClient != nil {
		own := *c.HTTPClient
		cl.http = &own
	} else {
		cl.proxy = &proxy.Chooser{App: c.Proxy, AppName: c.ProxyFrom}
		cl.transport = newTransport(cl.proxy.Proxy, c.RootCAs)
		cl.http = &http.Client{Transport: cl.transport}
	}
	cl.http.CheckRedirect = sameServer
	return cl, nil
}
