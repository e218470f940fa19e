package wire

// ActivationRequest is the body of POST /provisioning/activations.
type ActivationRequest struct {
	ProductID         string   `json:"product_id"`
	LicenseKey        string   `json:"license_key"`
	ClientID          string   `json:"client_id"`
	ClientName        string   `json:"client_name,omitempty"`
	ClientDescription string   `json:"client_description,omitempty"`
	SoftwareVersion   string   `json:"software_version,omitempty"`
	UserID            string   `json:"user_id,omitempty"`
	Timestamp         *Time    `json:"timestamp_utc,omitempty"`
	Tags              []string `json:"tags,omitempty"`
}

// HeartbeatRequest is the body of POST /provisioning/heartbeats.
type HeartbeatRequest struct {
	ProductID       string `json:"product_id"`
	ClientID        string `json:"client_id"`
	SoftwareVersion string `json:"software_version"`
	OperatingSystem string `json:"operating_system"`
	UserID          string `json:"user_id,omitempty"`
	TokenKey        string `json:"token_key,omitempty"`
	GroupID         string `json:"group_id,omitempty"`
	HeartbeatTypeID string `json:"heartbeat_type_id,omitempty"`
}

// SessionRequest is the body of POST /provisioning/session/open and /close.
// Opening again under the same session ID renews.
type SessionRequest struct {
	LicenseID      string  `json:"license_id"` // the licence key
	ClientID       string  `json:"client_id"`
	SessionID      string  `json:"session_id,omitempty"`
	UserID         string  `json:"user_id,omitempty"`
	CheckoutPeriod float64 `json:"checkout_period,omitempty"` // minutes
}

// UnassignRequest is the body of POST /provisioning/unassign.
type UnassignRequest struct {
	TokenKey string `json:"token_key"`
}
