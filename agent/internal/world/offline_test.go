package world

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Off line no more is consumed than was known to remain, by one window or by two:
// each knows what the other has taken.
func TestNoMoreIsConsumedOffLineThanRemains(t *testing.T) {
	for _, windows := range []int{1, 2} {
		s := story{setting: simple()}
		s.offline, s.consume, s.keyring = true, 5, windows == 2
		s.steps = append(bought(1), step{do: open}, step{do: pass, span: 7 * time.Minute}, step{do: down},
			step{do: take, n: 3}, step{do: take, n: 3}, step{do: take, n: 2}, step{do: take, n: 1}, step{do: up}, step{do: pass, span: 3 * time.Hour})
		if windows == 1 {
			s.steps[2].do = refresh
		}
		taken := []string{5: "3", 6: "3", 7: "5", 8: "5"} // after each step
		watched(t, s, func(w *world, at int) {
			m := w.machines[0]
			if len(m.windows) == 2 { // they take turns
				m.windows[0], m.windows[1] = m.windows[1], m.windows[0]
			}
			if had := m.consumed.String(); at < len(taken) && taken[at] != "" && had != taken[at] {
				t.Errorf("with %d windows, after step %d %s renders are taken, want %s", windows, at+1, had, taken[at])
			}
		})
	}
}

// Who kills the application and removes the journal of what was consumed off line has no more to consume: what
// is left is kept in the record as well.
func TestNoMoreIsConsumedWithoutTheJournal(t *testing.T) {
	s := story{setting: simple()}
	s.offline, s.consume = true, 5
	s.steps = append(bought(1), step{do: pass, span: 7 * time.Minute}, step{do: down}, step{do: take, n: 3}, step{do: kill}, step{do: open}, step{do: take, n: 3}, step{do: pass, span: time.Hour})
	watched(t, s, func(w *world, at int) {
		m := w.machines[0]
		switch {
		case at == 5:
			found, err := filepath.Glob(filepath.Join(m.folder, "state", "*", "*.journal"))
			if err != nil || len(found) != 1 || os.Remove(found[0]) != nil {
				t.Fatalf("the journals are %q, %v", found, err)
			}
		case at > 6 && m.consumed.String() != "3":
			t.Errorf("%v renders are taken, want 3", m.consumed)
		}
		m.had.restored = at == len(s.steps)-1 // at the end the server cannot know of them
	})
}

// What is used while the disk is full is told to have failed, or is kept: what was
// acknowledged reaches the server, also after a kill.
func TestWhatIsAcknowledgedOnAFullDiskIsKept(t *testing.T) {
	if !canFill() {
		t.Skip("under go test disks are full with -count=1 only")
	}
	s := story{setting: simple()}
	s.steps = append(bought(1), step{do: use, n: 1}, step{do: down}, step{do: diskFull}, step{do: use, n: 2}, step{do: measure}, step{do: diskFine},
		step{do: use, n: 4}, step{do: kill}, step{do: open}, step{do: up}, step{do: pass, span: 3 * time.Hour})
	watched(t, s, func(w *world, at int) {
		if used := w.machines[0].used.String(); at == 8 && used != "5" {
			t.Errorf("%s uses were acknowledged, want 5", used)
		}
	})
}
