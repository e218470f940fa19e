package slascone

import (
	"context"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Unassign gives the seat with this token key back. A Yes says that the server
// acknowledged.
func (c *Client) Unassign(ctx context.Context, tokenKey string, known Known) Answer[struct{}] {
	return c.acknowledgedCall(ctx, wire.PathUnassign, wire.UnassignRequest{TokenKey: tokenKey}, known)
}
