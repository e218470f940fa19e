package enforcement

import (
	"testing"
	"time"
)

// Instants add up as times do, and nothing is later than never.
func TestInstantsAddUpAsTimesDo(t *testing.T) {
	const half = 500 * time.Millisecond
	for _, from := range []time.Time{t0, t0.Add(half), t0.Add(time.Second - 1), neverTime.Add(-half)} {
		for _, d := range []time.Duration{0, 1, half, time.Second - 1, time.Second, hour + half, 36500 * day} {
			if got, want := at(from).add(d), at(from.Add(d)); got != want {
				t.Errorf("%v + %v is %+v, want %+v", from, d, got, want)
			}
		}
	}
	if got := at(t0).add(-hour); got != at(t0) {
		t.Errorf("less than nothing added gives %+v", got)
	}
}
