package settings

// Error is a mistake in a configuration.
type Error struct {
	Err  error
	Hint string // what to do; may be empty
}

// Error returns what is wrong.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }
