package journal

import (
	"errors"
	"math"
	"path/filepath"
)

const (
	// compactAfter is how much must be acknowledged before it is worth a new file.
	compactAfter = 64 << 10

	noLimit = math.MaxInt
)

// makeRoom makes sure that n more bytes fit the file, or returns ErrFull.
func (s *session) makeRoom(n int64) error {
	fits := func() bool { return s.j.st.next.offset+n <= s.j.opts.MaxBytes }
	if fits() {
		return nil
	}
	if s.j.st.done.offset > headerLen || len(s.j.st.settled) > 0 {
		if err := s.compact(); err != nil {
			return err
		}
	}
	if fits() {
		return nil
	}
	if err := s.fold(); err != nil {
		return err
	}
	if fits() {
		return nil
	}
	return ErrFull
}

// compact leaves out what is acknowledged.
func (s *session) compact() error {
	rest, err := s.remaining()
	if err != nil {
		return err
	}
	return s.replace(s.j.st.acked+1, rest)
}

// fold lets the owner of the entries make fewer of them.
func (s *session) fold() error {
	if s.j.opts.Fold == nil {
		return nil
	}
	// Entries that are on their way must not change.
	unlock, ok, err := s.j.fsys.TryLock(s.j.claimPath())
	switch {
	case err != nil: // no lock is to be had; see lock
	case !ok:
		return nil
	default:
		defer unlock()
	}
	pending, err := s.pending(noLimit)
	if err != nil {
		return err
	}
	folded, err := s.j.opts.Fold(data(pending))
	if err != nil || !shorter(folded, pending) {
		return nil // as if nothing could be folded: ErrFull tells the caller
	}
	// The last positions are kept, so that the next one stays what it is.
	return s.replace(s.j.st.next.position-uint64(len(folded)), folded)
}

// shorter reports whether what was folded is a gain.
func shorter(folded [][]byte, entries []Entry) bool {
	if len(folded) > len(entries) {
		return false
	}
	gain := 0
	for _, e := range entries {
		gain += entrySize(e.Data)
	}
	for _, e := range folded {
		if len(e) == 0 || len(e) > MaxEntry {
			return false
		}
		gain -= entrySize(e)
	}
	return gain > 0
}

func data(entries []Entry) [][]byte {
	list := make([][]byte, len(entries))
	for i, e := range entries {
		list[i] = e.Data
	}
	return list
}

// replace puts a new file, with these entries, in the place of the old one; an
// empty one stands for an entry that is acknowledged.
// After an error the old one is there, or the new one; the next operation
// looks.
func (s *session) replace(first uint64, entries [][]byte) (err error) {
	s.close()
	old := s.j.st
	s.j.st = state{next: point{position: old.next.position}}
	b, st, err := newHeader(s.j.key, first)
	if err != nil {
		return err
	}
	for len(entries) > 0 {
		n, size := 0, 1
		for n < len(entries) && size+entrySize(entries[n]) <= maxContent {
			size += entrySize(entries[n])
			n++
		}
		b = sealFrame(b, st.aead, st.next.frame, entriesContent(entries[:n]))
		st.add(frame{entries: entries[:n]}, st.next.position)
		st.next.frame++
		st.next.position += uint64(n)
		entries = entries[n:]
	}
	st.next.offset = int64(len(b))
	if err := s.j.save(s.j.path, b); err != nil {
		return err
	}
	if s.f, err = s.j.fsys.Open(s.j.path); err != nil {
		return err
	}
	s.j.st = st
	return nil
}

// save writes a file and then gives it its name: whoever opens it, also after
// a power cut, finds the old content or the new.
func (j *Journal) save(path string, content []byte) error {
	f, err := j.fsys.Create(j.newPath())
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := j.fsys.Rename(j.newPath(), path); err != nil {
		return err
	}
	return j.fsys.SyncFolder(filepath.Dir(path))
}
