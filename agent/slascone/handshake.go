package slascone

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// Handshake connects to the server as calls do, through the proxy that they go
// through, and returns how TLS was agreed on, for a help desk. It sends a HEAD for
// the server's front page, without the provisioning key. The state is nil when
// the server's address is not https. The error is the one of TLS or of the
// connection.
func (c *Client) Handshake(ctx context.Context) (*tls.ConnectionState, error) {
	ctx = given.Context(ctx)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.base, nil)
	if err != nil {
		return nil, fmt.Errorf("slascone: %w", redacted(err, c.isvID, c.key))
	}
	req.URL.Path, req.URL.RawPath = "/", ""
	resp, err := c.do(req)
	if err != nil {
		return nil, c.noConnection(ctx, err)
	}
	_ = resp.Body.Close()
	return resp.TLS, nil
}
