package slascone

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// terms converts a body of the right shape.
//
// It is long because it is a table: each field on the wire has its place in the terms.
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
		t.Releases = shipments(i.SoftwareReleaseLimitation.SoftwareShipments)
	}
	if s := i.LatestSoftwareShipment; s != nil {
		latest := shipment(s)
		t.LatestRelease = &latest
	}
	t.Features, t.Limitations, t.Variables = features(i.Features), limitations(i.Limitations), variables(i.Variables)
	t.Choices, t.Users = choices(i.ConstrainedVariables), users(i.LicenseUsers)
	return t
}

// A generic function in the place of these six costs 8 kB: it is made once for each type, and keeps what reflection
// could do with it.

func features(from []wire.Feature) []license.Feature {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.Feature, len(from))
	for i := range from {
		f := &from[i]
		to[i] = license.Feature{ID: f.ID, Name: f.Name, Description: value(f.Description), Active: f.IsActive, Expires: scalar.End(instant(f.ExpirationDate))}
	}
	return to
}

func limitations(from []wire.Limitation) []license.Limitation {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.Limitation, len(from))
	for i := range from {
		l := &from[i]
		to[i] = license.Limitation{ID: l.ID, Name: l.Name, Description: value(l.Description),
			Value: amount(l.Value), Remaining: amount(l.Remaining), Balance: amount(l.Balance),
			ResetMode:       license.ResetMode(l.ConsumptionResetMode.Of("disabled", "never", "periodically", "monthly", "quarterly", "yearly")),
			ResetPeriodDays: l.ConsumptionResetPeriodDays}
	}
	return to
}

func variables(from []wire.Variable) []license.Variable {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.Variable, len(from))
	for i := range from {
		v := &from[i]
		to[i] = license.Variable{ID: v.ID, Name: v.Name, Description: value(v.Description), Value: v.Value}
	}
	return to
}

func choices(from []wire.ConstrainedVariable) []license.Choice {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.Choice, len(from))
	for i := range from {
		v := &from[i]
		to[i] = license.Choice{ID: v.ID, Name: v.Name, Description: value(v.Description), ListID: v.CustomListID, Values: v.Value}
	}
	return to
}

func users(from []wire.LicenseUser) []license.User {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.User, len(from))
	for i := range from {
		u := &from[i]
		to[i] = license.User{ID: u.UserID, Name: value(u.Name), Active: u.IsActive}
	}
	return to
}

func shipments(from []wire.SoftwareShipment) []license.Shipment {
	if len(from) == 0 {
		return nil
	}
	to := make([]license.Shipment, len(from))
	for i := range from {
		to[i] = shipment(&from[i])
	}
	return to
}

func shipment(s *wire.SoftwareShipment) license.Shipment {
	return license.Shipment{Version: s.VersionNumber, Description: value(s.Description), DownloadLink: value(s.DownloadLink)}
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
