package slascone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// binding is what a licence must agree with before it is believed.
type binding struct {
	clientID string // required
	typedKey string // activation: the licence, token or legacy key that was sent
	license  string // heartbeat: the licence held; empty when none is
	known    Known
}

// licenseCall makes a call whose 200 is a licence.
func (c *Client) licenseCall(ctx context.Context, path string, request any, source verified.Source, want binding) Answer[license.License] {
	if fail := requireClient(want.clientID); fail != nil {
		return silence[license.License](response{}, fail)
	}
	r, fail := c.exchange(ctx, path, request)
	if fail != nil {
		return silence[license.License](r, fail)
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[license.License](r, want.known)
	}
	lic, fail := c.readLicense(source, r.body, want)
	if fail != nil {
		return silence[license.License](r, fail)
	}
	a := Answer[license.License]{
		Kind:       Yes,
		Value:      lic,
		Evidence:   Evidence{Kind: KindHeartbeat, Body: r.body, Signature: r.signature},
		At:         lic.IssuedAt(),
		RetryAfter: r.retryAfter,
	}
	if source == verified.Activation {
		a.Evidence.Kind = KindActivation
	}
	if !lic.Verdict().Granted() {
		a.Kind = No
	}
	return a
}

// requireClient refuses a call that names no client: nothing would bind its
// answer, and the server answers conflict 2010.
func requireClient(id string) *SilenceError {
	if strings.TrimSpace(id) != "" {
		return nil
	}
	return &SilenceError{Reason: BadRequest, Detail: "the call names no client; give the device ID"}
}

// readLicense checks shape, binding and freshness of a body whose signature
// holds, and only then makes a licence of it.
func (c *Client) readLicense(source verified.Source, body []byte, want binding) (license.License, *SilenceError) {
	info, err := wire.ReadLicenseInfo(body)
	if err == nil {
		err = checkShape(info)
	}
	if err != nil {
		return license.License{}, badShape(http.StatusOK, "licence", err)
	}
	if fail := c.checkBinding(info, want); fail != nil {
		return license.License{}, fail
	}
	return grant.License(verified.By(source, info.CreatedDate.Time), terms(info)), nil
}

// checkShape names a field without which a signed body may be the answer of
// some other endpoint. product_id and created_date_utc are among them although
// servers before 2023 left them out: without them nothing binds the body.
func checkShape(i *wire.LicenseInfo) error {
	var missing string
	switch {
	case i.LicenseKey == "":
		missing = "license_key"
	case value(i.ProductID) == "":
		missing = "product_id"
	case value(i.ClientID) == "":
		missing = "client_id"
	case i.IsLicenseActive == nil:
		missing = "is_license_active"
	case i.IsLicenseExpired == nil:
		missing = "is_license_expired"
	case i.IsLicenseValid == nil:
		missing = "is_license_valid"
	case instant(i.CreatedDate).IsZero():
		missing = "created_date_utc"
	default:
		return nil
	}
	return errors.New("it has no " + missing)
}

// checkBinding compares IDs without regard to case, as the service does.
func (c *Client) checkBinding(i *wire.LicenseInfo, want binding) *SilenceError {
	fail := func(reason Reason, detail string) *SilenceError {
		return &SilenceError{Reason: reason, Status: http.StatusOK, Detail: "the licence server's answer is " + detail}
	}
	switch {
	case !strings.EqualFold(*i.ProductID, c.productID):
		return fail(Foreign, "for another product")
	case !strings.EqualFold(*i.ClientID, want.clientID):
		return fail(Foreign, "for another client")
	case want.typedKey != "" && !opens(i, want.typedKey):
		return fail(Foreign, "for another licence key than the one that was sent")
	case want.license != "" && !strings.EqualFold(i.LicenseKey, want.license):
		return fail(Foreign, "for another licence than the one held")
	}
	if accepted, outdated := want.known.outdatedBy(i.CreatedDate.Time); outdated {
		return fail(Stale, fmt.Sprintf("of %s, older than one that was already accepted, of %s; %s", shown(i.CreatedDate.Time), shown(accepted), wayOut))
	}
	return nil
}

// wayOut is out of a time that was accepted, and is not yet.
const wayOut = "if the server's clock was ahead then, deactivate and activate again, or erase what is kept here"

func shown(t time.Time) string { return t.UTC().Format(time.DateTime) }

// opens reports whether the key a person typed leads to this licence: a key
// may be the licence's, a seat's, or one from the vendor's former system.
func opens(i *wire.LicenseInfo, typed string) bool {
	return strings.EqualFold(i.LicenseKey, typed) ||
		strings.EqualFold(value(i.TokenKey), typed) ||
		strings.EqualFold(value(i.LegacyLicenseKey), typed)
}
