package seat

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage/filelock"
)

func holder(t *testing.T, dir string, perProcess bool) *Holder {
	t.Helper()
	h := New(Config{ClientID: "device-1", Folder: dir, PerProcess: perProcess, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.Leave)
	return h
}

// Windows get different numbers; one that a dead window with a seat had comes
// first.
func TestNumbers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	one, two := holder(t, dir, true), holder(t, dir, true)
	for i, h := range []*Holder{one, two} {
		if n, err := h.Number(nil); err != nil || n != i+1 || h.Shared() {
			t.Errorf("window %d has number %d, %v", i+1, n, err)
		}
	}
	three := holder(t, dir, true)
	if n, err := three.Number([]int{1, 7}); err != nil || n != 7 {
		t.Errorf("beside a seat without a window the number is %d, %v; want that of the seat", n, err)
	}
	one.Leave()
	four := holder(t, dir, true)
	if n, err := four.Number([]int{1, 7}); err != nil || n != 1 {
		t.Errorf("after the first window is gone the number is %d, %v", n, err)
	}
}

func TestOneSeatForAllHasNoNumbers(t *testing.T) {
	h := holder(t, t.TempDir(), false)
	if n, err := h.Number([]int{3}); n != 0 || err != nil || !h.Shared() {
		t.Errorf("number %d, %v", n, err)
	}
}

// The last of the windows that share a seat is the one that nobody shares it with
// any more, and new ones wait until it is done.
func TestLastWindow(t *testing.T) {
	dir := t.TempDir()
	one, two := holder(t, dir, false), holder(t, dir, false)
	for _, h := range []*Holder{one, two} {
		lock, err := filelock.TakeShared(t.Context(), h.lockFile(0))
		if err != nil {
			t.Fatal(err)
		}
		h.held.Store(lock)
	}
	if _, last := one.last(); last {
		t.Error("the first is the last, while the second uses the seat")
	}
	release, last := two.last()
	if !last {
		t.Fatal("the second is not the last")
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := filelock.TakeShared(soon, holder(t, dir, false).lockFile(0)); err == nil {
		t.Error("a new window begins to use a seat that is being given back")
	}
	release()
	if err := two.Erase(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
