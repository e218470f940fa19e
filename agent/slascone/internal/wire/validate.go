package wire

// PathValidate tells what a licence grants, without a client.
const PathValidate = "/provisioning/validate"

// ValidateRequest is the body of POST /provisioning/validate.
type ValidateRequest struct {
	LicenseKey string `json:"license_key"`
}
