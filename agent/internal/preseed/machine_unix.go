//go:build unix

package preseed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Machine returns this machine's places.
func Machine() Places {
	folder := "/etc/leasehold"
	if runtime.GOOS == "darwin" {
		folder = "/Library/Application Support/Leasehold"
	}
	return Places{Folder: folder, trusted: func(path string) error { return trustedBelow(path, "/", 0) }}
}

// trustedBelow reports why a file, or a folder on the way to it from top, is not
// only the administrator's: that of another owner, or one that others may write.
// Once all folders are the administrator's, nobody else can put another file in
// the place of the one that was looked at.
func trustedBelow(path, top string, owner uint32) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a file")
	}
	const links = 8 // one after the other
	return ownWay(path, top, owner, links)
}

// ownWay looks at a path and all folders above it, and at the way of each
// symbolic link on it.
func ownWay(path, top string, owner uint32, links int) error {
	for {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		if err := onlyOf(path, info, owner); err != nil {
			return err
		}
		parent := filepath.Dir(path)
		if info.Mode()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil || links == 0 {
				return fmt.Errorf("%s leads nowhere, or over too many links", path)
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(parent, target)
			}
			if err := ownWay(target, top, owner, links-1); err != nil {
				return err
			}
		}
		if path == top || parent == path {
			return nil
		}
		path = parent
	}
}

func onlyOf(path string, info fs.FileInfo, owner uint32) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("the owner of %s is not known", path)
	}
	writable := info.Mode().Perm() & 0o022
	if info.Mode()&fs.ModeSymlink != 0 {
		writable = 0 // a link has no mode of its own
	}
	if administrators(stat.Gid) {
		writable &= 0o002
	}
	switch {
	case stat.Uid != owner && stat.Uid != 0:
		return fmt.Errorf("%s belongs to another user than root; give it to root (chown root)", path)
	case writable != 0:
		return fmt.Errorf("others than root may write %s (mode %04o); take that from them (chmod go-w)", path, info.Mode().Perm())
	}
	return nil
}

// administrators reports whether a group is made of administrators alone: root's
// and, on macOS, admin.
func administrators(gid uint32) bool {
	return gid == 0 || runtime.GOOS == "darwin" && gid == 80
}
