package wire

// Header names (case-insensitive).
const (
	HeaderProvisioningKey = "ProvisioningKey"
	HeaderNonce           = "X-Nonce"
	HeaderSignature       = "X-Slascone-Signature"
	HeaderNonceSignature  = "X-Nonce-Signature"
)

// The endpoints, each below /api/v2/isv/{isv_id}.
const (
	PathActivation        = "/provisioning/activations"
	PathOfflineActivation = "/provisioning/activations/offline"
	PathHeartbeat         = "/provisioning/heartbeats"
	PathSessionOpen       = "/provisioning/session/open"
	PathSessionClose      = "/provisioning/session/close"
	PathUnassign          = "/provisioning/unassign"
)

// Prefix returns the path below which an ISV's endpoints lie.
func Prefix(isvID string) string { return "/api/v2/isv/" + isvID }
