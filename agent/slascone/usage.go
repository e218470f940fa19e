package slascone

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Usage says how much a feature was used.
type Usage struct {
	FeatureID string // UUID of the usage feature
	ModuleID  string // may be empty
	At        time.Time
	Value     decimal.Decimal // at most 40 characters; the service keeps it as a float64
}

// UsageHeartbeat reports what a client has used.
type UsageHeartbeat struct {
	ClientID string // required
	UserID   string
	TokenKey string // the seat held; may be empty
	Usages   []Usage
}

// SendUsage reports usage. A Yes says that the server acknowledged all of it.
// The service has nothing to recognise a repeated report by, so after a Silence
// the same usage may be counted twice.
func (c *Client) SendUsage(ctx context.Context, h UsageHeartbeat, known Known) Answer[struct{}] {
	fail := requireReport(h.ClientID, len(h.Usages))
	items := make([]wire.Usage, 0, len(h.Usages))
	for _, u := range h.Usages {
		fail = firstFailure(fail, requireID("usage feature ID", u.FeatureID), requireNumber("value", u.Value))
		items = append(items, wire.Usage{FeatureID: u.FeatureID, ModuleID: u.ModuleID, Timestamp: timestamp(u.At), Value: wire.Decimal{Decimal: u.Value}})
	}
	if fail != nil {
		return silence[struct{}](response{}, fail)
	}
	return c.acknowledgedCall(ctx, wire.PathUsage, wire.UsageRequest{
		ClientID: h.ClientID, UserID: h.UserID, TokenKey: h.TokenKey, Usage: items,
	}, known)
}

// NamedUsage says how much a feature was used, by the feature's name.
type NamedUsage struct {
	Feature string // name of the usage feature; required
	Module  string // may be empty
	At      time.Time
	Value   decimal.Decimal // as in [Usage]
}

// NamedUsageHeartbeat reports what a client has used, by names.
type NamedUsageHeartbeat struct {
	ClientID string // required
	UserID   string
	TokenKey string // the seat held; may be empty
	// CreateFeatures and CreateModules let the server make those it does not
	// know; otherwise it refuses the report.
	CreateFeatures, CreateModules bool
	Usages                        []NamedUsage
}

// SendNamedUsage is [Client.SendUsage] with names for IDs.
func (c *Client) SendNamedUsage(ctx context.Context, h NamedUsageHeartbeat, known Known) Answer[struct{}] {
	fail := requireReport(h.ClientID, len(h.Usages))
	items := make([]wire.NamedUsage, 0, len(h.Usages))
	for _, u := range h.Usages {
		if strings.TrimSpace(u.Feature) == "" {
			fail = firstFailure(fail, badRequest("the call names no feature; give the usage feature's name"))
		}
		fail = firstFailure(fail, requireNumber("value", u.Value))
		items = append(items, wire.NamedUsage{FeatureName: u.Feature, ModuleName: u.Module, Timestamp: timestamp(u.At), Value: wire.Decimal{Decimal: u.Value}})
	}
	if fail != nil {
		return silence[struct{}](response{}, fail)
	}
	return c.acknowledgedCall(ctx, wire.PathUsageByName, wire.UsageByNameRequest{
		ProductID: c.productID, ClientID: h.ClientID, UserID: h.UserID, TokenKey: h.TokenKey,
		CreateFeature: h.CreateFeatures, CreateModule: h.CreateModules, Usage: items,
	}, known)
}

// requireReport refuses a report from nobody or of nothing.
func requireReport(clientID string, items int) *SilenceError {
	if fail := requireClient(clientID); fail != nil {
		return fail
	}
	if items == 0 {
		return badRequest("the report is empty; send it when there is something to report")
	}
	return nil
}

// requireID refuses what the server would answer with 400, which names no
// culprit. The text leaves the ID out: it may be a licence key.
func requireID(what, id string) *SilenceError {
	if checkID(what, id) == nil {
		return nil
	}
	return badRequest("the " + what + " is not a UUID of 36 characters; copy it from the product in the vendor's account")
}

const maxExponent = 30

var errNumber = errors.New("the number is not within bounds; give at most 40 characters, 30 of them decimals")

// CheckAmount returns an error for an amount that no call sends, because it
// would take pages to write out: one of more than 40 characters, or with an
// exponent beyond 30.
func CheckAmount(d decimal.Decimal) error {
	if d.Exponent() < -maxExponent || d.Exponent() > maxExponent {
		return errNumber
	}
	if _, err := scalar.Decimal(d.String()); err != nil {
		return errNumber
	}
	return nil
}

func requireNumber(what string, d decimal.Decimal) *SilenceError {
	if err := CheckAmount(d); err != nil {
		return &SilenceError{Reason: BadRequest, Detail: "the " + what + " cannot be sent", Err: err}
	}
	return nil
}

func firstFailure(fails ...*SilenceError) *SilenceError {
	for _, f := range fails {
		if f != nil {
			return f
		}
	}
	return nil
}

func badRequest(detail string) *SilenceError {
	return &SilenceError{Reason: BadRequest, Detail: detail}
}

// timestamp leaves the zero time out; the server then takes its own.
func timestamp(at time.Time) *wire.Time {
	if at.IsZero() {
		return nil
	}
	return &wire.Time{Time: at}
}
