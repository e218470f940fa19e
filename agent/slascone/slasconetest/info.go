package slasconetest

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// The verdicts of date_validity.
const (
	dateValid       = 0
	dateNotYetValid = 1
	dateExpired     = 2
)

// perpetual is how the service writes that a licence has no end.
var perpetual = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func (l *licence) dates(now time.Time) int {
	switch {
	case !l.Expires.IsZero() && !now.Before(l.Expires):
		return dateExpired
	case now.Before(l.Starts):
		return dateNotYetValid
	default:
		return dateValid
	}
}

func (l *licence) versionValid(version string) bool {
	return version == "" || covers(l.ReleaseLimit, version)
}

// info is the LicenseInfo of a licence for the client that holds t. A licence
// is valid when it is active, within its dates and of a covered release.
func (s *Server) info(t *token, c *Client, now time.Time) *wire.LicenseInfo {
	l := t.of
	p := s.store.product(l.ProductID)
	validity := l.dates(now)
	version := l.versionValid(c.SoftwareVersion)
	info := &wire.LicenseInfo{
		Customer:                     &wire.Customer{CustomerID: l.Customer.ID, CompanyName: l.Customer.Name, CustomerNumber: l.Customer.Number},
		LicenseName:                  l.Name,
		LicenseKey:                   l.Key,
		TokenKey:                     new(t.Key),
		LegacyLicenseKey:             optional(l.LegacyKey),
		ClientID:                     new(c.ID),
		ClientName:                   optional(c.Name),
		ClientDescription:            optional(c.Description),
		ProductName:                  p.Name,
		ProductID:                    new(p.ID),
		TemplateName:                 l.Edition,
		TemplateID:                   new(l.EditionID),
		ProvisioningMode:             wire.Enum{Number: number(l.Floating)},
		ClientType:                   wire.Enum{Number: number(l.ForUsers)},
		IsLicenseActive:              new(!l.Inactive),
		IsLicenseExpired:             new(validity == dateExpired),
		IsLicenseValid:               new(!l.Inactive && validity == dateValid && (version || l.AllowInvalidRelease)),
		StartDate:                    date(l.Starts),
		ExpirationDate:               date(l.expiry()),
		DateValidity:                 &wire.Enum{Number: validity},
		TokenLimit:                   l.TokenLimit,
		FloatingTokenLimit:           l.FloatingTokenLimit,
		IsTemporary:                  l.Temporary,
		IsSoftwareVersionValid:       &version,
		IsNewerSoftwareShipmentAvail: newer(p.LatestVersion, c.SoftwareVersion),
		SessionPeriod:                l.SessionPeriod,
		HeartbeatPeriod:              l.HeartbeatPeriod,
		Freeride:                     l.Freeride,

		EnforceSoftwareVersionUpgrade: l.EnforceUpgrade,
		Features:                      []wire.Feature{},
		Limitations:                   []wire.Limitation{},
		Variables:                     []wire.Variable{},
		ConstrainedVariables:          []wire.ConstrainedVariable{},
		LicenseUsers:                  []wire.LicenseUser{},
		CreatedDate:                   date(now),
	}
	if l.ReleaseLimit != "" {
		info.SoftwareReleaseLimitation = &wire.SoftwareReleaseLimitation{
			ID: derivedID(l.ProductID, "release", l.ReleaseLimit), ProductID: p.ID, SoftwareRelease: l.ReleaseLimit,
		}
	}
	if p.LatestVersion != "" {
		info.LatestSoftwareShipment = &wire.SoftwareShipment{
			ID: derivedID(p.ID, "shipment", p.LatestVersion), ProductID: p.ID,
			VersionNumber: p.LatestVersion, DownloadLink: optional(p.DownloadLink), IsLatest: true,
		}
	}
	for _, f := range l.Features {
		info.Features = append(info.Features, wire.Feature{
			ID: f.ID, Name: f.Name, Description: optional(f.Description), IsActive: !f.Disabled, ExpirationDate: date(f.Expires),
		})
	}
	for _, limit := range l.Limitations {
		info.Limitations = append(info.Limitations, l.limitation(limit, now))
	}
	for _, v := range l.Variables {
		info.Variables = append(info.Variables, wire.Variable{ID: v.ID, Name: v.Name, Description: optional(v.Description), Value: v.Value})
	}
	for _, v := range l.Choices {
		info.ConstrainedVariables = append(info.ConstrainedVariables, wire.ConstrainedVariable{
			ID: v.ID, Name: v.Name, Description: optional(v.Description), CustomListID: v.ListID, Value: append([]string{}, v.Values...),
		})
	}
	for _, u := range l.Users {
		info.LicenseUsers = append(info.LicenseUsers, l.user(u))
	}
	if l.Type != (Type{}) {
		info.LicenseType = &wire.LicenseType{ID: l.Type.ID, Name: l.Type.Name}
	}
	return info
}

// expiry is the end that is written: year 9999 for a perpetual licence.
func (l *licence) expiry() time.Time {
	if l.Expires.IsZero() {
		return perpetual
	}
	return l.Expires
}

// limitation writes balance as what is left, below zero once goodwill is
// taken, and remaining as the same never below zero. Both are null where
// nothing is counted.
func (l *licence) limitation(of Limitation, now time.Time) wire.Limitation {
	out := wire.Limitation{
		ID: of.ID, Name: of.Name, Description: optional(of.Description),
		ConsumptionResetMode: wire.Enum{Number: int(of.Reset)},
	}
	if of.Reset == ResetPeriodically {
		out.ConsumptionResetPeriodDays = &of.ResetDays
	}
	if of.Value == "" {
		return out
	}
	value := decimal.RequireFromString(of.Value)
	out.Value = &wire.Decimal{Decimal: value}
	if of.Reset != ResetDisabled {
		balance := value.Sub(l.consumed(of, now))
		out.Balance = &wire.Decimal{Decimal: balance}
		out.Remaining = &wire.Decimal{Decimal: decimal.Max(balance, decimal.Zero)}
	}
	return out
}

func (l *licence) user(u User) wire.LicenseUser {
	return wire.LicenseUser{
		UserID: u.ID, Name: optional(u.Name), LicenseID: l.Key, IsActive: !u.Inactive,
		CreatedDate: date(u.Created), ModifiedDate: date(u.Created),
		ActiveSessions: l.activeSessions(u.ID), LicenseUserGroupID: optional(u.GroupID),
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// date cuts to whole seconds, as the service writes them.
func date(at time.Time) *wire.Time {
	if at.IsZero() {
		return nil
	}
	return &wire.Time{Time: at.UTC().Truncate(time.Second)}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// derivedID is an ID for what has none of its own, the same each time.
func derivedID(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(parts, " "))).String()
}
