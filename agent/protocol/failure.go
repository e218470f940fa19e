package protocol

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/settings"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// Kind says what sort of failure a [Failure] is. The first four are those of
// [agent.ErrorKind].
type Kind string

// The kinds of failure of a call.
const (
	Conflict  = Kind(agent.KindConflict)  // the server refused; code says why
	Silence   = Kind(agent.KindSilence)   // no answer came; nothing changed, trying again may help
	Integrity = Kind(agent.KindIntegrity) // something answered that could not prove to be the server's fresh answer for this client
	Usage     = Kind(agent.KindUsage)     // the call or the configuration makes no sense as it is
	NoAgent   = Kind("no_agent")          // there is no such agent: it was closed, or never opened
	NoMethod  = Kind("no_method")         // there is no such method
	Timeout   = Kind("timeout")           // the deadline passed before the call was done
	Canceled  = Kind("canceled")          // the caller gave up, or the agent was closed meanwhile
	Forked    = Kind("forked")            // the C library only: the process is a fork of the one that loaded it
	Internal  = Kind("internal")          // a fault of Leasehold; please report it
)

// Number is the kind as the C library's functions return it: 0 is no failure.
func (k Kind) Number() int {
	for _, kind := range kinds {
		if kind.Kind == k {
			return kind.Number
		}
	}
	return kinds[len(kinds)-1].Number
}

// kinds are all kinds with their numbers, which are part of the C library's ABI
// and never change; Internal is the last.
var kinds = []struct {
	Kind   Kind
	Number int
	About  string
}{
	{Usage, -1, "the call or the configuration makes no sense as it is"},
	{Conflict, -2, "the licence server refused; code says why"},
	{Silence, -3, "no answer came; nothing changed, and trying again may help"},
	{Integrity, -4, "something answered that could not prove to be the server's fresh answer for this client; nothing changed"},
	{NoAgent, -5, "there is no such agent: it was closed, or never opened"},
	{Timeout, -6, "the deadline passed before the call was done"},
	{Canceled, -7, "the caller gave up, or the agent was closed meanwhile"},
	{Forked, -8, "the process is a fork of the one that loaded the library"},
	{NoMethod, -9, "there is no such method"},
	{Internal, -10, "a fault of Leasehold; please report it"},
}

// Failure is why a call failed. It belongs to its call: there is no last error.
// It never holds a key or token.
type Failure struct {
	Op         string             `json:"op"`            // the method
	Kind       Kind               `json:"kind"`          // what sort of failure
	Code       enforcement.Code   `json:"code"`          // the conflict's ID; 0 unless kind is conflict
	Message    string             `json:"message"`       // what happened, for a log or a help desk
	Hint       string             `json:"hint"`          // what to do about it; may be empty
	RemedyID   enforcement.Remedy `json:"remedy_id"`     // what would help, as a token; empty when nothing known would
	RetryAfter int                `json:"retry_after_s"` // how many seconds the server asked to be left alone; 0 when it did not

	// Status is how the licence is after a call that asks the server about it.
	Status *Status `json:"status,omitempty"`
}

// Error returns what happened.
func (f *Failure) Error() string { return f.Op + ": " + f.Message }

// misuse is a failure for what the call was given.
func misuse(format string, args ...any) *Failure {
	return &Failure{Kind: Usage, Message: fmt.Sprintf(format, args...)}
}

// failureOf words what a call of the agent returned.
func failureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	f := &Failure{Kind: Usage, Message: Plain(err), Hint: hintOf(err), RemedyID: RemedyOf(err)}
	if mistake, ok := errors.AsType[*settings.Error](err); ok {
		f.Hint = mistake.Hint
	}
	if e, ok := errors.AsType[*agent.Error](err); ok {
		f.Kind, f.Code = Kind(e.Kind), e.Code
		f.RetryAfter = int(math.Ceil(e.RetryAfter.Seconds()))
	}
	switch {
	case errors.Is(err, agent.ErrClosed):
		f.Kind, f.Hint = NoAgent, ""
	case errors.Is(err, context.Canceled):
		f.Kind, f.Hint = Canceled, ""
	case f.Kind == Usage && errors.Is(err, context.DeadlineExceeded):
		f.Kind = Timeout // of the disk or the keyring, say; without an answer of the server it is Silence
	}
	return f
}

// hintOf says what to do about an error; empty where nothing is to be said that
// the error does not say.
func hintOf(err error) string {
	switch {
	case errors.Is(err, agent.ErrNotActivated):
		return "activate with a licence key, or import a licence file"
	case errors.Is(err, agent.ErrNoSession):
		return "open a session first"
	case errors.Is(err, agent.ErrHeldOnline):
		return "deactivate first, which gives the seat back"
	case errors.Is(err, device.ErrNoDeviceID):
		return "name a folder that can be written in state_dir, or set device_id"
	case errors.Is(err, storage.ErrUnavailable):
		return "free disk space or unlock the keyring, or choose another place with state_dir or store"
	}
	e, ok := errors.AsType[*agent.Error](err)
	if !ok {
		return ""
	}
	switch {
	case e.Kind == agent.KindSilence && e.RetryAfter > 0:
		return fmt.Sprintf("the server asks to try again in %s", max(e.RetryAfter, time.Second).Round(time.Second))
	case e.Kind == agent.KindIntegrity:
		return integrityHint(err)
	}
	return RemedyOf(err).Sentence()
}

func integrityHint(err error) string {
	if errors.Is(err, licensefile.CheckSignature) {
		return "get the file anew, or check the key in the configuration"
	}
	if silence, ok := errors.AsType[*slascone.SilenceError](err); ok {
		switch silence.Reason {
		case slascone.BadSignature, slascone.BadNonce:
			return "check signature.mode and the key in the configuration, or what stands between here and the server"
		case slascone.Foreign:
			return "check product_id in the configuration, or what stands between here and the server"
		}
	}
	return "nothing was changed; try again later"
}
