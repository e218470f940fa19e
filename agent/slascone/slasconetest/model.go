package slasconetest

import (
	"maps"
	"slices"
	"time"
)

// Values of the vendor's public demo account, the defaults of a [Server].
const (
	DemoISV     = "2af5fe02-6207-4214-946e-b00ac5309f53"
	DemoProduct = "b18657cc-1f7c-43fa-e3a4-08da6fa41ad3"
	DemoLicense = "27180460-29df-4a5a-a0a1-78c85ab6cee0"
)

// Product is what licences are sold for.
type Product struct {
	ID   string `json:"id"` // generated when empty
	Name string `json:"name"`

	// Created is the server's time when zero.
	Created time.Time `json:"created_date_utc,omitzero"`

	// LatestVersion is the newest published release; empty: none is published.
	LatestVersion string `json:"latest_version,omitempty"`

	// DownloadLink is where LatestVersion can be had.
	DownloadLink string `json:"download_link,omitempty"`

	// HeartbeatTypes are the heartbeat_type_id values that heartbeats may name;
	// any other gives conflict 5001.
	HeartbeatTypes []string `json:"heartbeat_types,omitempty"`

	// AnalyticalFields are the analytical_field_id values that analytical
	// heartbeats may name, each with "numeric", "text" or "bool"; any other gives
	// conflict 6000.
	AnalyticalFields map[string]string `json:"analytical_fields,omitempty"`

	// UsageFeatures and UsageModules are the usage_feature_id and
	// usage_module_id values that usage heartbeats may name, each with its name;
	// any others give conflicts 6002 and 6004.
	UsageFeatures map[string]string `json:"usage_features,omitempty"`
	UsageModules  map[string]string `json:"usage_modules,omitempty"`
}

// License describes a licence. Its zero value is a named licence for devices of
// the server's first product: active, perpetual and without limits. Pointers
// are values that the service may leave null; nil writes null and means "no
// limit" or "not set". Go 1.26 makes them with new(5).
type License struct {
	Key       string `json:"license_key,omitempty"` // a UUID; generated when empty
	LegacyKey string `json:"legacy_license_key,omitempty"`
	Name      string `json:"license_name,omitempty"`

	Description string `json:"description,omitempty"` // seen in lists of licences

	ProductID string   `json:"product_id,omitempty"` // the server's first product when empty
	Customer  Customer `json:"customer,omitzero"`
	Edition   string   `json:"template_name,omitempty"`
	EditionID string   `json:"template_id,omitempty"` // generated when empty
	Type      Type     `json:"license_type,omitzero"` // written as null when empty

	Floating bool `json:"floating,omitempty"` // seats are sessions, not tokens
	ForUsers bool `json:"for_users,omitempty"`

	Inactive  bool      `json:"inactive,omitempty"`
	Issued    time.Time `json:"date_of_issue_utc,omitzero"`   // the server's time when zero
	Starts    time.Time `json:"start_date_utc,omitzero"`      // zero: null
	Expires   time.Time `json:"expiration_date_utc,omitzero"` // zero: perpetual, written as year 9999
	Temporary bool      `json:"is_temporary,omitempty"`       // a guest or trial activation beside the normal one

	TokenLimit           *int `json:"token_limit,omitempty"`             // seats of a named licence
	GoodwillTokens       int  `json:"goodwill_token_limit,omitempty"`    // seats beyond TokenLimit that are granted all the same
	FloatingTokenLimit   *int `json:"floating_token_limit,omitempty"`    // open sessions of a floating licence
	SoftFloatingLimit    bool `json:"soft_floating_limit,omitempty"`     // sessions beyond it are opened all the same (SLASCONE help centre 360016152858)
	MaxSessionsPerClient *int `json:"max_sessions_per_client,omitempty"` // beyond it: conflict 12002
	UserLimit            *int `json:"user_limit,omitempty"`              // users that may enrol; nil with Users: only these

	// ReleaseLimit is the highest release that the licence covers, such as "24"
	// or "24.1"; empty: every release. A client of a release beyond it is
	// refused (1003) or told (is_software_version_valid), unless
	// AllowInvalidRelease.
	ReleaseLimit        string `json:"release_limit,omitempty"`
	AllowInvalidRelease bool   `json:"allows_invalid_software_release,omitempty"`
	EnforceUpgrade      bool   `json:"enforce_software_version_upgrade,omitempty"`

	SessionPeriod   *int `json:"session_period,omitempty"`   // minutes; nil: 5 where sessions can be opened
	HeartbeatPeriod *int `json:"heartbeat_period,omitempty"` // days
	Freeride        *int `json:"freeride,omitempty"`         // days

	Features    []Feature    `json:"features,omitempty"`
	Limitations []Limitation `json:"limitations,omitempty"`
	Variables   []Variable   `json:"variables,omitempty"`
	Choices     []Choice     `json:"constrained_variables,omitempty"`
	Users       []User       `json:"license_users,omitempty"`
}

// clone shares nothing with p, as [License.clone].
func (p Product) clone() Product {
	p.HeartbeatTypes = slices.Clone(p.HeartbeatTypes)
	p.AnalyticalFields = maps.Clone(p.AnalyticalFields)
	p.UsageFeatures = maps.Clone(p.UsageFeatures)
	p.UsageModules = maps.Clone(p.UsageModules)
	return p
}

// clone shares nothing with l, so that neither the server nor its caller can
// change the other's.
func (l License) clone() License {
	for _, n := range []**int{
		&l.TokenLimit, &l.FloatingTokenLimit, &l.MaxSessionsPerClient, &l.UserLimit, &l.SessionPeriod, &l.HeartbeatPeriod, &l.Freeride,
	} {
		if *n != nil {
			*n = new(**n)
		}
	}
	l.Features = slices.Clone(l.Features)
	l.Limitations = slices.Clone(l.Limitations)
	l.Variables = slices.Clone(l.Variables)
	l.Users = slices.Clone(l.Users)
	l.Choices = slices.Clone(l.Choices)
	for i := range l.Choices {
		l.Choices[i].Values = slices.Clone(l.Choices[i].Values)
	}
	return l
}

// Customer is the buyer of a licence.
type Customer struct {
	ID     string `json:"customer_id,omitempty"` // generated when empty
	Name   string `json:"company_name,omitempty"`
	Number string `json:"customer_number,omitempty"`
}

// Type is the vendor's class of licence.
type Type struct {
	ID   string `json:"id,omitempty"` // generated when empty
	Name string `json:"name,omitempty"`
}

// Feature is a function that a licence switches on, or off with Disabled.
type Feature struct {
	ID          string    `json:"id,omitempty"` // generated when empty
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Disabled    bool      `json:"disabled,omitempty"`
	Expires     time.Time `json:"expiration_date_utc,omitzero"` // zero: null, no end of its own
}

// Limitation is a granted amount.
type Limitation struct {
	ID          string `json:"id,omitempty"` // generated when empty
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`

	// Value is the amount as a decimal number; empty: null, unlimited. The
	// service's own are whole numbers, and its clients read no others.
	Value string `json:"value,omitempty"`

	// Goodwill is the part beyond Value that consumption may still take, in per cent.
	Goodwill int `json:"goodwill,omitempty"`

	// NotEnforced books consumption without ever refusing it.
	NotEnforced bool `json:"not_enforced,omitempty"`

	// Reset says what consumption does.
	Reset ResetMode `json:"consumption_reset_mode,omitempty"`

	// ResetDays is the period of [ResetPeriodically].
	ResetDays int `json:"consumption_reset_period_days,omitempty"`
}

// ResetMode says when consumption starts anew; the integers are the wire's.
type ResetMode int

// The reset modes. Calendar modes reset at midnight UTC.
const (
	ResetDisabled     ResetMode = 0 // a static value: nothing is consumed
	ResetNever        ResetMode = 1 // one amount for the licence's whole life
	ResetPeriodically ResetMode = 2 // every ResetDays after the first attempt to consume
	ResetMonthly      ResetMode = 3
	ResetQuarterly    ResetMode = 4
	ResetYearly       ResetMode = 5
)

// Variable is a free value.
type Variable struct {
	ID          string `json:"id,omitempty"` // generated when empty
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Value       string `json:"value"`
}

// Choice is a constrained variable: values out of a vendor's list.
type Choice struct {
	ID          string   `json:"id,omitempty"` // generated when empty
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	ListID      string   `json:"customListId,omitempty"` // generated when empty
	Values      []string `json:"value"`
}

// User is a person whom a licence names.
type User struct {
	ID       string    `json:"user_id"`
	Name     string    `json:"name,omitempty"`
	Inactive bool      `json:"inactive,omitempty"`
	GroupID  string    `json:"license_user_group_id,omitempty"`
	Created  time.Time `json:"created_date_utc,omitzero"` // the server's time when zero
}

// Token is a seat of a licence. One without a client is free.
type Token struct {
	Key        string    `json:"token_key"`
	LicenseKey string    `json:"license_key"`
	ClientID   string    `json:"client_id,omitempty"`
	Assigned   time.Time `json:"assigned_utc,omitzero"`
}

// Client is an installation that has been activated at least once.
type Client struct {
	ID              string    `json:"client_id"`
	Name            string    `json:"client_name,omitempty"`
	Description     string    `json:"client_description,omitempty"`
	UserID          string    `json:"user_id,omitempty"`
	SoftwareVersion string    `json:"software_version,omitempty"`
	OperatingSystem string    `json:"operating_system,omitempty"`
	LastHeartbeat   time.Time `json:"last_heartbeat_utc,omitzero"`
	SuspendedUntil  time.Time `json:"suspended_until_utc,omitzero"`
	Suspension      int       `json:"suspended_conflict,omitempty"` // the ID of the 409 meanwhile; 0: Config.SuspendedConflict
	TokenKeys       []string  `json:"token_keys"`                   // its seats, at most one normal and one temporary for each product
}

// Session is an open floating seat.
type Session struct {
	ID         string    `json:"session_id"`
	Unnamed    bool      `json:"unnamed,omitempty"` // the client gave no ID; this one is the server's
	LicenseKey string    `json:"license_key"`
	ClientID   string    `json:"client_id"`
	UserID     string    `json:"user_id,omitempty"`
	Created    time.Time `json:"created_utc"`
	Modified   time.Time `json:"modified_utc"`
	ValidUntil time.Time `json:"valid_until_utc"`
}
