package agent

import (
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// ErrorKind says what sort of failure an [Error] is.
type ErrorKind string

// The kinds of failure of a call.
const (
	// ConflictKind: the server refused, and proved that it was the server. Code
	// says why.
	ConflictKind ErrorKind = "conflict"
	// SilenceKind: no answer came. Nothing changed; trying again may help.
	SilenceKind ErrorKind = "silence"
	// IntegrityKind: something answered that could not prove to be the server's
	// fresh answer for this client. Nothing changed.
	IntegrityKind ErrorKind = "integrity"
	// UsageKind: the call makes no sense as it was made, or this machine cannot
	// keep what it would bring (the error then wraps storage.ErrUnavailable).
	UsageKind ErrorKind = "usage"
)

// Error is what a call that reaches for the server returns. It never holds a
// key or token.
type Error struct {
	Op         string           // the call: "activate", "heartbeat", "deactivate", "session open", …
	Kind       ErrorKind        // what sort of failure
	Code       enforcement.Code // the conflict's ID; 0 unless Kind is ConflictKind
	RetryAfter time.Duration    // how long the server asked to be left alone; 0 when it did not
	Err        error            // what happened and what to do
}

// Error returns "op: what happened and what to do".
func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

var (
	// ErrClosed is wrapped by calls made after [Agent.Close].
	ErrClosed = errors.New("the licence agent is closed")
	// ErrInput is wrapped when what a call was given cannot be right, whatever
	// the licence is.
	ErrInput = errors.New("invalid input")
	// ErrNotActivated is wrapped by calls that need a licence when none is held.
	ErrNotActivated = errors.New("no licence is held; activate with a licence key first")
	// ErrNoSession is wrapped by calls that need an open session when there is none.
	ErrNoSession = errors.New("no session is open; open one first")
)

// inputError words a mistake in what a call was given.
type inputError string

func (e inputError) Error() string        { return string(e) }
func (e inputError) Is(target error) bool { return target == ErrInput }

// errorOf returns the error that an answer means for its caller, or nil for a
// Yes. A 200 whose flags say no is no error: the call did what it should, and
// the decision tells the rest.
func errorOf[T any](op string, a slascone.Answer[T]) error {
	switch {
	case a.Kind == slascone.Yes, a.Kind == slascone.No && a.Conflict.ID == 0:
		return nil
	case a.Kind == slascone.No:
		code := enforcement.Code(a.Conflict.ID)
		return &Error{Op: op, Kind: ConflictKind, Code: code, RetryAfter: a.RetryAfter, Err: conflictError(code, a.Conflict.Message)}
	}
	return &Error{Op: op, Kind: kindOf(a.Err.Reason), RetryAfter: a.RetryAfter, Err: a.Err}
}

func kindOf(r slascone.Reason) ErrorKind {
	if r.Integrity() {
		return IntegrityKind
	}
	return SilenceKind
}

// conflictError words a conflict for a person: ours where the catalogue knows
// it, else the server's.
func conflictError(code enforcement.Code, message string) error {
	if c, ok := enforcement.Lookup(code); ok {
		return fmt.Errorf("%s (conflict %d)", c.Summary, code)
	}
	if message == "" {
		message = "the server refused for a reason this version does not know"
	}
	return fmt.Errorf("%.200s (conflict %d)", message, code)
}
