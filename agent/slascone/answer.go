package slascone

import "time"

// Kind is one of the three things an exchange can prove.
type Kind uint8

// Rejected, see docs/designs.md: Two answers, valid and invalid.

// The three kinds. The zero value is Silence: nothing is proven.
const (
	Silence Kind = iota
	Yes
	No
)

// String returns "silence", "yes" or "no".
func (k Kind) String() string {
	switch k {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "silence"
}

// Answer is what one exchange with the server proved. T is what a Yes carries.
type Answer[T any] struct {
	Kind Kind

	// Value is set for a Yes, and for a No that came as a licence with flags.
	Value T
	// Evidence is the proof of Value, to be kept and verified again. Empty where
	// the server only acknowledged.
	Evidence Evidence
	// Conflict is set for a No that came as a 409; its ID is never 0 then.
	Conflict Conflict
	// Err is set for Silence only, and then always.
	Err *SilenceError

	// At is when the server gave this answer by its own clock: signed for a
	// licence; for a session and a 409 an estimate from the unsigned Date header
	// within the bounds of [Known]. Zero for an acknowledgement and for Silence.
	At time.Time
	// Undated: there was no Date that can be believed, and At is only the
	// NotBefore of [Known], which may be zero.
	Undated bool
	// RetryAfter is how long the server asked to be left alone, at most
	// [MaxRetryAfter]; 0 when it did not ask. The header is never signed.
	RetryAfter time.Duration
}

// silence is the answer of an exchange that proved nothing.
func silence[T any](r response, why *SilenceError) Answer[T] {
	why.RetryAfter = r.retryAfter
	return Answer[T]{Err: why, RetryAfter: r.retryAfter}
}

// AsError returns the error that the answer is for whoever made the call: nil for
// a Yes and for a No that came as a licence with flags, a *[ConflictError] or a
// *[SilenceError].
func (a Answer[T]) AsError() error {
	switch {
	case a.Kind == Yes, a.Kind == No && a.Conflict.ID == 0:
		return nil
	case a.Kind == No:
		return &ConflictError{Conflict: a.Conflict, RetryAfter: a.RetryAfter}
	}
	return a.Err
}
