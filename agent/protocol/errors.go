package protocol

import (
	"context"
	"errors"
	"math"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Error is an error as JSON shows it.
type Error struct {
	Op         string             `json:"op"`
	Kind       agent.ErrorKind    `json:"kind"`
	Code       enforcement.Code   `json:"code"`
	Message    string             `json:"message"`
	Hint       string             `json:"hint"`      // what to do, a sentence
	RemedyID   enforcement.Remedy `json:"remedy_id"` // its token, empty where there is none
	RetryAfter int                `json:"retry_after_s"`
}

// ErrorOf shows what a call returned.
func ErrorOf(e *agent.Error) *Error {
	remedy := RemedyOf(e)
	return &Error{
		Hint:       remedy.Sentence(),
		RemedyID:   remedy,
		Op:         e.Op,
		Kind:       e.Kind,
		Code:       e.Code,
		Message:    Plain(e.Err),
		RetryAfter: int(math.Ceil(e.RetryAfter.Seconds())),
	}
}

// CallErrorOf shows what a call returned, nil when that is nil.
func CallErrorOf(op string, err error) *Error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*agent.Error](err)
	if !ok {
		e = &agent.Error{Op: op, Kind: agent.KindUsage, Err: err}
	}
	return ErrorOf(e)
}

// RemedyOf is what would help against a failed call, NoRemedy where nothing of
// that kind does.
func RemedyOf(err error) enforcement.Remedy {
	e, ok := errors.AsType[*agent.Error](err)
	silence, silent := errors.AsType[*slascone.SilenceError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return enforcement.NoRemedy
	case ok && e.Kind == agent.KindConflict:
		c, _ := enforcement.Lookup(e.Code)
		return c.Remedy
	case errors.Is(err, agent.ErrNotActivated):
		return enforcement.EnterKey
	case errors.Is(err, agent.ErrInput) && ok && e.Op == "activate":
		return enforcement.CheckKey
	case errors.Is(err, agent.ErrInput):
		return enforcement.CorrectInput
	case silent:
		return silenceRemedy(silence.Reason)
	case ok && e.Kind == agent.KindSilence:
		return enforcement.GoOnline
	}
	return enforcement.NoRemedy
}

// silenceRemedy tells what only the vendor can mend from what the network can.
func silenceRemedy(r slascone.Reason) enforcement.Remedy {
	switch r {
	case slascone.Unauthorized:
		return enforcement.VendorAccess
	case slascone.NotFound, slascone.BadRequest, slascone.BadShape:
		return enforcement.VendorConfiguration
	case slascone.Untrusted, slascone.ProxyFailure, slascone.Compressed, slascone.Redirected, slascone.NotJSON, slascone.BadSignature, slascone.BadNonce, slascone.Foreign, slascone.Stale:
		return enforcement.CheckNetwork
	}
	return enforcement.GoOnline
}

// Plain words an error for a person: the package that found it is left out.
func Plain(err error) string {
	if e, ok := errors.AsType[*agent.Error](err); ok {
		err = e.Err
	}
	return phrase.Plain(err)
}

// Within returns the innermost error that says that target happened and how,
// without the words of those who passed it on.
func Within(err, target error) error { return phrase.Within(err, target) }
