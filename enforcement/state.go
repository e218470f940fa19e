package enforcement

// State says what the application may do. States are ordered by severity, so
// they can be compared with < and >.
type State uint8

const (
	// Active: everything works.
	Active State = iota
	// Grace: everything works, but only until a deadline.
	Grace
	// ReadOnly: open, view, print and export work; editing and saving do not.
	ReadOnly
	// Locked: nothing works but the licence screen.
	Locked
)

var stateNames = [...]string{"active", "grace", "read_only", "locked"}

// String returns active, grace, read_only or locked.
func (s State) String() string { return nameOf(stateNames[:], s, "State") }

// MarshalText writes the state as String does, and fails for a value that is
// no state.
func (s State) MarshalText() ([]byte, error) { return marshalName(stateNames[:], s, "state") }

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(text []byte) error {
	return unmarshalName(stateNames[:], s, "state", text)
}
