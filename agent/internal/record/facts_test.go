package record

import (
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Only a wrong signature is told as one. What the server has signed, for
// another or long ago, is no fault of the keys.
func TestSilenceKind(t *testing.T) {
	for r, want := range map[slascone.Reason]enforcement.SilenceKind{
		slascone.BadSignature:  enforcement.SilentSignature,
		slascone.BadNonce:      enforcement.SilentSignature,
		slascone.BadShape:      enforcement.SilentNetwork,
		slascone.Foreign:       enforcement.SilentNetwork,
		slascone.Stale:         enforcement.SilentNetwork,
		slascone.Unauthorized:  enforcement.SilentUnauthorized,
		slascone.NotFound:      enforcement.SilentNetwork,
		slascone.Unreachable:   enforcement.SilentNetwork,
		slascone.ServerFailure: enforcement.SilentNetwork,
	} {
		if got := SilenceKind(r); got != want {
			t.Errorf("%v: %v, want %v", r, got, want)
		}
	}
}
