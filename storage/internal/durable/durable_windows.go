package durable

import (
	"os"

	"golang.org/x/sys/windows"
)

// Rename replaces to, if it exists, in one step, and writes through: it returns
// when the new name is on the disk, which is what SyncFolder does elsewhere.
func Rename(from, to string) error {
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
func SyncFolder(string) error { return nil }
