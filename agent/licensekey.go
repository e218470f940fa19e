package agent

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// maxKey is the longest licence key, in bytes.
const maxKey = 256

// checkKey reads what a person pasted and refuses what cannot be a key. What was
// taken out of it is told to nobody but that person.
func checkKey(text string) (pasted.Key, error) {
	key := pasted.ReadKey(text)
	switch {
	case key.Text == "":
		return key, inputError("the licence key is empty; enter the key from the vendor's message")
	case len(key.Text) > maxKey:
		return key, inputError(fmt.Sprintf("the licence key is longer than %d characters; enter only the key", maxKey))
	case strings.ContainsFunc(key.Text, func(r rune) bool { return !strconv.IsPrint(r) || r == unicode.ReplacementChar }):
		return key, inputError("the licence key has characters that no key has; " + key.Advice())
	}
	return key, nil
}

// advise completes the error of a key that the server does not know.
func advise(err error, key pasted.Key) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Code == enforcement.LicenseKeyInvalid {
		e.Err = fmt.Errorf("%w: %s", e.Err, key.Advice())
	}
	return err
}
