package durable

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const guarded = 0 // no pipe or device has a name in a folder

func unusable(err error) bool {
	return errors.Is(err, windows.ERROR_CANT_ACCESS_FILE) || errors.Is(err, windows.ERROR_INVALID_NAME)
}

// fit and adopt do nothing: access lists are inherited, and who owns a file
// does not matter.
func fit(*os.File, string) {}
func adopt(string)         {}

// restrict does nothing: the user's configuration folder gives its files an
// access list of their own.
func restrict(string, fs.FileInfo) {}

// access asks for the right to add a file, which the system grants or refuses
// when the folder is opened.
func access(folder string) error {
	fail := func(err error) error { return &os.PathError{Op: "write to", Path: folder, Err: err} }
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return fail(err)
	}
	const addFile = 0x2
	h, err := windows.CreateFile(name, addFile, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return fail(err)
	}
	_ = windows.CloseHandle(h)
	return nil
}

// rename writes through: it returns when the new name is on the disk, which is
// what SyncFolder does elsewhere.
func rename(from, to string) error {
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
