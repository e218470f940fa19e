package slascone

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"

	"github.com/shopspring/decimal"
)

// readLicence checks shape, binding and freshness of a body whose signature
// holds, and only then makes a licence of it.
func (c *Client) readLicence(source verified.Source, body []byte, want binding) (license.License, *SilenceError) {
	fail := func(reason Reason, detail string, err error) (license.License, *SilenceError) {
		return license.License{}, &SilenceError{Reason: reason, Status: 200, Detail: detail, Err: err}
	}
	var info wire.LicenseInfo
	if err := json.Unmarshal(body, &info); err != nil {
		return fail(BadShape, "the response is signed but is no licence", err)
	}
	if missing := missingField(&info); missing != "" {
		return fail(BadShape, "the response is signed but is no licence: it has no "+missing, nil)
	}
	switch {
	case !strings.EqualFold(*info.ProductID, c.productID):
		return fail(Foreign, "the response is for another product", nil)
	case !strings.EqualFold(*info.ClientID, want.clientID):
		return fail(Foreign, "the response is for another client", nil)
	case want.typedKey != "" && !opens(&info, want.typedKey):
		return fail(Foreign, "the response is for another licence key than the one that was sent", nil)
	case want.licence != "" && !strings.EqualFold(info.LicenseKey, want.licence):
		return fail(Foreign, "the response is for another licence than the one held", nil)
	case info.CreatedDate.Before(want.notBefore.Truncate(time.Second)):
		return fail(Stale, "the response is older than one that was already accepted", nil)
	}
	return license.New(verified.By(source, info.CreatedDate.Time), terms(&info)), nil
}

// missingField names a field without which a signed body may be the answer of
// some other endpoint. product_id and created_date_utc are among them although
// servers before 2023 left them out: without them nothing binds the body.
func missingField(i *wire.LicenseInfo) string {
	switch {
	case i.LicenseKey == "":
		return "license_key"
	case i.ProductID == nil:
		return "product_id"
	case i.ClientID == nil:
		return "client_id"
	case i.IsLicenseActive == nil:
		return "is_license_active"
	case i.IsLicenseExpired == nil:
		return "is_license_expired"
	case i.IsLicenseValid == nil:
		return "is_license_valid"
	case i.CreatedDate == nil:
		return "created_date_utc"
	}
	return ""
}

// opens reports whether the key a person typed leads to this licence: a key
// may be the licence's, a seat's, or one from the vendor's former system.
func opens(i *wire.LicenseInfo, typed string) bool {
	return strings.EqualFold(i.LicenseKey, typed) ||
		i.TokenKey != nil && strings.EqualFold(*i.TokenKey, typed) ||
		i.LegacyLicenseKey != nil && strings.EqualFold(*i.LegacyLicenseKey, typed)
}

func terms(i *wire.LicenseInfo) license.Terms {
	t := license.Terms{
		Key:       i.LicenseKey,
		TokenKey:  value(i.TokenKey),
		LegacyKey: value(i.LegacyLicenseKey),
		Name:      i.LicenseName,

		ClientID:          value(i.ClientID),
		ClientName:        value(i.ClientName),
		ClientDescription: value(i.ClientDescription),
		ProductID:         value(i.ProductID),
		ProductName:       i.ProductName,
		EditionID:         value(i.TemplateID),
		EditionName:       i.TemplateName,

		ProvisioningMode: license.ProvisioningMode(i.ProvisioningMode.Of("named", "floating")),
		ClientType:       license.ClientType(i.ClientType.Of("devices", "users")),

		Active:    *i.IsLicenseActive,
		Expired:   *i.IsLicenseExpired,
		Valid:     *i.IsLicenseValid,
		Starts:    instant(i.StartDate),
		Expires:   scalar.End(instant(i.ExpirationDate)),
		Temporary: i.IsTemporary,

		TokenLimit:         i.TokenLimit,
		FloatingTokenLimit: i.FloatingTokenLimit,

		VersionValid:   i.IsSoftwareVersionValid == nil || *i.IsSoftwareVersionValid,
		EnforceUpgrade: i.EnforceSoftwareVersionUpgrade,
		NewerRelease:   i.IsNewerSoftwareShipmentAvail,

		SessionPeriodMinutes: i.SessionPeriod,
		HeartbeatPeriodDays:  i.HeartbeatPeriod,
		FreerideDays:         i.Freeride,
	}
	if i.DateValidity != nil {
		t.DateValidity = license.DateValidity(i.DateValidity.Of("valid", "not_yet_valid", "expired"))
	}
	if i.Customer != nil {
		t.Customer = license.Customer{ID: i.Customer.CustomerID, Company: i.Customer.CompanyName, Number: i.Customer.CustomerNumber}
	}
	if i.LicenseType != nil {
		t.TypeID, t.TypeName = i.LicenseType.ID, i.LicenseType.Name
	}
	if i.SoftwareReleaseLimitation != nil {
		t.ReleaseLimit = i.SoftwareReleaseLimitation.SoftwareRelease
	}
	if s := i.LatestSoftwareShipment; s != nil {
		t.LatestRelease = &license.Shipment{Version: s.VersionNumber, Description: value(s.Description), DownloadLink: value(s.DownloadLink)}
	}
	t.Features = convert(i.Features, func(f *wire.Feature) license.Feature {
		return license.Feature{ID: f.ID, Name: f.Name, Description: value(f.Description), Active: f.IsActive, Expires: scalar.End(instant(f.ExpirationDate))}
	})
	t.Limitations = convert(i.Limitations, func(l *wire.Limitation) license.Limitation {
		return license.Limitation{ID: l.ID, Name: l.Name, Description: value(l.Description),
			Value: amount(l.Value), Remaining: amount(l.Remaining), Balance: amount(l.Balance),
			ResetMode:       license.ResetMode(l.ConsumptionResetMode.Of("disabled", "never", "periodically", "monthly", "quarterly", "yearly")),
			ResetPeriodDays: l.ConsumptionResetPeriodDays}
	})
	t.Variables = convert(i.Variables, func(v *wire.Variable) license.Variable {
		return license.Variable{ID: v.ID, Name: v.Name, Description: value(v.Description), Value: v.Value}
	})
	t.Choices = convert(i.ConstrainedVariables, func(v *wire.ConstrainedVariable) license.Choice {
		return license.Choice{ID: v.ID, Name: v.Name, Description: value(v.Description), ListID: v.CustomListID, Values: v.Value}
	})
	t.Users = convert(i.LicenseUsers, func(u *wire.LicenseUser) license.User {
		return license.User{ID: u.UserID, Name: value(u.Name), Active: u.IsActive}
	})
	return t
}

func convert[W, T any](from []W, one func(*W) T) []T {
	if len(from) == 0 {
		return nil
	}
	to := make([]T, len(from))
	for i := range from {
		to[i] = one(&from[i])
	}
	return to
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func instant(t *wire.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

func amount(d *wire.Decimal) *decimal.Decimal {
	if d == nil {
		return nil
	}
	return &d.Decimal
}

// readConflict reads the body of a 409.
func readConflict(body []byte) (Conflict, error) {
	var w wire.Conflict
	if err := json.Unmarshal(body, &w); err != nil {
		return Conflict{}, err
	}
	if w.ID <= 0 {
		return Conflict{}, errors.New("it has no id")
	}
	return Conflict{ID: w.ID, Message: value(w.Message)}, nil
}
