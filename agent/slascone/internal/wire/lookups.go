package wire

// The endpoints by which a vendor's own systems find licences, each below
// /api/v2/isv/{isv_id}. The client of this module calls none of them.
const (
	PathLicensesByCustomer = "/provisioning/licenses/by_customer"
	PathLicensesByLicense  = "/provisioning/licenses/by_license"
	PathLicenseState       = "/provisioning/licenses/state/toggle"
	PathFloatingCount      = "/provisioning/licenses/{license_id}/tokens/floating/active/count"
	PathLookupCustomer     = "/lookup/customer"
	PathLookupProduct      = "/lookup/product"
	PathLookupLicenses     = "/lookup/licenses"
)

// LicensesByCustomerRequest is the body of POST /provisioning/licenses/by_customer.
type LicensesByCustomerRequest struct {
	ProductID          string `json:"product_id"`
	CustomerNumber     string `json:"customer_number"`
	ActiveLicensesOnly bool   `json:"active_licenses_only"`
}

// LicensesByLicenseRequest is the body of POST /provisioning/licenses/by_license.
// Either member may be missing; the key may be a legacy one.
type LicensesByLicenseRequest struct {
	ProductID  string `json:"product_id,omitempty"`
	LicenseKey string `json:"license_key,omitempty"`
}

// LicenseStateRequest is the body of POST /provisioning/licenses/state/toggle.
type LicenseStateRequest struct {
	ProductID  string `json:"product_id"`
	LicenseKey string `json:"license_key"`
	IsActive   bool   `json:"is_active"`
}

// LicenseState is the 200 body of a change of state.
type LicenseState struct {
	ProductID        string  `json:"product_id"`
	LicenseID        string  `json:"license_id"`
	LegacyLicenseKey *string `json:"legacy_license_key"`
	IsActive         bool    `json:"is_active"`
}

// LookupCustomerRequest is the body of POST /lookup/customer.
type LookupCustomerRequest struct {
	CustomerNumber string `json:"customer_number"`
}

// LookupProductRequest is the body of POST /lookup/product.
type LookupProductRequest struct {
	ProductName string `json:"product_name"`
}

// LookupLicensesRequest is the body of POST /lookup/licenses.
type LookupLicensesRequest struct {
	ProductID      string `json:"product_id"`
	CustomerNumber string `json:"customer_number"`
	ClientID       string `json:"client_id"`
	LegacyKey      string `json:"legacy_key,omitempty"`
}
