package durable

import (
	"errors"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// TryLock takes the lock that the file at path stands for, unless it is taken,
// and makes the file if need be. The operating system frees the lock when the
// process dies. What is in the file's place and cannot be used (a pipe, a link, a
// file of somebody else) is removed: a lock file holds nothing. An error means
// that there is no lock to be had here, as on a network drive without them.
func TryLock(path string) (unlock func(), ok bool, err error) {
	if err := ready(path); err != nil {
		return nil, false, err
	}
	return lock(path, (*flock.Flock).TryLock)
}

// TryLockShared takes the lock beside others who do so. It makes no file: where
// there is none nobody writes, and nothing is locked.
func TryLockShared(path string) (unlock func(), ok bool, err error) {
	f, err := Open(path, os.O_RDONLY)
	if Absent(err) {
		return func() {}, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	_ = f.Close()
	return lock(path, (*flock.Flock).TryRLock)
}

// TryLockBeside is TryLock for a lock that others may hold in the same way.
func TryLockBeside(path string) (unlock func(), ok bool, err error) {
	if err := ready(path); err != nil {
		return nil, false, err
	}
	return lock(path, (*flock.Flock).TryRLock)
}

func newLock(path string) *flock.Flock { return flock.New(path, flock.SetFlag(os.O_RDONLY|guarded)) }

func lock(path string, try func(*flock.Flock) (bool, error)) (unlock func(), ok bool, err error) {
	// A new descriptor each time: locks exclude descriptors, so this holds
	// between the goroutines of one process too.
	l := newLock(path)
	ok, err = try(l)
	if err != nil || !ok {
		_ = l.Close()
		return nil, false, err
	}
	return func() { _ = l.Close() }, true, nil
}

// ready makes sure that there is a file at path which can be opened.
func ready(path string) error {
	f, err := Open(path, os.O_RDONLY)
	if Unusable(err) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = Create(path); errors.Is(err, fs.ErrExist) { // another process was first
			f, err = Open(path, os.O_RDONLY)
		}
	}
	if err != nil {
		return err
	}
	return f.Close()
}
