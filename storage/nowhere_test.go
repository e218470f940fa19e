package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"syscall"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

// refusing is a disk on which reading or writing may fail.
type refusing struct {
	*disk
	write, read error
}

func (r *refusing) Writable(string) error { return r.write }

func (r *refusing) MakeFolder(string) error { return r.write }

func (r *refusing) Create(path string) (storage.File, error) {
	if r.write != nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: r.write}
	}
	return r.disk.Create(path)
}

func (r *refusing) Rename(from, to string) error {
	if r.write != nil {
		return r.write
	}
	return r.disk.Rename(from, to)
}

func (r *refusing) Remove(path string) error {
	if r.write != nil {
		return r.write
	}
	return r.disk.Remove(path)
}

func (r *refusing) Read(path string, limit int64) ([]byte, error) {
	if r.read != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: r.read}
	}
	return r.disk.Read(path, limit)
}

func (p *place) nowhere(kind storage.Kind, r *refusing) *storage.Local {
	p.t.Helper()
	return mustOpen(p.t, storage.Config{
		Identity: someone, Seal: "device", Dir: "/state", Kind: kind, Keyring: p.ring, Copy: true, Memory: true,
		OnEvent: func(e storage.Event) { p.events = append(p.events, e) },
	}.WithFileSystem(r))
}

// TestNoPlaceAtAll: what can be kept nowhere is kept in memory, for this process
// alone, and moves as soon as a place takes it.
func TestNoPlaceAtAll(t *testing.T) {
	for name, why := range map[string]error{
		"read-only": syscall.EROFS, "of somebody else": fs.ErrPermission, "full": syscall.ENOSPC, "broken": syscall.EIO,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.lock()
			r := &refusing{disk: p.disk, write: why}
			s := p.nowhere(storage.KindAuto, r)
			p.wantEvent(storage.EventChosen, storage.KindMemory, "", errLocked)
			p.wantError(s, storage.ErrNotFound)
			a := p.commit(s, 0, "a", 1)
			if s.Kind() != storage.KindMemory || !errors.Is(s.Unkept(), why) || s.Outlived() != nil {
				t.Errorf("in %s, unkept %v, outlived %v", s.Kind(), s.Unkept(), s.Outlived())
			}
			p.wantLoad(s, "a")
			b := p.commit(s, a.Sequence, "b", 2)
			if _, err := s.Commit(t.Context(), a); !errors.Is(err, storage.ErrConflict) {
				t.Errorf("Commit on an older state: %v", err)
			}
			other := p.nowhere(storage.KindAuto, r)
			p.wantError(other, storage.ErrNotFound)
			if n := len(p.disk.now); n != 0 {
				t.Errorf("%d files", n)
			}

			p.events, r.write = nil, nil
			c := p.commit(s, b.Sequence, "c", 3)
			p.wantEvent(storage.EventMoved, storage.KindFile, storage.KindMemory, errLocked)
			if s.Kind() != storage.KindFile || s.Unkept() != nil || c.RestoredCopy {
				t.Errorf("in %s, unkept %v, restored copy %v", s.Kind(), s.Unkept(), c.RestoredCopy)
			}
			if got := p.wantLoad(other, "c"); got.RestoredCopy {
				t.Error("it looks like a restored copy")
			}
			if err := s.Delete(t.Context()); err != nil {
				t.Error(err)
			}
			p.wantError(s, storage.ErrNotFound)
		})
	}
}

// TestKeyringWithoutAFolder: the keyring does without files, as long as the record
// fits an item.
func TestKeyringWithoutAFolder(t *testing.T) {
	for _, kind := range []storage.Kind{storage.KindAuto, storage.KindKeyring} {
		p := newPlace(t)
		r := &refusing{disk: p.disk, write: syscall.EROFS}
		s := p.nowhere(kind, r)
		a := p.commit(s, 0, "a", 1)
		if s.Kind() != storage.KindKeyring || s.Unkept() != nil {
			t.Errorf("in %s, unkept %v", s.Kind(), s.Unkept())
		}
		if got := p.wantLoad(p.nowhere(kind, r), "a"); got.RestoredCopy {
			t.Error("it looks like a restored copy")
		}
		b := p.commit(s, a.Sequence, large(1), 2)
		if s.Kind() != storage.KindMemory || !errors.Is(s.Unkept(), syscall.EROFS) || !errors.Is(s.Outlived(), syscall.EROFS) {
			t.Errorf("in %s, unkept %v, outlived %v", s.Kind(), s.Unkept(), s.Outlived())
		}
		p.wantLoad(p.nowhere(kind, r), "a") // another process
		r.write = nil
		c := p.commit(s, b.Sequence, large(2), 3)
		if got := p.wantLoad(p.nowhere(kind, r), large(2)); got.RestoredCopy || c.RestoredCopy || s.Kind() != storage.KindKeyring {
			t.Errorf("in %s, restored copy %v", s.Kind(), got.RestoredCopy)
		}
	}
}

// TestReadOnlyRecord: a file that can be read and not replaced is read, and what is
// learned on top of it is kept in memory.
func TestReadOnlyRecord(t *testing.T) {
	p := newPlace(t)
	r := &refusing{disk: p.disk}
	a := p.commit(p.nowhere(storage.KindFile, r), 0, "a", 1)
	r.write = syscall.EROFS
	s := p.nowhere(storage.KindFile, r)
	if p.wantLoad(s, "a"); s.Kind() != storage.KindMemory || s.Outlived() != nil {
		t.Errorf("in %s, outlived %v", s.Kind(), s.Outlived())
	}
	b := p.commit(s, a.Sequence, "b", 2)
	if p.wantLoad(s, "b"); !errors.Is(s.Outlived(), syscall.EROFS) {
		t.Errorf("outlived %v", s.Outlived())
	}
	if err := s.Delete(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Delete: %v", err)
	}
	r.write = nil
	p.commit(s, b.Sequence, "c", 3)
	p.wantLoad(p.nowhere(storage.KindFile, r), "c")
}

// TestFileThatCannotBeReadNow is not replaced: it may hold what is newer.
func TestFileThatCannotBeReadNow(t *testing.T) {
	for name, c := range map[string]struct {
		server int // of what is learned meanwhile
		want   string
	}{"without the server": {0, "kept"}, "with a newer answer": {3, "learned"}} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t) // of its own: what is learned in one case stays
			r := &refusing{disk: p.disk}
			p.commit(p.nowhere(storage.KindFile, r), 0, "kept", 2)
			before := p.backup()
			r.read = syscall.EIO
			s := p.nowhere(storage.KindFile, r)
			if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrOutOfReach) || !errors.Is(err, syscall.EIO) {
				t.Errorf("Load: %v", err)
			}
			if _, err := storage.Update(t.Context(), s, increment); !errors.Is(err, storage.ErrOutOfReach) {
				t.Errorf("Update: %v", err)
			}
			p.commit(s, 0, "learned", c.server)
			p.wantLoad(s, "learned")
			for name, n := range p.backup().files {
				if !bytes.Equal(n.data, before.files[name].data) {
					t.Errorf("%s was written", name)
				}
			}
			r.read = nil
			got := p.wantLoad(s, c.want)
			if got.RestoredCopy {
				t.Error("it looks like a restored copy")
			}
			p.commit(s, got.Sequence, c.want, c.server)
			p.wantLoad(p.nowhere(storage.KindFile, r), c.want)
		})
	}
}

// TestNoLock: where there are no locks the store goes on without, and says so once.
func TestNoLock(t *testing.T) {
	p := newPlace(t)
	s := mustOpen(t, storage.Config{
		Identity: someone, Dir: "/state", Kind: storage.KindFile, OnEvent: func(e storage.Event) { p.events = append(p.events, e) },
	}.WithFileSystem(lockless{p.disk}))
	p.wantError(s, storage.ErrNotFound)
	for range 3 {
		if _, err := storage.Update(t.Context(), s, increment); err != nil {
			t.Fatal(err)
		}
	}
	p.wantLoad(s, "3")
	told := 0
	for _, e := range p.events {
		if e.Type == storage.EventUnlocked && errors.Is(e.Err, syscall.ENOLCK) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times: %+v", told, p.events)
	}
}

// TestRecordThatTheCallerCannotRead is set aside like one that the store cannot.
func TestRecordThatTheCallerCannotRead(t *testing.T) {
	for _, data := range []string{"newer", large(1)} {
		p := newPlace(t)
		s := p.openCopying()
		a := p.commit(s, 0, data, 1)
		seen := 0
		done, err := storage.Update(t.Context(), s, func(st storage.State) (storage.State, error) {
			seen++
			if st.Data != nil {
				return st, storage.ErrNewerFormat
			}
			st.Data = []byte("anew")
			return st, nil
		})
		if err != nil || seen != 2 || done.Sequence <= a.Sequence {
			t.Errorf("%+v, %v after %d calls", done, err, seen)
		}
		p.wantEvent(storage.EventSetAside, storage.KindKeyring, "", storage.ErrNewerFormat)
		if got := p.wantLoad(p.openCopying(), "anew"); got.RestoredCopy || p.file(".newer") == "" {
			t.Errorf("restored copy %v, set aside %q", got.RestoredCopy, p.file(".newer"))
		}
	}
}

// lockless is a disk without locks.
type lockless struct{ *disk }

func (lockless) Lock(context.Context, string, bool) (func(), error) { return nil, syscall.ENOLCK }
