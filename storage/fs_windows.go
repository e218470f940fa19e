package storage

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// sharePatience bounds the wait for somebody else to close a file: a reader
// of ours, a virus scanner, the search indexer when it is to be replaced or
// removed; the one who replaces it when it is to be read.
const (
	sharePatience = 2 * time.Second
	sharePoll     = 5 * time.Millisecond
)

// patiently repeats f while somebody else has the file open.
func patiently(f func() error) error {
	for end := time.Now().Add(sharePatience); ; time.Sleep(sharePoll) {
		err := f()
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Now().After(end) {
			return err
		}
	}
}

// Rename writes through: the call returns when the new name is on the disk,
// which is what SyncFolder does elsewhere.
func (osFS) Rename(from, to string) error {
	src, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	dst, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = patiently(func() error {
		return windows.MoveFileEx(src, dst, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	})
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func openToRead(path string) (f *os.File, err error) {
	err = patiently(func() error {
		f, err = os.Open(path)
		return err
	})
	return f, err
}

func (osFS) Remove(path string) error {
	return patiently(func() error { return os.Remove(path) })
}

// SyncFolder does nothing: Windows cannot sync a folder, and Rename writes
// through.
func (osFS) SyncFolder(string) error { return nil }

// restrict does nothing: the user's configuration folder gives its files an
// access list of their own.
func restrict(string) error { return nil }
