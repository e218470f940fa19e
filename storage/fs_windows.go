package storage

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// renamePatience bounds the wait for a reader (of ours, a virus scanner, the
// search indexer) to close the file that is to be replaced.
const (
	renamePatience = 2 * time.Second
	renamePoll     = 5 * time.Millisecond
)

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
	for end := time.Now().Add(renamePatience); ; time.Sleep(renamePoll) {
		err = windows.MoveFileEx(src, dst, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if err == nil {
			return nil
		}
		if !busy || time.Now().After(end) {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
		}
	}
}

// SyncFolder does nothing: Windows cannot sync a folder, and Rename writes
// through.
func (osFS) SyncFolder(string) error { return nil }

// restrict does nothing: the user's configuration folder gives its files an
// access list of their own.
func restrict(string) error { return nil }
