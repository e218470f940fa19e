package enforcement

// Cause says why a licence is not simply fine. Conflicts, flags of an answer,
// dates of a licence file and the facts of the machine all map to these same
// causes.
//
// The order of the constants is the order of ties: of two causes that lead to
// the same state, the one listed first is the cause of the decision. What the
// vendor decided about the licence comes before what concerns the user, the
// device, the seat and the connection, because nothing further down helps
// before it is settled. The numbers are not stable; store the text.
type Cause uint8

const (
	// NoCause: nothing is wrong. Its text is empty.
	NoCause Cause = iota
	// Suspended: the vendor has suspended this client for a time.
	Suspended
	// Inactive: the vendor has switched the licence off.
	Inactive
	// Expired: the licence's expiration date has passed.
	Expired
	// NotYetValid: the licence's start date has not come yet.
	NotYetValid
	// VersionNotCovered: the licence does not cover this release of the application.
	VersionNotCovered
	// UserInactive: the named user is unknown to the licence or no longer active.
	UserInactive
	// UserLimit: the licence has no room for a further user.
	UserLimit
	// NotActivated: no licence is held for this device.
	NotActivated
	// DeviceMismatch: the licence was activated by another device ID than this device has now.
	DeviceMismatch
	// ConnectionLimit: all seats of the licence are taken.
	ConnectionLimit
	// SessionLimit: this client, or this user, has its sessions open already.
	SessionLimit
	// SessionMissing: a floating seat is needed, and there is none because no answer
	// came to the request for one, or nobody asked.
	SessionMissing
	// ClockRolledBack: the computer's clock was turned back.
	ClockRolledBack
	// SignatureInvalid: answers arrive, but for so long without a valid signature
	// that the last valid one is overdue.
	SignatureInvalid
	// Unauthorized: the server has refused the application's own credentials
	// (401, 403) for so long that the last answer is overdue.
	Unauthorized
	// Unreachable: the next answer of the server is overdue. A Yes is an answer,
	// and so is a No to an activation or a heartbeat that has a cause, whose own
	// ladder then counts, or an ID outside the catalogue, as what a newer release
	// of the server says must not lock anyone.
	//
	// A No with an ID of the catalogue that concerns the call alone (1000, 2003,
	// 3000) is none. Anybody can provoke one with a wrong request.
	// Its signature is not tied to the request, so that it would keep the licence
	// fresh for ever if it were replayed to every heartbeat.
	Unreachable

	causeCount
)

var causeNames = [causeCount]string{
	NoCause:           "",
	Suspended:         "suspended",
	Inactive:          "inactive",
	Expired:           "expired",
	NotYetValid:       "not_yet_valid",
	VersionNotCovered: "version_not_covered",
	UserInactive:      "user_inactive",
	UserLimit:         "user_limit",
	DeviceMismatch:    "device_mismatch",
	NotActivated:      "not_activated",
	ConnectionLimit:   "connection_limit",
	SessionLimit:      "session_limit",
	SessionMissing:    "session_missing",
	ClockRolledBack:   "clock_rolled_back",
	SignatureInvalid:  "signature_invalid",
	Unauthorized:      "unauthorized",
	Unreachable:       "unreachable",
}

// Causes returns every cause but NoCause, in the order of ties.
func Causes() []Cause {
	list := make([]Cause, 0, causeCount-1)
	for c := NoCause + 1; c < causeCount; c++ {
		list = append(list, c)
	}
	return list
}

// String returns the cause in snake case, such as version_not_covered, and
// the empty string for NoCause.
func (c Cause) String() string { return nameOf(causeNames[:], c, "Cause") }

// MarshalText writes the cause as String does, and fails for a value that is
// no cause.
func (c Cause) MarshalText() ([]byte, error) { return marshalName(causeNames[:], c, "cause") }

// UnmarshalText reads what MarshalText writes.
func (c *Cause) UnmarshalText(text []byte) error {
	return unmarshalName(causeNames[:], c, "cause", text)
}

// Silent reports whether the cause is the ageing of evidence without answers:
// Unreachable, Unauthorized or SignatureInvalid.
func (c Cause) Silent() bool {
	return c == Unreachable || c == Unauthorized || c == SignatureInvalid
}
