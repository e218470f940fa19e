package agent

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Whatever goes wrong, an agent with a floating licence never storms the
// server, and recovers by itself within the longest pause.
func TestChaosNeitherStormsNorSticks(t *testing.T) {
	kinds := []slasconetest.FaultKind{
		slasconetest.FaultStatus, slasconetest.FaultConflict, slasconetest.FaultReset, slasconetest.FaultGarbage, slasconetest.FaultPortal,
		slasconetest.FaultTruncate, slasconetest.FaultUnsigned, slasconetest.FaultBadNonceSignature, slasconetest.FaultStale,
		slasconetest.FaultReplay, slasconetest.FaultForeign, slasconetest.FaultShape,
	}
	conflicts := []int{1000, 1001, 1002, 1003, 1007, 2000, 2002, 2003, 2006, 2010, 6008, 12000, 12001, 12002, 12003, 12005, 12006, 99999}
	for seed := range longer[uint64](1, 8) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			rng := rand.New(rand.NewPCG(seed, 7))
			lic := floating
			lic.SessionPeriod = new(120)
			a, _ := w.activated(lic)
			w.start(a)
			for range longer(5, 8) {
				f := slasconetest.Fault{Kind: kinds[rng.IntN(len(kinds))]}
				if f.Kind == slasconetest.FaultConflict {
					f.Conflict = conflicts[rng.IntN(len(conflicts))]
				}
				if rng.IntN(2) == 0 {
					f.Endpoint = slasconetest.SessionOpen
				}
				w.srv.Inject(f)
				w.line.requests()
				for range 12 {
					w.sleep(time.Hour)
					if n := len(w.line.requests()); n > 120 {
						t.Fatalf("seed %d, fault %+v: %d requests in an hour", seed, f, n)
					}
				}
				w.srv.ClearFaults()
				w.sleep(30 * time.Hour)
				if d := a.Decision(); d.State != enforcement.Active || !a.Session().Held {
					t.Fatalf("seed %d, thirty hours after fault %+v: %v, %+v", seed, f, d, a.Session())
				}
			}
			w.close(a)
			if n := len(w.srv.Sessions()); n != 0 {
				t.Errorf("%d sessions after Close", n)
			}
		})
	}
}
