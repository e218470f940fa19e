package license

import (
	"time"

	"github.com/shopspring/decimal"
)

// Terms is everything a licence document can say. It is a form, not a licence:
// only a verifier of this module can turn it into a [License].
//
// IDs are UUID texts as the server wrote them and compare without regard to
// case. Absent optional values are nil, zero times mean "no date".
type Terms struct {
	Key       string // the licence key (UUID text), also the license_id of sessions
	TokenKey  string // the seat the server assigned; empty in licence files
	LegacyKey string
	Name      string
	Customer  Customer

	ClientID          string // the client the document is bound to; empty in a licence file without inline activation
	ClientName        string
	ClientDescription string

	ProductID   string
	ProductName string
	EditionID   string // template_id on the wire
	EditionName string
	TypeID      string // license_type on the wire
	TypeName    string

	ProvisioningMode ProvisioningMode
	ClientType       ClientType

	Active       bool // is_license_active; true in licence files, which do not carry it
	Expired      bool // is_license_expired
	Valid        bool // is_license_valid, the server's overall verdict
	DateValidity DateValidity
	Starts       time.Time // zero: from the beginning
	Expires      time.Time // zero: perpetual; the wire's year 9999 is read as zero
	Temporary    bool

	TokenLimit         *int
	FloatingTokenLimit *int
	UserLimit          *int

	VersionValid   bool       // is_software_version_valid; true in licence files, which do not carry it
	ReleaseLimit   string     // the highest release covered, such as "24" or "24.1"; empty: every release
	EnforceUpgrade bool       // enforce_software_version_upgrade
	Releases       []Shipment // what was published of the highest release covered
	NewerRelease   bool       // is_newer_software_shipment_available
	LatestRelease  *Shipment

	SessionPeriodMinutes *int
	HeartbeatPeriodDays  *int
	FreerideDays         *int

	Features    []Feature
	Limitations []Limitation
	Variables   []Variable
	Choices     []Choice
	Users       []User
}

// Customer is who bought the licence.
type Customer struct {
	ID, Company, Number string
}

// Feature is one function of the product that the licence switches on or off.
type Feature struct {
	ID, Name, Description string
	Active                bool
	Expires               time.Time // zero: as long as the licence
}

// Limitation is a count the licence grants.
type Limitation struct {
	ID, Name, Description string
	Value                 *decimal.Decimal // nil: unlimited
	Remaining             *decimal.Decimal // nil: not told
	Balance               *decimal.Decimal // nil: not told
	ResetMode             ResetMode
	ResetPeriodDays       *int // with ResetPeriodically
}

// Variable is a free value the licence carries.
type Variable struct {
	ID, Name, Description, Value string
}

// Choice is a constrained variable: values picked from a list of the vendor's.
type Choice struct {
	ID, Name, Description, ListID string
	Values                        []string
}

// User is a person the licence names.
type User struct {
	ID, Name string
	Active   bool
}

// Shipment is a published release of the product.
type Shipment struct {
	Version, Description, DownloadLink string
}
