package slascone

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Activation asks the server to assign a seat.
type Activation struct {
	Key             string // the licence, token or legacy key that a person typed
	ClientID        string // required
	ClientName      string
	Description     string
	SoftwareVersion string    // the server refuses a version that the licence does not cover; empty: not checked
	Tags            []string  // the vendor's, for the client; each must exist in the vendor's account
	At              time.Time // when the seat was taken; zero: when the server hears of it
}

// Activate asks for a seat for the client (SLASCONE help centre
// 11993387685789). A Yes carries the licence. Activating again keeps the seat, or
// is refused with 2001 or 2005: what the service does is not known. A user is
// named by the client ID alone.
func (c *Client) Activate(ctx context.Context, a Activation, known Known) Answer[license.License] {
	return c.licenseCall(ctx, wire.PathActivation, wire.ActivationRequest{
		ProductID:         c.productID,
		LicenseKey:        a.Key,
		ClientID:          a.ClientID,
		ClientName:        a.ClientName,
		ClientDescription: a.Description,
		SoftwareVersion:   a.SoftwareVersion,
		Tags:              a.Tags,
		Timestamp:         timestamp(a.At),
	}, verified.Activation, binding{clientID: a.ClientID, typedKey: a.Key, known: known})
}
