package wire

import "encoding/json"

// LicenseInfo is the 200 body of an activation and of a heartbeat. Field order
// is the order in which the service writes; pointers are the fields that may
// be null or that older servers leave out.
type LicenseInfo struct {
	Customer           *Customer `json:"customer"`
	LicenseName        string    `json:"license_name"`
	LicenseKey         string    `json:"license_key"`
	TokenKey           *string   `json:"token_key"`
	LegacyLicenseKey   *string   `json:"legacy_license_key"`
	ClientID           *string   `json:"client_id"`
	ClientName         *string   `json:"client_name"`
	ClientDescription  *string   `json:"client_description"`
	ProductName        string    `json:"product_name"`
	ProductID          *string   `json:"product_id"`
	TemplateName       string    `json:"template_name"`
	TemplateID         *string   `json:"template_id"`
	ProvisioningMode   Enum      `json:"provisioning_mode"`
	ClientType         Enum      `json:"client_type"`
	IsLicenseActive    *bool     `json:"is_license_active"`
	IsLicenseExpired   *bool     `json:"is_license_expired"`
	IsLicenseValid     *bool     `json:"is_license_valid"`
	StartDate          *Time     `json:"start_date_utc"`
	ExpirationDate     *Time     `json:"expiration_date_utc"`
	DateValidity       *Enum     `json:"date_validity"`
	TokenLimit         *int      `json:"token_limit"`
	FloatingTokenLimit *int      `json:"floating_token_limit"`
	IsTemporary        bool      `json:"is_temporary"`

	IsSoftwareVersionValid        *bool                      `json:"is_software_version_valid"`
	SoftwareReleaseLimitation     *SoftwareReleaseLimitation `json:"software_release_limitation"`
	IsNewerSoftwareShipmentAvail  bool                       `json:"is_newer_software_shipment_available"`
	LatestSoftwareShipment        *SoftwareShipment          `json:"latest_software_shipment"`
	SessionPeriod                 *int                       `json:"session_period"`   // minutes
	HeartbeatPeriod               *int                       `json:"heartbeat_period"` // days
	Freeride                      *int                       `json:"freeride"`         // days
	EnforceSoftwareVersionUpgrade bool                       `json:"enforce_software_version_upgrade"`
	Features                      []Feature                  `json:"features"`
	Limitations                   []Limitation               `json:"limitations"`
	Variables                     []Variable                 `json:"variables"`
	ConstrainedVariables          []ConstrainedVariable      `json:"constrained_variables"`
	LicenseUsers                  []LicenseUser              `json:"license_users"`
	CreatedDate                   *Time                      `json:"created_date_utc"` // server time of this answer
	LicenseType                   *LicenseType               `json:"license_type"`
}

// Customer is the buyer.
type Customer struct {
	CustomerID     string `json:"customer_id"`
	CompanyName    string `json:"company_name"`
	CustomerNumber string `json:"customer_number"`
}

// SoftwareReleaseLimitation is the highest release that a licence covers.
type SoftwareReleaseLimitation struct {
	ID                string             `json:"id"`
	ProductID         string             `json:"product_id"`
	SoftwareRelease   string             `json:"software_release"`
	Description       *string            `json:"description"`
	SoftwareShipments []SoftwareShipment `json:"software_shipments"`
	CreatedDate       *Time              `json:"created_date_utc"`
	ModifiedDate      *Time              `json:"modified_date_utc"`
	LastModifiedBy    *string            `json:"last_modified_by"`
}

// SoftwareShipment is a published release of the product.
type SoftwareShipment struct {
	ID                          string            `json:"id"`
	ProductID                   string            `json:"product_id"`
	VersionNumber               string            `json:"version_number"`
	Description                 *string           `json:"description"`
	DownloadLink                *string           `json:"download_link"`
	Properties                  []json.RawMessage `json:"properties"`
	SoftwareReleaseLimitationID *string           `json:"software_release_limitation_id"`
	IsLatest                    bool              `json:"is_latest"`
	CreatedDate                 *Time             `json:"created_date_utc"`
	ModifiedDate                *Time             `json:"modified_date_utc"`
	LastModifiedBy              *string           `json:"last_modified_by"`
}

// Feature switches one function on or off.
type Feature struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Description    *string `json:"description"`
	IsActive       bool    `json:"is_active"`
	ExpirationDate *Time   `json:"expiration_date_utc"`
}

// Limitation is a granted count. Amounts may be decimals; a null value means
// unlimited (API compatibility level 220).
type Limitation struct {
	ID                         string   `json:"id"`
	Name                       string   `json:"name"`
	Description                *string  `json:"description"`
	Value                      *Decimal `json:"value"`
	Remaining                  *Decimal `json:"remaining"`
	Balance                    *Decimal `json:"balance"`
	ConsumptionResetMode       Enum     `json:"consumption_reset_mode"`
	ConsumptionResetPeriodDays *int     `json:"consumption_reset_period_days"`
}

// Variable is a free value.
type Variable struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Value       string  `json:"value"`
}

// ConstrainedVariable is a set of values from a vendor's list. The camel-case
// name of its list is the service's.
type ConstrainedVariable struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Description  *string  `json:"description"`
	CustomListID string   `json:"customListId"`
	Value        []string `json:"value"`
}

// LicenseUser is a person the licence names.
type LicenseUser struct {
	UserID             string            `json:"user_id"`
	Name               *string           `json:"name"`
	LicenseID          string            `json:"license_id"`
	IsActive           bool              `json:"is_active"`
	CreatedDate        *Time             `json:"created_date_utc"`
	ModifiedDate       *Time             `json:"modified_date_utc"`
	LastModifiedBy     *string           `json:"last_modified_by"`
	ActiveSessions     []json.RawMessage `json:"active_sessions"`
	LicenseUserGroupID *string           `json:"license_user_group_id"`
}

// LicenseType is the vendor's class of licence.
type LicenseType struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	CreatedDate    *Time   `json:"created_date_utc"`
	ModifiedDate   *Time   `json:"modified_date_utc"`
	LastModifiedBy *string `json:"last_modified_by"`
}

// SessionInfo is the 200 body of opening or renewing a session. It names
// neither licence nor client nor session.
type SessionInfo struct {
	IsSessionValid       *bool `json:"is_session_valid"`
	SessionValidUntil    *Time `json:"session_valid_until"`
	SessionCreatedDate   *Time `json:"session_created_date"`
	SessionModifiedDate  *Time `json:"session_modified_date"`
	MaxOpenSessionCount  *int  `json:"max_open_session_count"`
	MaxActiveClientCount *int  `json:"max_active_client_count"`
}

// Conflict is the body of a 409.
type Conflict struct {
	ID             int               `json:"id"`
	Message        *string           `json:"message"`
	Help           *string           `json:"help"`
	ExpectedErrors []json.RawMessage `json:"expectedErrors,omitempty"`
}

// Problem is the body of a 400.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"`
}
