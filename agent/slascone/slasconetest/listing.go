package slasconetest

import (
	"encoding/json"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// licenseDTO is an element of a list of licences, the LicenseDto of the
// vendor's generated clients. Its names are not those of a LicenseInfo. Product
// and template are null: they tell what the back office shows of them.
type licenseDTO struct {
	ExpirationDate            *wire.Time                      `json:"expiration_date_utc"`
	ExpirationMode            int                             `json:"expiration_mode"` // 1 never, 2 a date
	ValidDaysCount            int                             `json:"valid_days_count"`
	TrialDaysCount            int                             `json:"trial_days_count"`
	IsActive                  bool                            `json:"is_active"`
	IsExpired                 bool                            `json:"is_expired"`
	DateValidity              int                             `json:"date_validity"`
	IsValid                   bool                            `json:"is_valid"`
	IsSoftwareReleaseValid    bool                            `json:"is_software_release_valid"`
	IsGroupValid              bool                            `json:"is_group_valid"`
	GroupCount                int                             `json:"group_count"`
	DateOfIssue               *wire.Time                      `json:"date_of_issue_utc"`
	StartDate                 *wire.Time                      `json:"start_date_utc"`
	ID                        string                          `json:"id"`
	CustomerID                string                          `json:"customer_id"`
	ProductID                 string                          `json:"product_id"`
	TemplateID                string                          `json:"template_id"`
	LicenseTypeID             *string                         `json:"license_type_id"`
	LegacyLicenseKey          *string                         `json:"legacy_license_key"`
	Name                      string                          `json:"name"`
	Description               *string                         `json:"description"`
	TokenLimit                *int                            `json:"token_limit"`
	GoodwillTokenLimit        int                             `json:"goodwill_token_limit"`
	FloatingTokenLimit        *int                            `json:"floating_token_limit"`
	UserLimit                 *int                            `json:"user_limit"`
	ReleaseLimitationID       *string                         `json:"software_release_limitation_id"`
	IsTemporary               bool                            `json:"is_temporary"`
	Features                  []listedFeature                 `json:"license_features"`
	Limitations               []listedLimitation              `json:"license_limitations"`
	ConstrainedVariables      []listedChoice                  `json:"license_constrained_variables"`
	Variables                 []listedVariable                `json:"license_variables"`
	UserGroups                []json.RawMessage               `json:"license_users_groups"`
	Users                     []wire.LicenseUser              `json:"license_users"`
	Created                   *wire.Time                      `json:"created_date_utc"`
	Modified                  *wire.Time                      `json:"modified_date_utc"`
	ModifiedBy                string                          `json:"last_modified_by"`
	Customer                  listedCustomer                  `json:"customer"`
	Product                   json.RawMessage                 `json:"product"`
	Template                  json.RawMessage                 `json:"template"`
	LicenseType               *wire.LicenseType               `json:"license_type"`
	SoftwareReleaseLimitation *wire.SoftwareReleaseLimitation `json:"software_release_limitation"`
	PrioritizedRelease        *string                         `json:"prioritized_software_release"`
	MailLogs                  []json.RawMessage               `json:"mail_logs"`
	ClientID                  *string                         `json:"client_id"`
}

type listedFeature struct {
	ProductID   string          `json:"product_id"`
	ID          string          `json:"feature_id"`
	Name        string          `json:"feature_name"`
	Description *string         `json:"feature_description"`
	IsActive    bool            `json:"is_active"`
	Exceptions  json.RawMessage `json:"feature_exceptions"`
}

type listedLimitation struct {
	ProductID       string       `json:"product_id"`
	ID              string       `json:"limitation_id"`
	Name            string       `json:"limitation_name"`
	Description     *string      `json:"limitation_description"`
	Limit           *json.Number `json:"limit"`
	ResetMode       int          `json:"consumption_reset_mode"`
	ResetDays       *int         `json:"consumption_reset_period_days"`
	UserTransaction *string      `json:"current_user_transaction_id"`
}

type listedVariable struct {
	ProductID   string  `json:"product_id"`
	ID          string  `json:"variable_id"`
	Name        string  `json:"variable_name"`
	Description *string `json:"variable_description"`
	Value       string  `json:"value"`
}

type listedChoice struct {
	ProductID   string   `json:"product_id"`
	ID          string   `json:"variable_id"`
	Name        string   `json:"variable_name"`
	Description *string  `json:"variable_description"`
	Values      []string `json:"values"`
}

type listedCustomer struct {
	ID             string            `json:"id"`
	CompanyName    string            `json:"company_name"`
	CustomerNumber string            `json:"customer_number"`
	CustomerType   json.RawMessage   `json:"customer_type"`
	Email          *string           `json:"email"`
	Street         *string           `json:"street"`
	City           *string           `json:"city"`
	PostalCode     *string           `json:"postalcode"`
	Country        *string           `json:"country"`
	Phone          *string           `json:"phone"`
	ProspectNumber *string           `json:"prospect_number"`
	Longitude      *float64          `json:"longitude"`
	Latitude       *float64          `json:"latitude"`
	Created        *wire.Time        `json:"created_date_utc"`
	Modified       *wire.Time        `json:"modified_date_utc"`
	ModifiedBy     string            `json:"last_modified_by"`
	TagAssignments []json.RawMessage `json:"tag_assignments"`
	Logo           json.RawMessage   `json:"logo"`
	ResellerID     *string           `json:"reseller_id"`
}

// The modes of expiration that there are here.
const (
	expiresNever  = 1
	expiresOnDate = 2
)

// listed is a licence as lists show it, member by member, which makes it long. It is valid here when it is active and
// within its dates, as no client's release is known.
func (s *Server) listed(l *license, now time.Time) *licenseDTO {
	validity := l.dates(now)
	issued := dateOrFirst(l.Issued)
	d := &licenseDTO{
		ExpirationDate: date(l.expiry()), ExpirationMode: expiresOnDate,
		IsActive: !l.Inactive, IsExpired: validity == dateExpired, DateValidity: validity, IsValid: !l.Inactive && validity == dateValid,
		IsSoftwareReleaseValid: true, IsGroupValid: true,
		DateOfIssue: issued, StartDate: date(l.Starts),
		ID: l.Key, CustomerID: l.Customer.ID, ProductID: l.ProductID, TemplateID: l.EditionID,
		LicenseTypeID: optional(l.Type.ID), LegacyLicenseKey: optional(l.LegacyKey), Name: l.Name, Description: optional(l.Description),
		TokenLimit: limitOrMost(l.TokenLimit), GoodwillTokenLimit: l.GoodwillTokens, FloatingTokenLimit: l.FloatingTokenLimit, UserLimit: l.UserLimit,
		IsTemporary: l.Temporary,
		Features:    []listedFeature{}, Limitations: []listedLimitation{}, ConstrainedVariables: []listedChoice{}, Variables: []listedVariable{},
		UserGroups: []json.RawMessage{}, Users: []wire.LicenseUser{},
		Created: issued, Modified: issued, ModifiedBy: modifiedBy,
		Customer: listedCustomer{
			ID: l.Customer.ID, CompanyName: l.Customer.Name, CustomerNumber: l.Customer.Number,
			Created: issued, Modified: issued, ModifiedBy: modifiedBy, TagAssignments: []json.RawMessage{},
		},
		LicenseType: l.licenseType(), SoftwareReleaseLimitation: l.releaseLimitation(), PrioritizedRelease: optional(l.ReleaseLimit),
		MailLogs: []json.RawMessage{},
	}
	if l.Expires.IsZero() {
		d.ExpirationMode = expiresNever
	}
	if l.ReleaseLimit != "" {
		d.ReleaseLimitationID = &d.SoftwareReleaseLimitation.ID
	}
	for _, f := range l.Features {
		d.Features = append(d.Features, listedFeature{ProductID: l.ProductID, ID: f.ID, Name: f.Name, Description: optional(f.Description), IsActive: !f.Disabled})
	}
	for _, of := range l.Limitations {
		listed := listedLimitation{ProductID: l.ProductID, ID: of.ID, Name: of.Name, Description: optional(of.Description), ResetMode: int(of.Reset)}
		if of.Value != "" {
			listed.Limit = new(json.Number(of.Value))
		}
		if of.Reset == ResetPeriodically {
			listed.ResetDays = &of.ResetDays
		}
		d.Limitations = append(d.Limitations, listed)
	}
	for _, c := range l.Choices {
		d.ConstrainedVariables = append(d.ConstrainedVariables, listedChoice{l.ProductID, c.ID, c.Name, optional(c.Description), append([]string{}, c.Values...)})
	}
	for _, v := range l.Variables {
		d.Variables = append(d.Variables, listedVariable{l.ProductID, v.ID, v.Name, optional(v.Description), v.Value})
	}
	for _, u := range l.Users {
		d.Users = append(d.Users, l.user(u))
	}
	return d
}
