package license

import "strconv"

// ProvisioningMode says whether seats are assigned or floating. A value this
// version does not know is kept and printed as a number.
type ProvisioningMode int

// The provisioning modes (the integers are the wire's).
const (
	Named    ProvisioningMode = 0
	Floating ProvisioningMode = 1
)

// String returns the mode's name in lower case.
func (m ProvisioningMode) String() string { return enumName(int(m), "named", "floating") }

// ClientType says what a client of the licence is.
type ClientType int

// The client types (the integers are the wire's).
const (
	Devices ClientType = 0
	Users   ClientType = 1
)

// String returns the type's name in lower case.
func (t ClientType) String() string { return enumName(int(t), "devices", "users") }

// DateValidity is the server's verdict on the licence's dates.
type DateValidity int

// The date verdicts (the integers are the wire's).
const (
	DateValid       DateValidity = 0
	DateNotYetValid DateValidity = 1
	DateExpired     DateValidity = 2
)

// String returns the verdict's name in lower case.
func (v DateValidity) String() string { return enumName(int(v), "valid", "not_yet_valid", "expired") }

// ResetMode says when a limitation's consumption starts anew.
type ResetMode int

// The reset modes (the integers are the wire's).
const (
	ResetDisabled        ResetMode = 0 // a static value, nothing is consumed
	ResetNever           ResetMode = 1 // one amount for the licence's whole life
	ResetPeriodically    ResetMode = 2 // every ResetPeriodDays
	ResetFirstDayOfMonth ResetMode = 3
	ResetFirstOfQuarter  ResetMode = 4
	ResetFirstOfYear     ResetMode = 5
)

// String returns the mode's name in lower case.
func (m ResetMode) String() string {
	return enumName(int(m), "disabled", "never", "periodically", "monthly", "quarterly", "yearly")
}

func enumName(v int, names ...string) string {
	if v >= 0 && v < len(names) {
		return names[v]
	}
	return "unknown(" + strconv.Itoa(v) + ")"
}
