package clock

import (
	"encoding/json"
	"testing"
	"time"
)

// What one process has forgotten, another one that still knows it does not bring
// back; and what was kept before the restart does not either.
func TestARestartIsAdopted(t *testing.T) {
	m, first := known(t)
	second, before := m.boot(first.State()), first.State()
	for _, c := range []*Clock{first, second} {
		fresh(t, c, epoch.Add(40*day), true)
	}
	for range 25 {
		m.run(time.Hour)
		fresh(t, first, epoch.Add(40*day+m.wall.Sub(epoch)), true)
	}
	second.Adopt(first.State())
	believed := first.State()
	fresh(t, second, m.wall, false)

	first.Restart()
	fresh(t, first, m.wall, true)
	for _, late := range []State{before, believed, second.State()} {
		first.Adopt(late)
		want(t, first, m.wall, false)
	}
	data, err := json.Marshal(first.State())
	if err != nil {
		t.Fatal(err)
	}
	var kept State
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	second.Adopt(kept)
	want(t, second, m.wall, false)
	m.run(time.Minute)
	fresh(t, second, m.wall, true)
	fresh(t, m.boot(kept), m.wall, true)
}
