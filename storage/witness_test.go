package storage_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

// backup is what a user copies and puts back later.
type backup struct {
	files map[string]*inode
	items map[string]string
}

func (p *place) backup() backup {
	b := backup{map[string]*inode{}, p.ring.Items()}
	for name, n := range p.disk.now {
		b.files[name] = &inode{data: n.data, synced: n.synced}
	}
	return b
}

func (p *place) restoreFiles(b backup, suffixes ...string) {
	for name, n := range b.files {
		for _, s := range suffixes {
			if strings.HasSuffix(name, s) {
				p.disk.now[name] = n
			}
		}
	}
}

func (p *place) replaceFolder(b backup) { p.disk.now = maps.Clone(b.files) }

// large does not fit a keyring item, and does not deflate.
func large(n int) string { return string(numbered(9*n + 3)) }

// TestRestoredCopy puts older copies back where something newer bears witness.
func TestRestoredCopy(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b, c string
		restore func(p *place, old backup)
		want    string
		flagged bool
	}{
		{"older item, the mark is newer", "a", "b", "c",
			func(p *place, old backup) { p.ring.Restore(old.items) }, "a", true},
		{"older folder, the item is newer", large(1), large(2), large(3),
			func(p *place, old backup) { p.replaceFolder(old) }, large(1), true},
		{"older item and spill, the mark is newer", large(1), large(2), large(3),
			func(p *place, old backup) { p.ring.Restore(old.items); p.restoreFiles(old, ".spill") }, large(1), true},
		{"older mark only", "a", "b", "c",
			func(p *place, old backup) { p.restoreFiles(old, ".mark") }, "c", false},
		{"older spill beside the newer", large(1), large(2), large(3),
			func(p *place, old backup) { p.restoreFiles(old, ".spill", ".mark") }, large(3), false},
		{"everything: nothing is left to bear witness", "a", "b", "c",
			func(p *place, old backup) { p.ring.Restore(old.items); p.replaceFolder(old) }, "a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			s := p.open(storage.KindAuto)
			st := p.commit(s, 0, c.a, 1)
			old := p.backup()
			st = p.commit(s, st.Sequence, c.b, 2)
			st = p.commit(s, st.Sequence, c.c, 3)
			c.restore(p, old)
			for _, s := range []*storage.Local{s, p.open(storage.KindAuto)} {
				got := p.wantLoad(s, c.want)
				if got.RestoredCopy != c.flagged {
					t.Fatalf("RestoredCopy = %v", got.RestoredCopy)
				}
				if c.flagged && (got.Sequence != st.Sequence || !got.HighWater.Equal(day(3))) {
					t.Errorf("sequence %d, high water %v, want those of the newest: %d, %v", got.Sequence, got.HighWater, st.Sequence, day(3))
				}
			}
			if c.flagged {
				p.heals(s, 3)
			}
		})
	}
}

// heals checks that the report stays until a newer answer of the server is
// committed than that of the copy that was lost.
func (p *place) heals(s *storage.Local, lost int) {
	p.t.Helper()
	st := p.wantLoad(s, string(p.mustLoad(s).Data))
	st = p.commit(s, st.Sequence, "offline", 1)
	if !st.RestoredCopy || !p.wantLoad(s, "offline").RestoredCopy {
		p.t.Error("a commit without a newer server time ended the report")
	}
	st = p.commit(s, st.Sequence, "replayed", lost)
	if !st.RestoredCopy {
		p.t.Error("the server time that was lost ended the report")
	}
	st = p.commit(s, st.Sequence, "answered", lost+1)
	if st.RestoredCopy || p.wantLoad(s, "answered").RestoredCopy {
		p.t.Error("an answer of the server did not end the report")
	}
}

func (p *place) mustLoad(s storage.Store) storage.State {
	p.t.Helper()
	st, err := s.Load(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return st
}

// TestRestoredFile puts a state file back that was moved to the keyring.
func TestRestoredFile(t *testing.T) {
	setup := func(t *testing.T) (*place, *storage.Local) {
		p := newPlace(t)
		p.lock()
		s := p.open(storage.KindAuto)
		a := p.commit(s, 0, "a", 1)
		old := p.backup()
		p.unlock()
		p.commit(s, a.Sequence, "b", 2)
		p.wantIn(storage.KindKeyring)
		p.restoreFiles(old, ".state")
		return p, s
	}
	t.Run("the item is there", func(t *testing.T) {
		p, s := setup(t)
		got := p.wantLoad(s, "b")
		if got.RestoredCopy {
			t.Error("the newest state is reported as a restored copy")
		}
		p.commit(s, got.Sequence, "c", 3)
		p.wantIn(storage.KindKeyring)
	})
	t.Run("the keyring does not answer", func(t *testing.T) {
		p, s := setup(t)
		p.lock()
		p.wantError(s, storage.ErrUnavailable)
	})
	t.Run("the item is gone", func(t *testing.T) {
		p, s := setup(t)
		p.ring.Restore(nil)
		if got := p.wantLoad(s, "a"); !got.RestoredCopy {
			t.Error("the older copy is not reported")
		}
		p.heals(s, 2)
	})
}

// TestSpillOfAnotherCommit: a spill file of the same number, of a commit that
// was undone by restoring a backup, is not taken for an older state.
func TestSpillOfAnotherCommit(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindKeyring)
	a := p.commit(s, 0, large(1), 1)
	before := p.backup()
	p.commit(s, a.Sequence, large(2), 2)
	undone := p.backup()
	p.ring.Restore(before.items)
	p.replaceFolder(before)
	p.commit(s, a.Sequence, large(3), 2)
	mark := p.disk.content(t, p.disk.only(t, s, ".mark"))
	p.replaceFolder(undone)
	p.disk.put(p.disk.only(t, s, ".mark"), mark)
	p.wantError(s, storage.ErrDamaged)
}

func TestDeletedStaysDeleted(t *testing.T) {
	for name, data := range map[string]string{"inline": "a", "spill": large(1)} {
		for _, locked := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				p := newPlace(t)
				if locked {
					p.lock()
				}
				s := p.open(storage.KindAuto)
				p.commit(s, 0, data, 1)
				old := p.backup()
				if err := s.Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.ring.Restore(old.items)
				p.restoreFiles(old, ".state", ".spill")
				p.wantError(s, storage.ErrNotFound)
				p.wantError(p.open(storage.KindAuto), storage.ErrNotFound)
				p.commit(s, 0, "b", 2)
				p.wantLoad(s, "b")
			})
		}
	}
}

// TestLostItem: the keyring was made anew, as happens with a forgotten
// password. That is honestly nothing.
func TestLostItem(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindAuto)
	a := p.commit(s, 0, "a", 1)
	p.ring.Restore(nil)
	p.wantError(s, storage.ErrNotFound)
	if _, err := s.Commit(t.Context(), a); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("Commit on the lost base: %v, want ErrConflict", err)
	}
	b := p.commit(s, 0, "b", 2)
	if b.Sequence <= a.Sequence || b.RestoredCopy {
		t.Errorf("after the loss: sequence %d, restored copy %v", b.Sequence, b.RestoredCopy)
	}
}
