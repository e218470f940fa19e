package phrase

import (
	"errors"
	"strings"
)

// prefixes name the package that found an error, which tells a person nothing.
var prefixes = []string{"agent: ", "slascone: ", "storage: open: ", "storage: ", "device: ", "enforcement: ", "heartbeat: ", "fleet: ", "slasconetest: save state: ", "slasconetest: load state: ", "slasconetest: ", "licensefile: "}

// words are what the standard library says of a caller's deadline and patience, and
// what a person would.
var words = strings.NewReplacer("context deadline exceeded", "the deadline has passed", "context canceled", "the call was canceled")

// Plain leaves out of an error's text which package found it.
func Plain(err error) string {
	text := err.Error()
	for _, prefix := range prefixes {
		text = strings.TrimPrefix(text, prefix)
	}
	return words.Replace(text)
}

// Within returns the innermost error that says that target happened and how,
// without the words of those who passed it on.
func Within(err, target error) error {
	for {
		var inner error
		switch e := err.(type) { //nolint:errorlint // one layer is taken off at a time
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }: // of one error: joined with nothing
			if list := e.Unwrap(); len(list) == 1 {
				inner = list[0]
			}
		}
		if inner == nil || inner == target || !errors.Is(inner, target) { //nolint:errorlint // target itself says nothing about how
			return err
		}
		err = inner
	}
}
