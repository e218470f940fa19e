package main

import (
	"errors"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// The exit codes: that of the state, unless the call failed while the state is
// harmless, or the command makes no sense.
const (
	exitOK       = 0 // active or grace
	exitFailed   = 1 // the call failed while the state is active or grace
	exitUsage    = 2 // wrong usage or configuration
	exitReadOnly = 10
	exitLocked   = 20
)

// usageError is a mistake in how the tool was called or configured.
type usageError struct {
	err  error
	hint string // what to do; may be empty
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// exitError ends a command with a code after everything was printed.
type exitError int

func (exitError) Error() string { return "" }

// exitOf returns the exit code of a state after a call that ended in err.
func exitOf(s enforcement.State, err error) int {
	if misuse(err) {
		return exitUsage
	}
	switch {
	case s == enforcement.ReadOnly:
		return exitReadOnly
	case s == enforcement.Locked:
		return exitLocked
	case err != nil:
		return exitFailed
	}
	return exitOK
}

// misuse reports whether a call failed for what it was given, and not for how
// the licence is.
func misuse(err error) bool {
	_, usage := errors.AsType[*usageError](err)
	return usage || errors.Is(err, agent.ErrInput)
}
