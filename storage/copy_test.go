package storage_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// openCopying opens a store that keeps a copy.
func (p *place) openCopying() *storage.Local {
	p.t.Helper()
	return mustOpen(p.t, storage.Config{
		Identity: someone, Seal: "device", Dir: "/state", Keyring: p.ring, Copy: true,
		OnEvent: func(e storage.Event) { p.events = append(p.events, e) },
	}.WithFileSystem(p.disk))
}

// file returns the name of the record's file with that ending, "" without one.
func (p *place) file(ending string) string {
	for _, name := range slices.Sorted(maps.Keys(p.disk.now)) {
		if strings.HasSuffix(name, ending) {
			return name
		}
	}
	return ""
}

// TestCopy: with a copy nothing is missed while the keyring does not answer,
// whatever the size of the record, and everything is in the keyring afterwards.
func TestCopy(t *testing.T) {
	for name, text := range map[string]func(n int) string{
		"inline": func(n int) string { return strings.Repeat("x", n) },
		"spill":  large,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.openCopying()
			p.commit(s, 0, text(1), 1)
			b := p.commit(s, 1, text(2), 2)
			p.wantIn(storage.KindKeyring)

			p.lock()
			fresh := p.openCopying()
			p.wantEvent(storage.EventChosen, storage.KindFile, storage.KindKeyring, errLocked)
			for _, s := range []*storage.Local{s, fresh} {
				if got := p.wantLoad(s, text(2)); got.Sequence != b.Sequence || got.RestoredCopy || s.Kind() != storage.KindFile {
					t.Errorf("sequence %d, restored copy %v, in %s", got.Sequence, got.RestoredCopy, s.Kind())
				}
			}
			update := func(s *storage.Local, data string) {
				t.Helper()
				if _, err := storage.Update(t.Context(), s, func(st storage.State) (storage.State, error) {
					st.Data = []byte(data)
					return st, nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			update(s, text(3))
			p.wantEvent(storage.EventMoved, storage.KindFile, storage.KindKeyring, errLocked)
			p.wantLoad(fresh, text(3))
			update(fresh, text(4))
			p.wantLoad(s, text(4))

			p.unlock()
			for _, s := range []*storage.Local{s, p.openCopying()} {
				if got := p.wantLoad(s, text(4)); got.RestoredCopy {
					t.Error("it looks like a restored copy")
				}
			}
			p.touch(s)
			p.wantIn(storage.KindKeyring)
			p.lock()
			p.wantLoad(s, text(4))
		})
	}
}

// TestCopyIsNoSecondTruth: a keyring that answers is believed, and a copy that
// is behind or spoilt is not.
func TestCopyIsNoSecondTruth(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(p *place, old backup)
		locked  error // of Load without the keyring; nil: "b"
		suspect bool
	}{
		"whole":   {func(*place, backup) {}, nil, false},
		"older":   {func(p *place, old backup) { p.restoreFiles(old, ".copy") }, storage.ErrOutOfReach, false},
		"damaged": {func(p *place, _ backup) { p.disk.put(p.file(".copy"), []byte("LHSR?")) }, storage.ErrOutOfReach, false},
		"gone":    {func(p *place, _ backup) { _ = p.disk.Remove(p.file(".copy")) }, storage.ErrOutOfReach, false},
		// The mark then tells no more than that there was a keyring, and whoever
		// removes a mark could as well spoil it.
		"damaged mark": {func(p *place, _ backup) { p.disk.put(p.file(".mark"), []byte("LHSM?")) }, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.openCopying()
			a := p.commit(s, 0, "a", 1)
			old := p.backup()
			p.commit(s, a.Sequence, "b", 2)
			c.spoil(p, old)
			if got := p.wantLoad(s, "b"); got.RestoredCopy != c.suspect {
				t.Errorf("it looks like a restored copy: %v", got.RestoredCopy)
			}
			p.lock()
			if c.locked == nil {
				p.wantLoad(s, "b")
			} else {
				p.wantError(s, c.locked)
				p.wantError(s, storage.ErrUnavailable)
			}
			p.unlock()
			p.wantLoad(p.openCopying(), "b")
			if n := len(p.disk.now); n > 2 {
				t.Errorf("files %v, want no more than a mark and a copy: nothing was set aside", slices.Sorted(maps.Keys(p.disk.now)))
			}
		})
	}
}

// TestCopyOfALostItem: a keyring that was reset, or that gives back something
// else than it was given, gets its record again.
func TestCopyOfALostItem(t *testing.T) {
	for name, item := range map[string]string{"lost": "", "cut off": "TEhTUgAB", "not in base64": "?"} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.openCopying()
			p.commit(s, 0, large(1), 1)
			items := p.ring.Items()
			for user := range items {
				if items[user] = item; item == "" {
					delete(items, user)
				}
			}
			p.ring.Restore(items)
			if got := p.wantLoad(s, large(1)); got.RestoredCopy {
				t.Error("it looks like a restored copy")
			}
			s = p.openCopying()
			p.touch(s)
			p.wantIn(storage.KindKeyring)
			_ = p.disk.Remove(p.file(".copy"))
			p.wantLoad(s, large(1))
			if kept := p.file(".damaged") != ""; kept != (item != "") {
				t.Errorf("the item was set aside: %v", kept)
			}
		})
	}
}

// TestCopyIsDeleted: nothing of a deleted record is left, or found again.
func TestCopyIsDeleted(t *testing.T) {
	p := newPlace(t)
	s := p.openCopying()
	p.commit(s, 0, "a", 1)
	old := p.backup()
	if err := s.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if name := p.file(".copy"); name != "" {
		t.Errorf("%s is left", name)
	}
	p.restoreFiles(old, ".copy")
	for _, trouble := range []func(){p.unlock, p.lock} {
		trouble()
		p.wantError(s, storage.ErrNotFound)
	}
	if err := s.Delete(t.Context()); err != nil || p.file(".copy") != "" {
		t.Errorf("Delete: %v, left is %q", err, p.file(".copy"))
	}

	p.unlock()
	p.commit(s, 0, "b", 2)
	p.lock()
	if err := s.Delete(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Delete: %v, want ErrUnavailable: the item is still there", err)
	}
	p.wantError(s, storage.ErrNotFound)
}

// TestCopyIsWanted: without Config.Copy, and with KindKeyring, there is none.
func TestCopyIsWanted(t *testing.T) {
	for name, cfg := range map[string]storage.Config{
		"auto":    {Kind: storage.KindAuto},
		"keyring": {Kind: storage.KindKeyring, Copy: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.commit(p.openCopying(), 0, "a", 1)
			cfg.Identity, cfg.Seal, cfg.Dir, cfg.Keyring = someone, "device", "/state", p.ring
			s := mustOpen(t, cfg.WithFileSystem(p.disk))
			p.commit(s, 1, "b", 2)
			if name := p.file(".copy"); name != "" {
				t.Errorf("%s is left from another configuration", name)
			}
			p.lock()
			p.wantError(s, storage.ErrUnavailable)
			if _, err := s.Load(t.Context()); errors.Is(err, storage.ErrOutOfReach) != (cfg.Kind == storage.KindAuto) {
				t.Errorf("Load: %v", err)
			}
		})
	}
}

// TestOutOfReach: without a copy, the mark bears witness to the record, and a
// commit that is based on what it says goes to the file.
func TestOutOfReach(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindAuto)
	done := p.commit(s, p.commit(s, 0, "a", 1).Sequence, "b", 2)
	p.lock()
	got, err := s.Load(t.Context())
	if !errors.Is(err, storage.ErrOutOfReach) || !errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, errLocked) {
		t.Errorf("Load: %v, want ErrOutOfReach and the reason", err)
	}
	if got.Sequence != done.Sequence || !got.ServerTime.Equal(day(2)) || !got.HighWater.Equal(day(2)) || got.Data != nil {
		t.Errorf("the witness is %+v", got)
	}
	if _, err := storage.Update(t.Context(), s, increment); !errors.Is(err, storage.ErrOutOfReach) {
		t.Errorf("Update: %v, want ErrOutOfReach", err)
	}
	if _, err := s.Commit(t.Context(), storage.State{Sequence: got.Sequence - 1}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Commit on an older state: %v", err)
	}
	got.Data = []byte("c")
	if _, err := s.Commit(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	p.unlock()
	p.wantLoad(s, "c")
}

// TestCopyWhileHanging: a keyring that hangs is waited for once, and nothing is
// missed.
func TestCopyWhileHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := &storagetest.Keyring{}
		cfg := hanging(ring, storage.KindAuto)
		cfg.Copy = true
		s := mustOpen(t, cfg)
		done, err := s.Commit(context.Background(), storage.State{Data: []byte("a")})
		if err != nil {
			t.Fatal(err)
		}
		release := ring.Hang()
		defer synctest.Wait()
		defer release()
		start := time.Now()
		for range 3 {
			if got, err := s.Load(t.Context()); err != nil || got.Sequence != done.Sequence {
				t.Fatalf("Load: %+v, %v", got, err)
			}
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it was waited for %v, want 3s", took)
		}
	})
}
