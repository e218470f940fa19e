package grant

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

func TestLicenseNeedsAProof(t *testing.T) {
	terms := license.Terms{Key: "k"}
	if l := License(verified.Proof{}, terms); !l.IsZero() {
		t.Errorf("without a proof: %q", l.Key())
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if l := License(verified.By(verified.Heartbeat, at), terms); l.Key() != "k" || !l.IssuedAt().Equal(at) {
		t.Errorf("key %q, issued at %v", l.Key(), l.IssuedAt())
	}
}
