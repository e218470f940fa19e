package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

// A part of the state is as it was left, as it was at an earlier moment, or gone.
const (
	current = "current"
	older   = "older"
	removed = "removed"
)

// mixture is which of the parts somebody has put back or removed.
type mixture struct {
	item, spill, copied, mark, file string // "" where there is no such part
}

func (m mixture) String() string {
	var parts []string
	for _, p := range []struct{ name, is string }{{"item", m.item}, {"spill", m.spill}, {"copy", m.copied}, {"mark", m.mark}, {"file", m.file}} {
		if p.is != "" {
			parts = append(parts, p.name+" "+p.is)
		}
	}
	return strings.Join(parts, ", ")
}

// belief is what must be made of a mixture: the newest state that can be read,
// and whether it is suspected of being a restored copy.
type belief struct {
	state   string // current, older or removed
	suspect bool
}

// believe says it by the rules alone, not by how the store is written. number is
// how new a part is.
func (m mixture) believe() belief {
	number := map[string]int{current: 2, older: 1, removed: 0, "": 0}
	item, spill, copied, mark, file := number[m.item], number[m.spill], number[m.copied], number[m.mark], number[m.file]
	inline := m.spill == ""

	// What can be read: the item with its own spill file, the copy, the file. An item
	// whose spill file is older gives what is in that.
	read := max(copied, file)
	switch {
	case inline || item == spill:
		read = max(read, item)
	case item > spill:
		read = max(read, spill)
	}
	if read == 0 {
		return belief{removed, false} // there is nothing to believe
	}
	b := belief{[]string{removed, older, current}[read], false}
	// Witnesses of something newer: every header that is authentic. That of a spill
	// file opens with the key in an item or a copy.
	newest := max(item, mark, copied, file)
	if item > 0 || copied > 0 {
		newest = max(newest, spill)
	}
	b.suspect = newest > read ||
		mark == 0 || // it is written before the first record
		!inline && item == read && spill != item // a spill file is written before its item
	return b
}

// mixed puts a mixture together: two states of one record, committed two commits
// apart, so that no interruption of one commit can look like it.
func mixed(t *testing.T, m mixture) *place {
	t.Helper()
	p := newPlace(t)
	text := func(n int) string { return fmt.Sprint("state ", n) }
	if m.spill != "" {
		text = large
	}
	s := p.openFor(m)
	done := p.commit(s, 0, text(1), 1)
	old := p.backup()
	done = p.commit(s, done.Sequence, text(2), 2)
	p.commit(s, done.Sequence, text(3), 3)
	now := p.backup()
	p.replaceFolder(backup{files: map[string]*inode{}})
	for ending, is := range map[string]string{".spill": m.spill, ".copy": m.copied, ".mark": m.mark, ".state": m.file} {
		switch is {
		case current:
			p.restoreFiles(now, ending)
		case older:
			p.restoreFiles(old, ending)
		}
	}
	p.ring.Restore(map[string]map[string]string{current: now.items, older: old.items}[m.item])
	return p
}

func (p *place) openFor(m mixture) *storage.Local {
	if m.file != "" {
		return p.open(storage.KindFile)
	}
	if m.copied == "" {
		return p.open(storage.KindAuto)
	}
	return p.openCopying()
}

// mixtures are all there are: 81 with a spill file, 27 without, 27 and 9 without a
// copy, 9 of a file.
func mixtures() (list []mixture) {
	all, none := []string{current, older, removed}, []string{""}
	for _, kind := range []struct{ item, spill, copied, file []string }{
		{all, all, all, none}, {all, none, all, none}, {all, all, none, none}, {all, none, none, none}, {none, none, none, all},
	} {
		for _, item := range kind.item {
			for _, spill := range kind.spill {
				for _, copied := range kind.copied {
					for _, file := range kind.file {
						for _, mark := range all {
							list = append(list, mixture{item, spill, copied, mark, file})
						}
					}
				}
			}
		}
	}
	return list
}

// TestMixtures looks at every mixture of parts of an older state with the current
// one: the newest that can be read is believed, and it is a restored copy unless
// nothing that is found is newer and nothing is missing that is written before.
func TestMixtures(t *testing.T) {
	suspected := 0
	for _, m := range mixtures() {
		t.Run(m.String(), func(t *testing.T) {
			p := mixed(t, m)
			want := m.believe()
			text := map[string]string{older: "state 1", current: "state 3"}
			if m.spill != "" {
				text = map[string]string{older: large(1), current: large(3)}
			}
			s := p.openFor(m)
			got, err := s.Load(t.Context())
			if want.state == removed {
				if err == nil || !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrDamaged) {
					t.Fatalf("%.20q, %v; want nothing", got.Data, err)
				}
				return
			}
			if err != nil || string(got.Data) != text[want.state] || got.RestoredCopy != want.suspect {
				t.Fatalf("%.20q, suspected %v, %v; want %s, suspected %v", got.Data, got.RestoredCopy, err, want.state, want.suspect)
			}
			if !want.suspect {
				return
			}
			suspected++
			// It stays suspected over restarts and commits, and one answer heals it. What
			// the newest witness knew of the time is not lost.
			lost := 1
			if slices.Contains([]string{m.item, m.copied, m.mark, m.file}, current) {
				lost = 3
			}
			if got.HighWater.Before(day(lost)) {
				t.Errorf("high water %v, want %v", got.HighWater, day(lost))
			}
			p.heals(p.openFor(m), lost)
			if p.mustLoad(p.openFor(m)).RestoredCopy {
				t.Error("suspected after it was healed")
			}
		})
	}
	if n := len(mixtures()); n != 81+27+27+9+9 {
		t.Errorf("%d mixtures", n)
	}
	t.Logf("%d of %d are suspected", suspected, len(mixtures()))
}

// TestMixturesWithoutTheKeyring: what is believed while it does not answer is
// never older than what a witness in the folder knows of.
func TestMixturesWithoutTheKeyring(t *testing.T) {
	for _, m := range mixtures() {
		if m.file != "" {
			continue
		}
		t.Run(m.String(), func(t *testing.T) {
			p := mixed(t, m)
			p.lock()
			got, err := p.openFor(m).Load(t.Context())
			switch {
			case m.copied == "" || m.copied == removed || m.copied == older && m.mark == current:
				if m.mark != removed && !errors.Is(err, storage.ErrOutOfReach) || m.mark == removed && !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("%.20q, %v", got.Data, err)
				}
			case err != nil || got.RestoredCopy != (m.mark == removed || m.spill == current && m.copied == older):
				t.Errorf("suspected %v, %v", got.RestoredCopy, err)
			}
		})
	}
}

// TestMixtureIsNotHealedByAKill: between the mark that is written anew and the
// record that is flagged there is no moment at which an older copy looks like the
// newest.
func TestMixtureIsNotHealedByAKill(t *testing.T) {
	for _, m := range []mixture{
		{copied: older, item: removed, mark: removed},
		{copied: current, item: older, mark: removed},
		{file: older, mark: removed},
		{item: older, mark: removed},
	} {
		for step := 1; step < 30; step++ {
			p := mixed(t, m)
			s := p.openFor(m)
			st := p.mustLoad(s)
			if !st.RestoredCopy {
				t.Fatalf("%v: not suspected", m)
			}
			p.disk.failAt, p.disk.fail = p.disk.steps+step, func() error { return errPower }
			st.Data = []byte("next")
			_, err := s.Commit(t.Context(), st)
			p.disk.failAt = 0
			if got := p.mustLoad(p.openFor(m)); !got.RestoredCopy {
				t.Errorf("%v: killed at step %d, it is not suspected any more", m, step)
			}
			if err == nil && p.disk.steps < step {
				break
			}
		}
	}
}
