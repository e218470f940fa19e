package slasconetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
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

func (l *license) dates(now time.Time) int {
	switch {
	case !l.Expires.IsZero() && !now.Before(l.Expires):
		return dateExpired
	case now.Before(l.Starts):
		return dateNotYetValid
	default:
		return dateValid
	}
}

func (l *license) versionValid(version string) bool {
	return version == "" || covers(l.ReleaseLimit, version)
}

// info is the LicenseInfo of a licence for the client that holds t, member by
// member, which makes it long. A licence
// is valid when it is active, within its dates and of a covered release.
func (s *Server) info(t *token, c *client, now time.Time) *wire.LicenseInfo {
	l := t.of
	p := s.store.product(l.ProductID)
	validity := l.dates(now)
	known := c.traits.Value()
	version := l.versionValid(known.version)
	info := &wire.LicenseInfo{
		Customer:                     &wire.Customer{CustomerID: l.Customer.ID, CompanyName: l.Customer.Name, CustomerNumber: l.Customer.Number},
		LicenseName:                  l.Name,
		LicenseKey:                   l.Key,
		TokenKey:                     new(t.key()),
		LegacyLicenseKey:             optional(l.LegacyKey),
		ClientID:                     new(c.id),
		ClientName:                   optional(known.name),
		ClientDescription:            optional(known.description),
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
		TokenLimit:                   limitOrMost(l.TokenLimit),
		FloatingTokenLimit:           l.FloatingTokenLimit,
		IsTemporary:                  l.Temporary,
		IsSoftwareVersionValid:       &version,
		IsNewerSoftwareShipmentAvail: newer(p.LatestVersion, known.version),
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
	info.SoftwareReleaseLimitation = l.releaseLimitation()
	info.LatestSoftwareShipment = p.shipment()
	for _, f := range l.Features {
		info.Features = append(info.Features, wire.Feature{
			ID: f.ID, Name: f.Name, Description: optional(f.Description), IsActive: !f.Disabled, ExpirationDate: date(f.Expires),
		})
	}
	for _, limit := range l.Limitations {
		info.Limitations = append(info.Limitations, s.limitation(l, limit, now))
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
	info.LicenseType = l.licenseType()
	return info
}

// expiry is the end that is written: year 9999 for a perpetual licence.
func (l *license) expiry() time.Time {
	if l.Expires.IsZero() {
		return perpetual
	}
	return l.Expires
}

// Balance says what the balance of a limitation counts.
type Balance string

// The meanings that balance may have.
const (
	BalanceConsumed Balance = "consumed" // what was taken in the period
	BalanceLeft     Balance = "left"     // what remains, below zero on goodwill
	BalanceAbsent   Balance = "absent"   // there is no such member, as before March 2026
)

// limitation writes what is left of a limitation as remaining, which goes below
// zero while goodwill is used (LimitationViewModel of SLASCONE-demo-wpf-nuget).
// All of a static limitation is left, always. Of an unlimited one value and
// remaining are null.
func (s *Server) limitation(l *license, of Limitation, now time.Time) wire.Limitation {
	out := wire.Limitation{
		ID: of.ID, Name: of.Name, Description: optional(of.Description),
		ConsumptionResetMode: wire.Enum{Number: int(of.Reset)},
	}
	if of.Reset == ResetPeriodically {
		out.ConsumptionResetPeriodDays = &of.ResetDays
	}
	taken := l.consumed(of, now)
	if of.Value != "" {
		out.Value = &wire.Decimal{Decimal: decimal.RequireFromString(of.Value)}
		out.Remaining = &wire.Decimal{Decimal: out.Value.Decimal.Sub(taken)}
	}
	switch s.cfg.Balance {
	case BalanceConsumed:
		out.Balance = &wire.Decimal{Decimal: taken}
	case BalanceLeft:
		out.Balance = out.Remaining
	}
	return out
}

// withoutBalance takes the member out of a body in which it is null everywhere,
// as it is with BalanceAbsent. In a text the quotation marks would be escaped.
func withoutBalance(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`"balance":null,`), nil)
}

func (l *license) user(u User) wire.LicenseUser {
	return wire.LicenseUser{
		UserID: u.ID, Name: new(cmp.Or(u.Name, u.ID)), LicenseID: l.Key, IsActive: !u.Inactive,
		CreatedDate: dateOrFirst(u.Created), ModifiedDate: dateOrFirst(u.Created), LastModifiedBy: new(modifiedBy),
		ActiveSessions: l.activeSessions(u.ID), LicenseUserGroupID: optional(u.GroupID),
	}
}

// releaseLimitation is nil where every release is covered. Its dates are the
// licence's, as there is no other.
func (l *license) releaseLimitation() *wire.SoftwareReleaseLimitation {
	if l.ReleaseLimit == "" {
		return nil
	}
	return &wire.SoftwareReleaseLimitation{
		ID: releaseID(l.ProductID, l.ReleaseLimit), ProductID: l.ProductID, SoftwareRelease: l.ReleaseLimit,
		SoftwareShipments: []wire.SoftwareShipment{},
		CreatedDate:       dateOrFirst(l.Issued), ModifiedDate: dateOrFirst(l.Issued), LastModifiedBy: new(modifiedBy),
	}
}

// shipment is the product's newest release, nil where none is published. It
// belongs to the release of its own name.
func (p *Product) shipment() *wire.SoftwareShipment {
	if p.LatestVersion == "" {
		return nil
	}
	return &wire.SoftwareShipment{
		ID: derivedID(p.ID, "shipment", p.LatestVersion), ProductID: p.ID,
		VersionNumber: p.LatestVersion, DownloadLink: optional(p.DownloadLink), Properties: []json.RawMessage{},
		SoftwareReleaseLimitationID: new(releaseID(p.ID, p.LatestVersion)), IsLatest: true,
		CreatedDate: dateOrFirst(p.Created), ModifiedDate: dateOrFirst(p.Created), LastModifiedBy: new(modifiedBy),
	}
}

func (l *license) licenseType() *wire.LicenseType {
	if l.Type == (Type{}) {
		return nil
	}
	return &wire.LicenseType{
		ID: l.Type.ID, Name: l.Type.Name,
		CreatedDate: dateOrFirst(l.Issued), ModifiedDate: dateOrFirst(l.Issued), LastModifiedBy: new(modifiedBy),
	}
}

func releaseID(productID, release string) string { return derivedID(productID, "release", release) }

// modifiedBy is who changed everything.
const modifiedBy = "slasconetest"

// limitOrMost is a limit where the contract has no null: without one it is the
// largest number of its type.
func limitOrMost(limit *int) *int {
	if limit == nil {
		return new(math.MaxInt32)
	}
	return limit
}

// dateOrFirst is a date where the contract has no null: one that is not known
// is the first of .NET.
func dateOrFirst(at time.Time) *wire.Time {
	if at.IsZero() {
		return &wire.Time{}
	}
	return date(at)
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
