//go:build !windows

package durable

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func special(yield func(string, func(string) error) bool) bool {
	return yield("pipe", func(p string) error { return syscall.Mkfifo(p, 0o600) }) &&
		yield("link to a device", func(p string) error { return os.Symlink("/dev/tty", p) }) &&
		yield("device", func(p string) error { return syscall.Mknod(p, syscall.S_IFCHR|0o600, 0x0500) }) && // a console
		yield("socket", func(p string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: p})
			if err == nil {
				l.SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		})
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode() & (fs.ModePerm | fs.ModeSetgid)
}

func TestModes(t *testing.T) {
	for _, c := range []struct {
		name          string
		above, folder fs.FileMode // 0: not made yet
		want, file    fs.FileMode
	}{
		{"new", 0o755, 0, 0o700, 0o600},
		{"read by others", 0o755, 0o755, 0o700, 0o600},
		{"of a group", 0o755, 0o770, 0o770, 0o660},
		{"of a group, read by others", 0o755, 0o775 | fs.ModeSetgid, 0o770 | fs.ModeSetgid, 0o660},
		{"everybody's", 0o755, 0o777, 0o700, 0o600},
		{"new in one of a group", 0o770 | fs.ModeSetgid, 0, 0o770 | fs.ModeSetgid, 0o660},
		{"new in one that a group may write", 0o775, 0, 0o700, 0o600},
		{"new in everybody's", 0o777 | fs.ModeSticky, 0, 0o700, 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			above := t.TempDir()
			if err := os.Chmod(above, c.above); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(above, "a", "b")
			if c.folder != 0 {
				if err := os.MkdirAll(folder, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(folder, c.folder); err != nil {
					t.Fatal(err)
				}
			}
			if err := MakeFolder(folder); err != nil {
				t.Fatal(err)
			}
			f, err := Create(filepath.Join(folder, "file"))
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			if got := mode(t, folder); got != c.want {
				t.Errorf("folder %v, want %v", got, c.want)
			}
			if got := mode(t, f.Name()); got != c.file {
				t.Errorf("file %v, want %v", got, c.file)
			}
		})
	}
}

// What root writes in a user's folder is the user's.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	home := t.TempDir()
	if err := os.Chown(home, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(home, ".config", "leasehold", "x")
	if err := MakeFolder(folder); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(folder, "lock")
	unlock, _, err := TryLock(lock)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	for path := lock; path != home; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 12345 || s.Gid != 12346 {
			t.Errorf("%s is of %d:%d", path, s.Uid, s.Gid)
		}
	}
}
