package enforcement

import "time"

// Flags are what a verified 200 says besides the licence. All false: the
// server holds the licence for valid.
type Flags struct {
	// Inactive: is_license_active is false.
	Inactive bool
	// Expired: is_license_expired is true, or date_validity is 2.
	Expired bool
	// NotYetValid: date_validity is 1.
	NotYetValid bool
	// VersionNotCovered: is_software_version_valid is false.
	VersionNotCovered bool
	// Invalid: is_license_valid is false. Without any other flag it counts as Inactive.
	Invalid bool
}

// No is a verified conflict, or another verified refusal.
type No struct {
	// Endpoint is the one endpoint that answered.
	Endpoint Endpoint
	// Code is the conflict's ID, 0 if the refusal came otherwise.
	Code Code
	// Cause, if set, is what the caller knows the refusal to mean, whatever the
	// catalogue says of Code: Suspended, for which no ID is published, or
	// ConnectionLimit when a session answer says is_session_valid=false.
	Cause Cause
	// Key is the licence key the call was about; empty: the one that is held.
	Key string
	// At is the server time of the answer.
	At time.Time
}

// Yes, No, Silent, SessionYes, SessionSilent, SessionClosed and Forget are implemented below.

// Yes folds in a verified 200 of an activation or a heartbeat, or a verified licence file.
func (f Facts) Yes(l Licence, flags Flags) Facts { return f }

// No folds in a verified conflict.
func (f Facts) No(n No) Facts { return f }

// Silent folds in a call without an answer at trusted time at.
func (f Facts) Silent(kind SilenceKind, at time.Time) Facts { return f }

// SessionYes folds in a verified Yes to opening or renewing a session.
func (f Facts) SessionYes(provenAt, validUntil time.Time) Facts { return f }

// SessionSilent folds in an open or renew call without an answer.
func (f Facts) SessionSilent(kind SilenceKind, at time.Time) Facts { return f }

// SessionClosed folds in that the session was given back.
func (f Facts) SessionClosed() Facts { return f }

// Forget folds in that the licence was given back or removed at trusted time at.
func (f Facts) Forget(at time.Time) Facts { return f }
