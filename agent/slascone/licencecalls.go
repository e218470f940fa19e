package slascone

import (
	"context"
	"net/http"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Known is what the caller already accepted; it orders answers in time.
type Known struct {
	// NotBefore is the newest server time accepted so far. An answer that is a
	// whole second or more older is [Stale].
	NotBefore time.Time
	// Latest is the latest that the server's clock can show now: NotBefore plus
	// the time since that answer. Between the two, the unsigned Date of a
	// conflict is believed.
	Latest time.Time
}

// Activation asks the server to assign a seat.
type Activation struct {
	Key             string // the licence, token or legacy key that a person typed
	ClientID        string // never empty: the server answers conflict 2010 otherwise
	ClientName      string
	Description     string
	SoftwareVersion string
	UserID          string
}

// Activate asks for a seat for the client. A Yes carries the licence.
func (c *Client) Activate(ctx context.Context, a Activation, known Known) Answer[license.License] {
	return c.licenceCall(ctx, wire.PathActivation, wire.ActivationRequest{
		ProductID:         c.productID,
		LicenseKey:        a.Key,
		ClientID:          a.ClientID,
		ClientName:        a.ClientName,
		ClientDescription: a.Description,
		SoftwareVersion:   a.SoftwareVersion,
		UserID:            a.UserID,
	}, verified.Activation, KindActivation, binding{clientID: a.ClientID, typedKey: a.Key}, known)
}

// Heartbeat tells the server that the client is in use and asks how its
// licence is.
type Heartbeat struct {
	ClientID        string
	LicenceKey      string // the licence held; empty when none is: any licence of the product is then accepted
	TokenKey        string // the seat held; may be empty
	SoftwareVersion string
	OperatingSystem string
	UserID          string
}

// Heartbeat sends one heartbeat. A Yes carries the licence; a licence that is
// expired, inactive or does not cover the version is a No with Value set.
func (c *Client) Heartbeat(ctx context.Context, h Heartbeat, known Known) Answer[license.License] {
	return c.licenceCall(ctx, wire.PathHeartbeat, wire.HeartbeatRequest{
		ProductID:       c.productID,
		ClientID:        h.ClientID,
		SoftwareVersion: h.SoftwareVersion,
		OperatingSystem: h.OperatingSystem,
		UserID:          h.UserID,
		TokenKey:        h.TokenKey,
	}, verified.Heartbeat, KindHeartbeat, binding{clientID: h.ClientID, licence: h.LicenceKey}, known)
}

func (c *Client) licenceCall(ctx context.Context, path string, request any, source verified.Source, kind string, want binding, known Known) Answer[license.License] {
	r, fail, wait := c.exchange(ctx, path, request)
	if fail != nil {
		return Answer[license.License]{Err: fail, RetryAfter: wait}
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[license.License](r, known)
	}
	want.notBefore = known.NotBefore
	lic, fail := c.readLicence(source, r.body, want)
	if fail != nil {
		return Answer[license.License]{Err: fail, RetryAfter: wait}
	}
	a := Answer[license.License]{
		Kind:       Yes,
		Value:      lic,
		Evidence:   Evidence{Kind: kind, Body: r.body, Signature: r.signature},
		At:         lic.IssuedAt(),
		RetryAfter: wait,
	}
	if !lic.Verdict().Granted() {
		a.Kind = No
	}
	return a
}

// conflictAnswer makes a No of a 409 that can be understood.
func conflictAnswer[T any](r response, known Known) Answer[T] {
	conflict, err := readConflict(r.body)
	if err != nil {
		return silence[T](BadShape, r.status, "the response is a conflict that cannot be read", err)
	}
	// A 409 has no signed time, and a wrong one would outlaw every later Yes.
	at := known.NotBefore
	if r.date.After(at) {
		at = r.date
		if at.After(known.Latest) {
			at = known.Latest
		}
	}
	return Answer[T]{Kind: No, Conflict: conflict, At: at, RetryAfter: r.retryAfter}
}
