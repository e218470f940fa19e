package process

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func open(t *testing.T, store storage.Store, path string) *Process {
	t.Helper()
	l, problem, err := ledger.Open(t.Context(), ledger.Config{
		Store: store, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
	})
	if err != nil || problem != nil {
		t.Fatal(err, problem)
	}
	return New(Config{Ledger: l, Path: func() string { return path }, Logger: slog.New(slog.DiscardHandler)})
}

// Nothing is written for who has nothing; then the line is kept, the last process
// knows that it is the last, and the lock file goes with everything else.
func TestProcess(t *testing.T) {
	store, path := storage.NewMemory(), filepath.Join(t.TempDir(), "client.run")
	a := open(t, store, path)
	if at := a.Next(time.Now()); !at.IsZero() {
		t.Errorf("with nothing to protect the line is kept at %v", at)
	}
	if err := a.Keep(t.Context()); err != nil || exists(path) {
		t.Errorf("with nothing to protect: %v, lock file %v", err, exists(path))
	}
	if err := a.Ledger.Keep(t.Context(), func(*record.Known) {}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if at := a.Next(now); !at.Equal(now) {
		t.Errorf("the mark is due in %v", at.Sub(now))
	}
	if err := a.Keep(t.Context()); err != nil || !exists(path) {
		t.Errorf("%v, lock file %v", err, exists(path))
	}
	if at := a.Next(now); !at.After(now) {
		t.Errorf("the line is due again in %v", at.Sub(now))
	}
	b := open(t, store, path)
	if err := b.Keep(t.Context()); err != nil {
		t.Error(err)
	}
	if last := b.Leave(); last {
		t.Error("of two processes the first that ends is the last")
	}
	if last := a.Leave(); !last {
		t.Error("the last process is not the last")
	}
	if err := a.Erase(); err != nil || exists(path) {
		t.Errorf("%v, lock file %v", err, exists(path))
	}
	if err := a.Erase(); err != nil {
		t.Errorf("once more: %v", err)
	}
}

// Whoever cannot lock counts as alone.
func TestWithoutLocksAProcessIsAlone(t *testing.T) {
	p := open(t, storage.NewMemory(), filepath.Join(t.TempDir(), "missing", "client.run"))
	if err := p.Ledger.Keep(t.Context(), func(*record.Known) {}); err != nil {
		t.Fatal(err)
	}
	if err := p.Keep(t.Context()); err != nil || !p.Leave() {
		t.Error(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
