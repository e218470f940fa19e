package app

import (
	"runtime"
	"testing"
)

// TestChangesOfStateLeaveNothingBehind switches the licence off and on, a
// thousand changes of state in all, and wants no more goroutines and no more
// memory than after the first ones.
func TestChangesOfStateLeaveNothingBehind(t *testing.T) {
	s := newStage(t, true)
	round := func(n int) (goroutines int, heap uint64) {
		for range n {
			s.act(t, "1002 Switched off")
			s.act(t, "All is well again")
			s.machine.Server.ForgetRequests() // its log grows
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	rounds := 500
	if testing.Short() {
		rounds = 50
	}
	goroutines, heap := round(rounds / 5)
	after, grown := round(rounds - rounds/5)
	if after > goroutines+2 || grown > heap+heap/5+1<<20 {
		t.Errorf("%d goroutines and %d bytes after %d changes, %d and %d after %d", after, grown, 2*rounds, goroutines, heap, 2*rounds/5)
	}
}
