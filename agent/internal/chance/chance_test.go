package chance

import (
	"slices"
	"testing"
	"testing/cryptotest"
)

func TestFloat64IsUniform(t *testing.T) {
	const draws, parts = 10000, 10
	cryptotest.SetGlobalRandom(t, 1)
	var counts [parts]int
	for range draws {
		v := Float64()
		if v < 0 || v >= 1 {
			t.Fatalf("%v is not in [0, 1)", v)
		}
		counts[int(v*parts)]++
	}
	if low, high := slices.Min(counts[:]), slices.Max(counts[:]); low < draws/parts*9/10 || high > draws/parts*11/10 {
		t.Errorf("of %d numbers the tenths of [0, 1) have %v", draws, counts)
	}
}

// The world needs it: one seed, one story.
func TestATestSeedsIt(t *testing.T) {
	draw := func(seed uint64) (list [5]float64) {
		cryptotest.SetGlobalRandom(t, seed)
		for i := range list {
			list[i] = Float64()
		}
		return list
	}
	if a, b := draw(1), draw(1); a != b {
		t.Errorf("the same seed gives %v and %v", a, b)
	}
	if a, b := draw(1), draw(2); a == b {
		t.Errorf("two seeds give %v", a)
	}
}
