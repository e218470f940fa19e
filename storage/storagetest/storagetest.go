// Package storagetest holds implementations of [storage.Store] to their
// contract, and offers a keyring for tests.
//
// A backend of your own is tested like this:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storage.Store {
//			return mystore.New(t.TempDir())
//		})
//	}
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
)

// Run tests that the stores made by open keep the contract of
// [storage.Store]. Each call of open must return a store whose record is
// empty, independent of those returned before.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, storage.Store)
	}{
		{"Empty", testEmpty},
		{"RoundTrip", testRoundTrip},
		{"Sizes", testSizes},
		{"TooLarge", testTooLarge},
		{"Conflict", testConflict},
		{"Delete", testDelete},
		{"CallerOwnsData", testCallerOwnsData},
		{"Update", testUpdate},
		{"ConcurrentUpdates", testConcurrentUpdates},
		{"EndedContext", testEndedContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// RunShared tests two stores on one record, as two processes have them. Each
// call of open must return two stores that share one empty record.
func RunShared(t *testing.T, open func(t *testing.T) (a, b storage.Store)) { runShared(t, open) }

// runShared is long because it is a list of the properties that are tested.
func runShared(t *testing.T, open func(t *testing.T) (a, b storage.Store)) {
	t.Run("SeeEachOther", func(t *testing.T) {
		a, b := open(t)
		done := commit(t, a, storage.State{Data: []byte("from a")})
		equal(t, load(t, b), done)
		done.Data = []byte("from b")
		done = commit(t, b, done)
		equal(t, load(t, a), done)
		if err := a.Delete(t.Context()); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		wantNothing(t, b)
	})
	t.Run("LoserReloads", func(t *testing.T) {
		a, b := open(t)
		base := commit(t, a, storage.State{Data: []byte("0")})
		seen := load(t, b)
		won := commit(t, a, with(base, "a"))
		_, err := b.Commit(t.Context(), with(seen, "b"))
		wantIs(t, "Commit on a base that has changed", err, storage.ErrConflict)
		equal(t, load(t, b), won)
		commit(t, b, with(load(t, b), "b"))
	})
	t.Run("ReaderSeesWholeStates", func(t *testing.T) {
		a, b := open(t)
		base := commit(t, a, storage.State{Data: pattern(0)})
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got, err := b.Load(t.Context())
				if err != nil || got.RestoredCopy || !isPattern(got.Data) {
					t.Errorf("Load during commits: %s, %v", describe(got), err)
					return
				}
			}
		})
		for n := range 60 {
			base.Data = pattern(n)
			base = commit(t, a, base)
		}
		close(stop)
		wg.Wait()
	})
	t.Run("NoUpdateLost", func(t *testing.T) {
		a, b := open(t)
		const each = 40
		var wg sync.WaitGroup
		for _, s := range []storage.Store{a, b} {
			wg.Go(func() {
				for range each {
					if _, err := storage.Update(t.Context(), s, increment); err != nil {
						t.Errorf("Update: %v", err)
						return
					}
				}
			})
		}
		wg.Wait()
		if got := string(load(t, a).Data); got != strconv.Itoa(2*each) {
			t.Errorf("after %d updates by each of two stores the count is %s", each, got)
		}
	})
}

func testEmpty(t *testing.T, s storage.Store) {
	wantNothing(t, s)
	switch s.Kind() {
	case "", storage.KindAuto:
		t.Errorf("Kind() = %q, want the kind of the store that serves", s.Kind())
	}
}

func testRoundTrip(t *testing.T, s storage.Store) {
	zone := time.FixedZone("", -5*3600)
	first := commit(t, s, storage.State{
		HighWater:  time.Date(2151, 2, 3, 4, 5, 6, 789, zone),
		ServerTime: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
		Data:       []byte("{\"a\":\"\x00\xff\u00fc\"}"),
	})
	if first.Sequence == 0 {
		t.Error("the first commit has sequence 0, which stands for nothing stored")
	}
	equal(t, load(t, s), first)
	second := commit(t, s, storage.State{Sequence: first.Sequence})
	if second.Sequence != first.Sequence+1 {
		t.Errorf("second commit has sequence %d, want %d", second.Sequence, first.Sequence+1)
	}
	got := load(t, s)
	if !got.HighWater.IsZero() || !got.ServerTime.IsZero() || len(got.Data) != 0 {
		t.Errorf("zero fields come back as %+v", got)
	}
}

func testSizes(t *testing.T, s storage.Store) {
	r := rand.NewChaCha8([32]byte{1})
	base := storage.State{}
	// Up, down and over the sizes at which a record changes its form.
	for _, n := range []int{0, 1, 1000, 1767, 1768, 1769, 3000, 64 << 10, 1 << 20, 5, 1769, storage.MaxData, 0} {
		base.Data = make([]byte, n)
		_, _ = r.Read(base.Data)
		base = commit(t, s, base)
		equal(t, load(t, s), base)
	}
	base.Data = make([]byte, storage.MaxData) // shrinks to next to nothing
	base = commit(t, s, base)
	equal(t, load(t, s), base)
}

func testTooLarge(t *testing.T, s storage.Store) {
	base := commit(t, s, storage.State{Data: []byte("old")})
	next := base
	next.Data = make([]byte, storage.MaxData+1)
	_, err := s.Commit(t.Context(), next)
	wantIs(t, "Commit of too much", err, storage.ErrTooLarge)
	equal(t, load(t, s), base)
}

func testConflict(t *testing.T, s storage.Store) {
	_, err := s.Commit(t.Context(), storage.State{Sequence: 7})
	wantIs(t, "Commit with a base where nothing is stored", err, storage.ErrConflict)
	first := commit(t, s, storage.State{Data: []byte("first")})
	second := commit(t, s, with(first, "second"))
	for _, seq := range []uint64{0, first.Sequence, second.Sequence + 1} {
		_, err := s.Commit(t.Context(), storage.State{Sequence: seq, Data: []byte("lost")})
		wantIs(t, fmt.Sprintf("Commit on base %d, stored is %d", seq, second.Sequence), err, storage.ErrConflict)
	}
	equal(t, load(t, s), second)
}

func testDelete(t *testing.T, s storage.Store) {
	if err := s.Delete(t.Context()); err != nil {
		t.Fatalf("Delete where nothing is stored: %v", err)
	}
	big := make([]byte, 100<<10)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(big)
	for _, data := range [][]byte{[]byte("small"), big} {
		old := commit(t, s, storage.State{Data: data})
		if err := s.Delete(t.Context()); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		wantNothing(t, s)
		_, err := s.Commit(t.Context(), old)
		wantIs(t, "Commit on a base that was deleted", err, storage.ErrConflict)
		next := commit(t, s, storage.State{Data: []byte("anew")})
		if next.Sequence <= old.Sequence {
			t.Errorf("after Delete the sequence went from %d to %d", old.Sequence, next.Sequence)
		}
		if err := s.Delete(t.Context()); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
}

func testCallerOwnsData(t *testing.T, s storage.Store) {
	data := []byte("abc")
	commit(t, s, storage.State{Data: data})
	data[0] = 'x'
	got := load(t, s)
	if string(got.Data) != "abc" {
		t.Errorf("the store kept the caller's slice: stored is %q", got.Data)
	}
	got.Data[0] = 'y'
	if again := load(t, s); string(again.Data) != "abc" {
		t.Errorf("Load gave out the store's own slice: stored is %q", again.Data)
	}
}

func testUpdate(t *testing.T, s storage.Store) {
	ctx := t.Context()
	var seen []storage.State
	for _, text := range []string{"one", "two"} {
		_, err := storage.Update(ctx, s, func(st storage.State) (storage.State, error) {
			seen = append(seen, st)
			return storage.State{Data: []byte(text)}, nil // Sequence is ignored
		})
		if err != nil {
			t.Fatalf("Update: %v", err)
		}
	}
	if len(seen) != 2 || seen[0].Sequence != 0 || string(seen[1].Data) != "one" {
		t.Fatalf("change was called with %+v", seen)
	}
	stop := errors.New("stop")
	_, err := storage.Update(ctx, s, func(storage.State) (storage.State, error) { return storage.State{}, stop })
	wantIs(t, "Update whose change fails", err, stop)
	if got := load(t, s); string(got.Data) != "two" {
		t.Errorf("an Update that failed left %q", got.Data)
	}
}

func testConcurrentUpdates(t *testing.T, s storage.Store) {
	const goroutines, each = 4, 10
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				if _, err := storage.Update(t.Context(), s, increment); err != nil {
					t.Errorf("Update: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := string(load(t, s).Data); got != strconv.Itoa(goroutines*each) {
		t.Errorf("after %d updates the count is %s", goroutines*each, got)
	}
}

func testEndedContext(t *testing.T, s storage.Store) {
	base := commit(t, s, storage.State{Data: []byte("kept")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Load(ctx)
	wantIs(t, "Load with an ended context", err, context.Canceled)
	_, err = s.Commit(ctx, with(base, "late"))
	wantIs(t, "Commit with an ended context", err, context.Canceled)
	wantIs(t, "Delete with an ended context", s.Delete(ctx), context.Canceled)
	equal(t, load(t, s), base)
}

// pattern is data of changing sizes that begins with its number.
func pattern(n int) []byte {
	b := make([]byte, []int{10, 5000, 6000, 100, 20}[n%5])
	_, _ = rand.NewChaCha8([32]byte{3, byte(n)}).Read(b)
	b[0] = byte(n)
	return b
}

func isPattern(b []byte) bool { return len(b) > 0 && bytes.Equal(b, pattern(int(b[0]))) }

func increment(s storage.State) (storage.State, error) {
	n := 0
	if s.Sequence != 0 {
		var err error
		if n, err = strconv.Atoi(string(s.Data)); err != nil {
			return s, err
		}
	}
	s.Data = strconv.AppendInt(nil, int64(n+1), 10)
	return s, nil
}

func with(s storage.State, data string) storage.State {
	s.Data = []byte(data)
	return s
}

func load(t *testing.T, s storage.Store) storage.State {
	t.Helper()
	got, err := s.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return got
}

func commit(t *testing.T, s storage.Store, next storage.State) storage.State {
	t.Helper()
	done, err := s.Commit(t.Context(), next)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return done
}

func wantNothing(t *testing.T, s storage.Store) {
	t.Helper()
	_, err := s.Load(t.Context())
	wantIs(t, "Load where nothing is stored", err, storage.ErrNotFound)
	if errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrDamaged) {
		t.Errorf("Load where nothing is stored: %v, which is also something else", err)
	}
}

func wantIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error is %v, want %v", what, err, want)
	}
}

func equal(t *testing.T, got, want storage.State) {
	t.Helper()
	if got.Sequence != want.Sequence || !got.HighWater.Equal(want.HighWater) || !got.ServerTime.Equal(want.ServerTime) ||
		got.RestoredCopy != want.RestoredCopy || !bytes.Equal(got.Data, want.Data) {
		t.Fatalf("loaded %s, want %s", describe(got), describe(want))
	}
}

func describe(s storage.State) string {
	return fmt.Sprintf("{Sequence %d, HighWater %v, ServerTime %v, RestoredCopy %v, %d bytes}",
		s.Sequence, s.HighWater, s.ServerTime, s.RestoredCopy, len(s.Data))
}
