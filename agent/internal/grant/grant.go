// Package grant makes licences of verified documents. It lies under agent/internal
// so that only this module's verifiers can: nobody else makes a [license.License].
package grant

import (
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// License returns the licence that a verified document describes, or the zero
// License when proof proves nothing. It takes ownership of t.
func License(proof verified.Proof, t license.Terms) license.License {
	return verified.Make(proof, &t).(license.License)
}
