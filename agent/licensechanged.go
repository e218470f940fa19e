package agent

import (
	"reflect"

	"github.com/leasehold-dev/leasehold/agent/license"
)

// LicenseChanged says: what the licence grants has changed, such as its
// features, limits or dates, or another licence is held, or none. A state that
// follows from it has an event of its own.
type LicenseChanged struct {
	License license.License // the zero License when none is held
}

func (LicenseChanged) event() {}

// newTerms reports whether one licence grants something else than another. Two
// answers that say the same do not.
func newTerms(before, after license.License) bool {
	return before != after && !reflect.DeepEqual(before.Terms(), after.Terms())
}
