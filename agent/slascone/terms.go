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
		t.Releases = convert(i.SoftwareReleaseLimitation.SoftwareShipments, shipment)
	}
	if s := i.LatestSoftwareShipment; s != nil {
		latest := shipment(s)
		t.LatestRelease = &latest
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

func shipment(s *wire.SoftwareShipment) license.Shipment {
	return license.Shipment{Version: s.VersionNumber, Description: value(s.Description), DownloadLink: value(s.DownloadLink)}
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
