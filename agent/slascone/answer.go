package slascone

import (
	"fmt"
	"time"
)

// Kind is one of the three things an exchange can prove.
type Kind uint8

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

// Reason says why an exchange proved nothing.
type Reason uint8

// The reasons for Silence.
const (
	NoReason       Reason = iota
	Unreachable           // no connection: DNS, refused, reset, no network
	TimedOut              // the deadline passed
	Cancelled             // the caller gave up
	Untrusted             // the TLS certificate is not trusted
	BadRequest            // 400: the server did not understand the request
	Unauthorized          // 401 or 403: provisioning key or ISV refused
	NotFound              // 404: no such ISV or path
	Throttled             // 429
	ServerFailure         // 5xx
	Redirected            // 3xx to somewhere else
	UnexpectedCode        // any other status
	NotJSON               // a body of another type, such as a captive portal's page
	TooLarge              // a body over the limit
	Truncated             // the body ended early
	BadSignature          // the body's signature is missing or wrong
	BadNonce              // the nonce's signature is missing or wrong
	BadShape              // signed, but not an answer to this kind of request
	Foreign               // signed, but for another product, client or licence
	Stale                 // signed, but older than what was already accepted
)

var reasonTexts = [...]string{
	NoReason:       "none",
	Unreachable:    "unreachable",
	TimedOut:       "timed_out",
	Cancelled:      "cancelled",
	Untrusted:      "untrusted_certificate",
	BadRequest:     "bad_request",
	Unauthorized:   "unauthorized",
	NotFound:       "not_found",
	Throttled:      "throttled",
	ServerFailure:  "server_failure",
	Redirected:     "redirected",
	UnexpectedCode: "unexpected_status",
	NotJSON:        "not_json",
	TooLarge:       "too_large",
	Truncated:      "truncated",
	BadSignature:   "bad_signature",
	BadNonce:       "bad_nonce",
	BadShape:       "bad_shape",
	Foreign:        "foreign",
	Stale:          "stale",
}

// String returns the reason's stable name.
func (r Reason) String() string {
	if int(r) < len(reasonTexts) {
		return reasonTexts[r]
	}
	return "unknown"
}

// Integrity reports whether something answered, in the right form, but could
// not prove that it is the server's fresh answer for this client.
func (r Reason) Integrity() bool {
	switch r {
	case BadSignature, BadNonce, BadShape, Foreign, Stale:
		return true
	}
	return false
}

// transient reports whether the same request may well succeed a second later.
func (r Reason) transient() bool {
	switch r {
	case Unreachable, Throttled, ServerFailure, Truncated:
		return true
	}
	return false
}

// SilenceError explains a Silence to a person.
type SilenceError struct {
	Reason Reason
	Status int    // HTTP status, 0 when none was received
	Detail string // what happened and what to do
	Err    error  // the cause, if there is one
}

// Error returns what happened and, where there is something, what to do.
func (e *SilenceError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Detail, e.Err)
	}
	return e.Detail
}

// Unwrap returns the cause.
func (e *SilenceError) Unwrap() error { return e.Err }

// Conflict is what the server said in a 409.
type Conflict struct {
	ID      int
	Message string // the server's words, for logs and support; may be empty
}

// Answer is what one exchange with the server proved. T is what a Yes carries.
type Answer[T any] struct {
	Kind Kind

	// Value is set for a Yes, and for a No that came as a 200 with flags.
	Value T
	// Evidence is the proof of Value, to be kept and verified again.
	Evidence Evidence
	// Conflict is set for a No that came as a 409; its ID is never 0 then.
	Conflict Conflict
	// Err is set for Silence only.
	Err *SilenceError

	// At is when the server gave this answer by its own clock: signed for a 200
	// with a licence, an estimate from the Date header within the bounds of
	// [Known] for a 409.
	At time.Time
	// RetryAfter is how long the server asked to be left alone, at most 24 h.
	RetryAfter time.Duration
}

func silence[T any](reason Reason, status int, detail string, err error) Answer[T] {
	return Answer[T]{Err: &SilenceError{Reason: reason, Status: status, Detail: detail, Err: err}}
}
