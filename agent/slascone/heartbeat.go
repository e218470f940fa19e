package slascone

import (
	"context"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Heartbeat tells the server that the client is in use and asks how its
// licence is.
type Heartbeat struct {
	ClientID        string // required
	LicenseKey      string // the licence held; empty when none is: any licence of the product is then accepted
	TokenKey        string // the seat held; may be empty
	SoftwareVersion string // required by the server
	OperatingSystem string // required by the server
	UserID          string
	GroupID         string // the vendor's group that the client belongs to; may be empty
	TypeID          string // the vendor's heartbeat type, a UUID; may be empty
}

// Heartbeat sends one heartbeat. A Yes carries the licence. A licence that is
// expired, inactive or does not cover the version comes as a 200 whose flags
// say so (SLASCONE help centre 27831389148957), and is a No with Value set.
func (c *Client) Heartbeat(ctx context.Context, h Heartbeat, known Known) Answer[license.License] {
	return c.licenseCall(ctx, wire.PathHeartbeat, wire.HeartbeatRequest{
		ProductID:       c.productID,
		ClientID:        h.ClientID,
		SoftwareVersion: h.SoftwareVersion,
		OperatingSystem: h.OperatingSystem,
		UserID:          h.UserID,
		TokenKey:        h.TokenKey,
		GroupID:         h.GroupID,
		HeartbeatTypeID: h.TypeID,
	}, verified.Heartbeat, binding{clientID: h.ClientID, license: h.LicenseKey, known: known})
}
