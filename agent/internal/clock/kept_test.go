package clock

import (
	"testing"
	"time"
)

func TestNextKept(t *testing.T) {
	const m = time.Minute
	last := time.Duration(0)
	for _, want := range []time.Duration{m, 2 * m, 4 * m, 8 * m, 15 * m, 30 * m, 45 * m, 60 * m} {
		if got := NextKept(last); got != want {
			t.Errorf("after %v: %v, want %v", last, got, want)
		}
		last = want
	}
	if got := NextKept(5*m + 7*time.Second); got != 8*m {
		t.Errorf("kept in between: %v", got)
	}
}
