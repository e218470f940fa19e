package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// lockPoll is how often a taken lock is tried again.
const lockPoll = 2 * time.Millisecond

// session is one look at the file, under the lock of all processes. The file
// is open only as long: an open file cannot be replaced on Windows.
type session struct {
	j      *Journal
	f      file // nil after a replacement that failed
	unlock func()
}

func (j *Journal) newPath() string     { return j.path + ".new" }
func (j *Journal) lockPath() string    { return j.path + ".lock" }
func (j *Journal) claimPath() string   { return j.path + ".claim" }
func (j *Journal) damagedPath() string { return j.path + ".damaged" }

// begin takes the lock, opens the file and reads what is new in it. The turn
// is held.
func (j *Journal) begin(ctx context.Context) (*session, error) {
	if j.closed {
		return nil, fmt.Errorf("journal is %w", ErrClosed)
	}
	unlock, err := j.lock(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{j: j, unlock: unlock}
	if err := s.look(); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *session) end() {
	s.close()
	s.unlock()
}

func (s *session) close() {
	if s.f != nil {
		_ = s.f.Close() // what matters was synced
		s.f = nil
	}
}

// lock waits for the lock of all processes. Where none is to be had, as on a
// network drive without locks, the journal goes on without.
func (j *Journal) lock(ctx context.Context) (func(), error) {
	unlock, ok, err := j.fsys.TryLock(j.lockPath())
	if err != nil {
		return func() {}, nil
	}
	if ok {
		return unlock, nil
	}
	timeout := time.NewTimer(j.opts.LockTimeout)
	defer timeout.Stop()
	again := time.NewTicker(lockPoll)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timeout.C:
			return nil, fmt.Errorf("%w for %v", ErrBusy, j.opts.LockTimeout)
		case <-again.C:
		}
		if unlock, ok, err = j.fsys.TryLock(j.lockPath()); err != nil {
			return func() {}, nil
		}
		if ok {
			return unlock, nil
		}
	}
}

// look opens the file and brings the state up to date.
func (s *session) look() (err error) {
	st := &s.j.st
	s.f, err = s.j.fsys.Open(s.j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.replace(max(1, st.next.position, s.j.opts.After+1), nil)
	}
	if durable.Unusable(err) { // of somebody else, or no file
		s.f = nil
		return s.moveAside(0, err)
	}
	if err != nil {
		return err
	}
	size, err := s.f.Size()
	if err != nil {
		return err
	}
	header := make([]byte, min(size, headerLen))
	if _, err := s.f.ReadAt(header, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(header) < headerLen || st.aead == nil || headerID(header) != st.id || size < st.next.offset {
		fresh, err := readHeader(s.j.key, header)
		if errors.Is(err, ErrNewerFormat) {
			return err
		}
		if err == nil && size > MaxMaxBytes+maxContent {
			err = errors.New("it is longer than any journal")
		}
		if err != nil {
			return s.moveAside(size, err)
		}
		// Whoever made the file may have died before its name was durable.
		if err := s.j.fsys.SyncFolder(filepath.Dir(s.j.path)); err != nil {
			return err
		}
		*st = fresh
	}
	if size == st.next.offset {
		return nil
	}
	broken, err := s.catchUp(size)
	if err != nil || !broken {
		return err
	}
	return s.repair(size)
}

// changed handles an error in a part that could be read before: somebody has
// changed the file under the lock. The next operation reads it from the
// beginning.
func (s *session) changed(err error) error {
	s.j.st = state{}
	return fmt.Errorf("the file was changed by something else: %w; try again", err)
}

// repair deals with what follows the last readable frame.
func (s *session) repair(size int64) error {
	st := &s.j.st
	whole := make([]byte, size)
	if _, err := s.f.ReadAt(whole, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !holdsFrame(st.aead, whole[st.next.offset:]) {
		if err := s.f.Truncate(st.next.offset); err != nil {
			return err
		}
		s.tell(EventTorn, size-st.next.offset, "", errBroken)
		return nil
	}
	kept, err := s.remaining()
	if err != nil {
		return err
	}
	// A copy first, then the part that is good: a crash in between repeats this.
	if err := s.j.save(s.j.damagedPath(), whole); err != nil {
		return err
	}
	lost := size - st.next.offset
	// Not cut but written anew: under another key, frames after the damage
	// cannot come back in the place of later ones.
	if err := s.replace(st.acked+1, kept); err != nil {
		return err
	}
	s.tell(EventDamaged, lost, s.j.damagedPath(), errBroken)
	return nil
}

// moveAside puts a file out of the way of which nothing can be read.
func (s *session) moveAside(size int64, why error) error {
	s.close()
	if err := s.j.fsys.Rename(s.j.path, s.j.damagedPath()); err != nil {
		return err
	}
	if err := s.replace(max(1, s.j.st.next.position, s.j.opts.After+1), nil); err != nil {
		return err
	}
	s.tell(EventDamaged, size, s.j.damagedPath(), why)
	return nil
}

func (s *session) tell(t EventType, bytes int64, path string, err error) {
	s.j.events = append(s.j.events, Event{Type: t, Bytes: bytes, Path: path, Err: err})
}
