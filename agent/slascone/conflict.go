package slascone

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Conflict is what the server said in a 409.
type Conflict struct {
	ID int // from the service's list (SLASCONE help centre 360016160398)
	// Message is the server's words for logs and support: one line, at most 500
	// characters, may be empty.
	Message string
}

// ConflictError is a 409 as an error.
type ConflictError struct {
	Conflict
	// RetryAfter is that of the answer.
	RetryAfter time.Duration
}

// Error returns the server's words and the conflict's ID.
func (e *ConflictError) Error() string {
	switch {
	case e.ID == 0:
		return e.Message
	case e.Message == "":
		return fmt.Sprintf("the server refused (conflict %d)", e.ID)
	}
	return fmt.Sprintf("%s (conflict %d)", e.Message, e.ID)
}

// IsConflict reports whether an error is, or wraps, a *[ConflictError].
func IsConflict(err error) bool {
	_, ok := errors.AsType[*ConflictError](err)
	return ok
}

const maxConflictMessage = 500

// conflictAnswer makes a No of a 409 that can be understood.
func conflictAnswer[T any](r response, known Known) Answer[T] {
	conflict, fail := r.conflict()
	if fail != nil {
		return silence[T](r, fail)
	}
	a := Answer[T]{Kind: No, Conflict: conflict, RetryAfter: r.retryAfter}
	a.At, a.Undated = known.within(r.date)
	return a
}

func (r *response) conflict() (Conflict, *SilenceError) {
	if fail := r.asLongAs("conflict"); fail != nil {
		return Conflict{}, fail
	}
	return readConflict(r.body, r.secret)
}

// longestNonce is how long a nonce can be that a server signs.
const longestNonce = 64

// asLongAs refuses a signed body that a real one of what was asked for is longer
// than, and a nonce is not: whoever can have a nonce signed could have had this
// signed. A conflict has a message and the service's member names, a session its
// limits, an account its last reset; a licence names its product and client, so
// that it needs no such rule, and the words of an acknowledgement are short.
func (r *response) asLongAs(want string) *SilenceError {
	if r.signature == "" || len(r.body) > longestNonce {
		return nil
	}
	return badShape(r.status, want, errors.New("it is as short as a nonce"))
}

// readConflict reads the body of a 409, whose message must not repeat the secret.
func readConflict(body []byte, secret string) (Conflict, *SilenceError) {
	var w wire.Conflict
	err := wire.Unmarshal(body, &w)
	if err == nil && w.ID <= 0 {
		err = errors.New("it has no id")
	}
	if err != nil {
		return Conflict{}, badShape(http.StatusConflict, "conflict", err)
	}
	return Conflict{ID: w.ID, Message: plainText(replaceFold(value(w.Message), secret, "…"), maxConflictMessage)}, nil
}

// badShape is the failure of a body that is signed but not what was asked for.
func badShape(status int, want string, err error) *SilenceError {
	return &SilenceError{Reason: BadShape, Status: status, Detail: "the response is signed but is no " + want, Err: err}
}
