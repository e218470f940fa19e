package ledger

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// flaky is a store that refuses to keep anything while it is full.
type flaky struct {
	storage.Store
	mu   sync.Mutex
	full bool
}

func (f *flaky) set(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

func (f *flaky) Commit(ctx context.Context, st storage.State) (storage.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return storage.State{}, errors.New("no space left")
	}
	return f.Store.Commit(ctx, st)
}

// open opens a ledger, and collects what its hooks are told.
func open(t *testing.T, store storage.Store) (*Ledger, *heard) {
	t.Helper()
	h := &heard{}
	l, problem, err := Open(t.Context(), Config{
		Store: store, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler),
		Drifted: func() bool { return false },
		Changed: func(old, now *view.View) { h.changes = append(h.changes, [2]*view.View{old, now}) },
		Unkept:  func(err error) { h.unkept = append(h.unkept, err) },
	})
	if err != nil || problem != nil {
		t.Fatal(err, problem)
	}
	return l, h
}

type heard struct {
	changes [][2]*view.View
	unkept  []error
}

// count is a fold that counts in the record, and finds the number it made.
func count(k *record.Known) int {
	k.Contact.Failures++
	return k.Contact.Failures
}

func TestLearnFindsKeepsAndTells(t *testing.T) {
	store := storage.NewMemory()
	l, h := open(t, store)
	for want := 1; want <= 3; want++ {
		if got, err := Learn(t.Context(), l, count); got != want || err != nil {
			t.Errorf("found %d, %v, want %d", got, err, want)
		}
	}
	if n := len(h.changes); n != 3 {
		t.Fatalf("%d changes are told", n)
	}
	for i, c := range h.changes[1:] {
		if c[0] != h.changes[i][1] {
			t.Errorf("change %d does not go on from the one before", i+1)
		}
	}
	again, _ := open(t, store)
	if got := again.Known().Contact.Failures; got != 3 {
		t.Errorf("%d are kept", got)
	}
}

// Whoever has given up still has kept what the server said.
func TestLearnKeepsForWhoHasGivenUp(t *testing.T) {
	l, _ := open(t, storage.NewMemory())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Learn(ctx, l, count); err != nil {
		t.Error(err)
	}
}

// What cannot be kept counts, is told once, and is kept with the next that can be,
// on top of what another process has stored meanwhile.
func TestUnkeptIsKeptLater(t *testing.T) {
	shared := storage.NewMemory()
	store := &flaky{Store: shared}
	l, h := open(t, store)
	other, _ := open(t, shared)
	store.set(true)
	for want := 1; want <= 2; want++ {
		if got, err := Learn(t.Context(), l, count); got != want || err == nil {
			t.Errorf("found %d, %v, want %d and an error", got, err, want)
		}
	}
	if len(h.unkept) != 1 || l.Unsaved() != 2 {
		t.Errorf("told %d times, %d are unsaved", len(h.unkept), l.Unsaved())
	}
	if _, err := Learn(t.Context(), other, count); err != nil {
		t.Fatal(err)
	}
	store.set(false)
	if got, err := Learn(t.Context(), l, count); got != 4 || err != nil || l.Unsaved() != 0 {
		t.Errorf("found %d, %v, %d unsaved; want 4 with the other's", got, err, l.Unsaved())
	}
	other.Refresh(t.Context())
	if got := other.Known().Contact.Failures; got != 4 {
		t.Errorf("the other knows of %d", got)
	}
}

func TestConcurrentLedgersLoseNothing(t *testing.T) {
	store := storage.NewMemory()
	var all sync.WaitGroup
	for range 4 {
		l, _ := open(t, store)
		all.Go(func() {
			for range 50 {
				if _, err := Learn(t.Context(), l, count); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	l, _ := open(t, store)
	if got := l.Known().Contact.Failures; got != 200 {
		t.Errorf("%d of 200 are kept", got)
	}
}

// A reader gets a view that holds, whoever learns meanwhile; the clock that jumps
// is noticed by the reader who comes next.
func TestCurrentHoldsNow(t *testing.T) {
	l, _ := open(t, storage.NewMemory())
	for range 100 {
		v, now := l.Current()
		if !v.Holds(now, v.RolledBack, false) {
			t.Fatalf("the view of %v does not hold", time.Unix(0, now))
		}
		if _, err := Learn(t.Context(), l, count); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEraseForgetsTheRecord(t *testing.T) {
	store := storage.NewMemory()
	l, _ := open(t, store)
	if _, err := Learn(t.Context(), l, count); err != nil {
		t.Fatal(err)
	}
	if err := l.Erase(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(t.Context()); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("after Erase and Flush there is a record: %v", err)
	}
}
