//go:build !windows

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// guarded are flags by which opening neither waits nor follows a link that came
// after the look.
const guarded = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func unusable(err error) bool {
	for _, e := range []error{syscall.ELOOP, syscall.EISDIR, syscall.ENXIO, syscall.ENODEV} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// groupWrite and others are rights of a folder's mode.
const (
	groupWrite = 0o020
	others     = 0o007
)

// shared reports whether a folder was made for the members of a group.
func shared(mode fs.FileMode) bool { return mode.Perm()&groupWrite != 0 && mode.Perm()&0o002 == 0 }

// fit gives a new file the owner of its folder, when it is root who writes in a
// user's folder, and the group its rights in a folder that is shared by one. Where
// that is refused the file stays as it is.
func fit(f *os.File, folder string) {
	info, err := os.Stat(folder)
	if err != nil {
		return
	}
	if uid, gid, ok := owner(info); ok {
		_ = f.Chown(uid, gid)
	}
	if shared(info.Mode()) {
		_ = f.Chmod(0o660)
	}
}

// adopt does so for a new folder. It is shared only where the folder above says
// that all in it is its group's.
func adopt(folder string) {
	info, err := os.Stat(filepath.Dir(folder))
	if err != nil {
		return
	}
	if uid, gid, ok := owner(info); ok {
		_ = os.Lchown(folder, uid, gid)
	}
	if shared(info.Mode()) && info.Mode()&fs.ModeSetgid != 0 {
		_ = os.Chmod(folder, 0o770|fs.ModeSetgid)
	}
}

// owner returns whose a folder is, if this process is root's and the folder is not.
func owner(info fs.FileInfo) (uid, gid int, ok bool) {
	stat, is := info.Sys().(*syscall.Stat_t)
	if !is || os.Geteuid() != 0 || stat.Uid == 0 {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

func restrict(path string, info fs.FileInfo) {
	mode := info.Mode().Perm() &^ 0o077
	if shared(info.Mode()) {
		mode = info.Mode().Perm() &^ others
	}
	if mode != info.Mode().Perm() {
		_ = os.Chmod(path, mode|info.Mode()&fs.ModeSetgid)
	}
}

func access(folder string) error {
	if err := mayWrite(folder); err != nil {
		return &os.PathError{Op: "write to", Path: folder, Err: err}
	}
	return nil
}

func rename(from, to string) error { return os.Rename(from, to) }

// SyncFolder makes creations, renames and removals in the folder durable.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	// Some network file systems cannot sync a folder; then their rename is
	// all the promise there is.
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
