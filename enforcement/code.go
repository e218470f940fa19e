package enforcement

import (
	"encoding/json"
	"strings"
)

// Code is the ID of a conflict (the body of a 409), as listed in SLASCONE
// help centre 360016160398.
type Code int

// Scope says what a conflict is about, and so what it may change.
type Scope uint8

const (
	// ScopeCall: this one call only; the state never changes.
	ScopeCall Scope = iota
	// ScopeLicense: the licence as a whole.
	ScopeLicense
	// ScopeSeat: a seat, user or session of the licence.
	ScopeSeat
	// ScopeDevice: this client.
	ScopeDevice
	// ScopeVendor: the vendor's back office or set-up; the state never changes.
	ScopeVendor
)

var scopeNames = [...]string{"call", "licence", "seat", "device", "vendor"}

// String returns call, licence, seat, device or vendor.
func (s Scope) String() string { return nameOf(scopeNames[:], s, "Scope") }

// MarshalText writes the scope as String does, and fails for a value that is not a scope.
func (s Scope) MarshalText() ([]byte, error) { return marshalName(scopeNames[:], s, "scope") }

// UnmarshalText reads what MarshalText writes.
func (s *Scope) UnmarshalText(text []byte) error {
	return unmarshalName(scopeNames[:], s, "scope", text)
}

// Endpoint is a set of the server's endpoints, often of one.
type Endpoint uint32

const (
	// EndpointActivation: provisioning/activations, on line and offline.
	EndpointActivation Endpoint = 1 << iota
	// EndpointHeartbeat: provisioning/heartbeats.
	EndpointHeartbeat
	// EndpointSessionOpen: provisioning/session/open, also to renew.
	EndpointSessionOpen
	// EndpointSessionClose: provisioning/session/close.
	EndpointSessionClose
	// EndpointUnassign: provisioning/unassign.
	EndpointUnassign
	// EndpointValidate: provisioning/validate.
	EndpointValidate
	// EndpointLicenses: provisioning/licenses and lookup queries.
	EndpointLicenses
	// EndpointAnalytics: data_gathering/analytical_heartbeats.
	EndpointAnalytics
	// EndpointUsage: data_gathering/usage_heartbeats.
	EndpointUsage
	// EndpointConsumption: data_gathering/consumption_heartbeats, their
	// rollback, and provisioning/validate/consumption.
	EndpointConsumption
	// EndpointBackOffice: the vendor's administration; a client never calls it.
	EndpointBackOffice

	endpointEnd
)

var endpointNames = [...]string{
	"activation", "heartbeat", "session_open", "session_close", "unassign", "validate", "licences",
	"analytics", "usage", "consumption", "back_office",
}

// Has reports whether e contains all of x.
func (e Endpoint) Has(x Endpoint) bool { return e&x == x }

// Names returns the endpoints' names, such as session_open, in a fixed order.
func (e Endpoint) Names() []string {
	names := []string{}
	for i, name := range endpointNames {
		if e&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String joins Names with commas.
func (e Endpoint) String() string { return strings.Join(e.Names(), ", ") }

// MarshalJSON writes the list of Names.
func (e Endpoint) MarshalJSON() ([]byte, error) { return json.Marshal(e.Names()) }

// Conflict is an entry of the catalogue.
type Conflict struct {
	// Code is the conflict's ID.
	Code Code `json:"code"`
	// Name is the conflict's name, and that of the Go constant where there is one.
	Name string `json:"name"`
	// Summary is what happened in one plain sentence, lower case, without a full stop.
	Summary string `json:"summary"`
	// Scope says what the conflict is about.
	Scope Scope `json:"scope"`
	// Cause is the cause it gives where it changes the state, see [Code.CauseAt].
	Cause Cause `json:"cause"`
	// Remedy is what would help.
	Remedy Remedy `json:"remedy"`
	// Endpoints are those at which the conflict is expected.
	Endpoints Endpoint `json:"endpoints"`
	// Transient: waiting alone can cure it.
	Transient bool `json:"transient"`
}
