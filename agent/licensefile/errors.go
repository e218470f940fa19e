package licensefile

import (
	"fmt"
)

// A Check is one of the questions that a file has to pass. It is an error as
// well, so that errors.Is(err, licensefile.CheckExpiry) tells which one failed.
type Check uint8

// The checks, in the order in which they are made.
const (
	CheckSize       Check = iota + 1 // not empty and at most MaxSize
	CheckFormat                      // well-formed within the profile
	CheckSignature                   // signed, in the one accepted way, with the configured key
	CheckRoot                        // the kind of file that was asked for
	CheckContent                     // every known field can be read
	CheckProduct                     // for this product
	CheckStart                       // already valid
	CheckExpiry                      // still valid
	CheckRelease                     // covers this release of the application
	CheckClient                      // for this client
	CheckLicenseKey                  // the activation is for this licence
)

var checkNames = [...]string{
	"size", "format", "signature", "root", "content", "product", "start", "expiry", "release", "client", "licence key",
}

// String returns the check's name in lower case.
func (c Check) String() string {
	if c < CheckSize || c > CheckLicenseKey {
		return fmt.Sprintf("check %d", uint8(c))
	}
	return checkNames[c-1]
}

// Error returns "check failed: " and the check's name.
func (c Check) Error() string { return "check failed: " + c.String() }

// An Error says which check a file did not pass and, in Err, why and what to
// do about it. It matches its Check and its Err with errors.Is.
type Error struct {
	File  Kind  // what the file is or was taken for
	Check Check // the first check that failed
	Err   error
}

// Error returns one line that can be shown to a user.
func (e *Error) Error() string {
	return fmt.Sprintf("licensefile: %s: %s: %v", e.File, e.Check.String(), e.Err)
}

// Unwrap returns the check and the reason.
func (e *Error) Unwrap() []error { return []error{e.Check, e.Err} }

// A Kind is one of the two kinds of file.
type Kind uint8

// The kinds of file.
const (
	UnknownFile    Kind = iota
	LicenseFile         // root slascone_license_file
	ActivationFile      // root slascone_activation_file
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case LicenseFile:
		return "licence file"
	case ActivationFile:
		return "activation file"
	}
	return "unknown file"
}

func (k Kind) article() string {
	if k == ActivationFile {
		return "an " + k.String()
	}
	return "a " + k.String()
}
