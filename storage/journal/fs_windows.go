package journal

import (
	"os"

	"golang.org/x/sys/windows"
)

// Rename writes through: the call returns when the new name is on the disk,
// which is what SyncFolder does elsewhere. While a virus scanner holds the old
// file it fails; a compaction then waits for the next occasion.
func (osFS) Rename(from, to string) error {
	src, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	dst, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	if err := windows.MoveFileEx(src, dst, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// SyncFolder does nothing: Windows cannot sync a folder, and Rename writes
// through.
func (osFS) SyncFolder(string) error { return nil }
