package agent

import (
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/quota"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// ErrorKind says what sort of failure an [Error] is.
type ErrorKind string

// The kinds of failure of a call.
const (
	// KindConflict: the server refused, and proved that it was the server. Code
	// says why.
	KindConflict ErrorKind = "conflict"
	// KindSilence: no answer came. Nothing changed; trying again may help.
	KindSilence ErrorKind = "silence"
	// KindIntegrity: something answered that could not prove to be the server's
	// fresh answer for this client. Nothing changed.
	KindIntegrity ErrorKind = "integrity"
	// KindUsage: the call makes no sense as it was made, or this machine cannot
	// keep what it would bring (the error then wraps storage.ErrUnavailable).
	KindUsage ErrorKind = "usage"
)

// Error is what a call that reaches for the server returns. It never holds a
// key or token.
type Error struct {
	Op         string           // the call: "activate", "heartbeat", "deactivate", "session open", …
	Kind       ErrorKind        // what sort of failure
	Code       enforcement.Code // the conflict's ID; 0 unless Kind is KindConflict
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
	ErrNotActivated = record.ErrNotActivated
	// ErrNoSession is wrapped by calls that need an open session when there is none.
	ErrNoSession = errors.New("no session is open; open one first")
	// ErrLimitReached is wrapped when an amount is refused because the limit, with
	// any goodwill, is used up.
	ErrLimitReached = record.ErrLimitReached
)

// inputError words a mistake in what a call was given.
type inputError string

func (e inputError) Error() string        { return string(e) }
func (e inputError) Is(target error) bool { return target == ErrInput }

// An operation is a call as [Error.Op] names it. It makes the call and words what
// comes of it, so that nothing below it needs to know what the caller asked for.
type operation string

const (
	opActivate       operation = "activate"
	opHeartbeat      operation = "heartbeat"
	opDeactivate     operation = "deactivate"
	opAbandon        operation = "abandon"
	opImport         operation = "license import"
	opRequest        operation = "license request"
	opFindLicenses   operation = "find licences"
	opOpenSession    operation = "session open"
	opRenewSession   operation = "session renew"
	opCloseSession   operation = "session close"
	opUse            operation = "usage"
	opMeasure        operation = "measure"
	opFlush          operation = "flush"
	opConsume        operation = "consume"
	opAskConsumption operation = "consumption"
	opRollback       operation = "rollback"
)

// failed words what a room returned, for the caller of op; nil stays nil. It is the
// one place that makes an [Error].
func (op operation) failed(err error) error {
	if err == nil {
		return nil
	}
	told := &Error{Op: string(op), Kind: KindUsage, Err: err}
	if had, ok := errors.AsType[*Error](err); ok && error(had) == err { //nolint:errorlint // one that is wrapped is not the façade's own
		return err
	}
	conflict, _ := errors.AsType[*slascone.ConflictError](err)
	silence, _ := errors.AsType[*slascone.SilenceError](err)
	unknown, _ := errors.AsType[*quota.UnknownError](err)
	switch {
	case errors.Is(err, turn.ErrEnded):
		told.Err = ErrClosed
	case unknown != nil:
		told.Err = inputError(err.Error())
	case conflict != nil:
		told.Kind, told.Code, told.RetryAfter = KindConflict, enforcement.Code(conflict.ID), conflict.RetryAfter
		if error(conflict) == err && conflict.ID != 0 { //nolint:errorlint // one that is wrapped says more
			told.Err = conflictError(told.Code, conflict.Message)
		}
	case silence != nil:
		told.Kind, told.RetryAfter = kindOf(silence.Reason), silence.RetryAfter
	case errors.Is(err, ErrLimitReached):
		told.Kind, told.Code = KindConflict, enforcement.ConsumptionExhausted
	case errors.Is(err, quota.ErrReplayed), errors.Is(err, licensefile.CheckSignature):
		told.Kind = KindIntegrity
	case isSilence(err):
		told.Kind = KindSilence
	}
	return told
}

// isSilence reports whether an error says that no answer came, without one of
// the server's exchanges.
func isSilence(err error) bool {
	_, notCalled := errors.AsType[*turn.NotCalledError](err)
	_, givenUp := errors.AsType[*turn.GivenUpError](err)
	_, panicked := errors.AsType[*heartbeat.PanicError](err)
	return notCalled || givenUp || panicked || errors.Is(err, quota.ErrStillReported)
}

// isConflict reports whether the server refused.
func isConflict(err error) bool {
	return slascone.IsConflict(err) || errors.Is(err, ErrLimitReached)
}

// isUnheard reports whether the server may never have heard of a call, or what
// answered could not prove to be the server.
func isUnheard(err error) bool {
	_, silence := errors.AsType[*slascone.SilenceError](err)
	return !isConflict(err) && (silence || isSilence(err))
}

func kindOf(r slascone.Reason) ErrorKind {
	if r.Integrity() {
		return KindIntegrity
	}
	return KindSilence
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
