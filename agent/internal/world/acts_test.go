package world

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// watched plays a story and looks at its world after each step.
func watched(t *testing.T, s story, look func(w *world, at int)) {
	t.Helper()
	signingKeys()
	bothKeys()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w, err := newWorld(t, s.setting, folder)
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
		for i, x := range s.steps {
			w.do(x)
			w.mustHoldAfter()
			look(w, i)
		}
		if w.failure == "" {
			w.mustEndWell()
		}
		if w.failure != "" {
			t.Errorf("%s\n%v", w.failure, s)
		}
	})
}

// simple is a setting without anything special.
func simple() setting {
	return setting{machines: 1, seats: 1, freeride: 7, consume: 1000, session: 60}
}

// Whatever moment an application is killed at, with whatever half written, the next
// one finds the old or the new state. Without LEASEHOLD_HEAVY it is every twelfth
// moment.
func TestKilledAtEachMoment(t *testing.T) {
	cuts, kills, stride := 0, 0, 12
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		stride = 1
	}
	for first, keyring := range []bool{false, true} {
		for n := 1 + 6*first%stride; n <= moments; n += stride {
			kills++
			s := story{setting: simple()}
			s.keyring, s.chance = keyring, uint64(n)
			s.steps = append(bought(1), step{do: take, n: 2}, step{do: use, n: 1}, step{do: killWriting, n: n}, step{do: open}, step{do: use, n: 1}, step{do: refresh})
			watched(t, s, func(w *world, at int) {
				if m := w.machines[0]; at == 4 && m.had.killed && m.folder == fmt.Sprintf("%s/%s.1", w.folder, m.name) {
					cuts++
				}
			})
		}
	}
	if cuts < kills/2 {
		t.Errorf("of %d kills %d were in the middle of what was done", kills, cuts)
	}
}

func TestFolderThatCanBeReadOnly(t *testing.T) {
	if !bound() {
		t.Skip("the rights of files do not bind this process")
	}
	s := story{setting: simple()}
	s.steps = append(bought(1), step{do: readOnly}, step{do: use, n: 1}, step{do: refresh}, step{do: kill}, step{do: open}, step{do: diskFine}, step{do: pass, span: time.Hour})
	watched(t, s, func(w *world, at int) {
		m := w.machines[0]
		if used := m.used.String(); at == 3 && used != "0" {
			t.Errorf("%s uses are acknowledged that cannot be kept", used)
		}
		if win := m.any(); at == 6 && win.License().IsZero() {
			t.Error("what can be read is not read")
		}
	})
}

func TestLaterVersionComesBack(t *testing.T) {
	for _, keyring := range []bool{false, true} {
		s := story{setting: simple()}
		s.keyring = keyring
		s.steps = append(bought(1), step{do: use, n: 1}, step{do: later}, step{do: open}, step{do: use, n: 2}, step{do: refresh}, step{do: switchOff}, step{do: refresh},
			step{do: switchOn}, step{do: refresh}, step{do: down}, step{do: refresh}, step{do: up}, step{do: kill}, step{do: later}, step{do: open}, step{do: pass, span: 3 * time.Hour})
		watched(t, s, func(w *world, at int) {
			if m := w.machines[0]; at == len(s.steps)-1 && (m.client.later != 2 || m.any().Queued() != 2) {
				t.Errorf("written %d times, %d reports wait", m.client.later, m.any().Queued())
			}
		})
	}
}

// A licence that ended, was switched off and is on again: the seat comes before the
// next heartbeat, and says so. The story is one that failed, made shorter.
func TestSeatAfterALicenseWasSwitchedOff(t *testing.T) {
	s := story{setting: simple()}
	s.floating, s.freeride = true, 30
	s.steps = append(bought(1), step{do: switchOff}, step{do: refresh}, step{do: shut}, step{do: open}, step{do: switchOn}, step{do: pass, span: 3 * time.Hour})
	watched(t, s, func(w *world, at int) {
		win := w.machines[0].any()
		if at == len(s.steps)-1 && (!win.Session().Held || win.Decision().State != enforcement.Active) {
			t.Errorf("it is %v", win.Decision().State)
		}
	})
}

// A server that is behind says nothing new; when it is right again the next answer
// counts, and not before. The story is one that failed.
func TestServerThatWasBehind(t *testing.T) {
	s := story{setting: simple()}
	s.freeride = 1
	s.steps = append(bought(1), step{do: serverOff, span: -20 * time.Minute}, step{do: pass, span: 72 * time.Hour})
	watched(t, s, func(*world, int) {})
}
