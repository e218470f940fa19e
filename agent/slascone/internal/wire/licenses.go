package wire

// PathLicensesByUser lists the licences of a named user.
const PathLicensesByUser = "/provisioning/licenses/by_user"

// Headers of a call in a user's name. The service's own samples send user type
// 3 beside the token.
const (
	HeaderAuthorization = "Authorization"
	HeaderUserType      = "UserType"
	UserTypeToken       = "3"
)

// LicensesByUserRequest is the body of POST /provisioning/licenses/by_user.
type LicensesByUserRequest struct {
	ProductID          string `json:"product_id"`
	UserID             string `json:"user_id"`
	ActiveLicensesOnly bool   `json:"active_licenses_only"`
}

// ListedLicense is an element of a list of licences. It is another model than
// [LicenseInfo], with other names, and only what tells licences apart is read.
type ListedLicense struct {
	ID          *string `json:"id"` // the licence key
	ProductID   *string `json:"product_id"`
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Users       []struct {
		UserID   *string `json:"user_id"`
		IsActive *bool   `json:"is_active"`
	} `json:"license_users"`
}
