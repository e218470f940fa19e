package durable

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, ok, err := TryLock(path)
	if err != nil || !ok {
		t.Fatalf("a free lock: %v, %v", ok, err)
	}
	if _, ok, err := TryLock(path); ok || err != nil {
		t.Errorf("a lock that this process holds: %v, %v", ok, err)
	}
	unlock()
	if unlock, ok, err = TryLock(path); err != nil || !ok {
		t.Fatalf("a lock that was freed: %v, %v", ok, err)
	}
	unlock()
	if _, ok, err := TryLock(filepath.Join(path, "under a file")); ok || err == nil {
		t.Errorf("an impossible lock: %v, %v", ok, err)
	}
}

func TestRenameReplaces(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from"), filepath.Join(folder, "to")
	for path, text := range map[string]string{from: "new", to: "old"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if err := SyncFolder(folder); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(to); err != nil || string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	if err := Rename(from, to); err == nil {
		t.Error("a file that is not there was renamed")
	}

	if err := os.WriteFile(from, []byte("newer"), 0o600); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(folder, "place")
	if err := os.MkdirAll(filepath.Join(place, "of somebody else"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Rename(from, place); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(place); err != nil || string(b) != "newer" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(place+".damaged", "of somebody else")); err != nil {
		t.Errorf("what was there is lost: %v", err)
	}
}

// irregular puts something into the place of a file; each waits, or leads
// elsewhere, where it is opened without care.
func irregular(t *testing.T) map[string]func(path string) error {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	return maps.Collect(func(yield func(string, func(string) error) bool) {
		_ = yield("folder", func(p string) error { return os.Mkdir(p, 0o700) }) &&
			yield("link", func(p string) error { return os.Symlink(elsewhere, p) }) &&
			yield("link to nothing", func(p string) error { return os.Symlink(elsewhere+"?", p) }) &&
			special(yield)
	})
}

func TestIrregular(t *testing.T) {
	for name, put := range irregular(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := put(path); err != nil {
				t.Skip(err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Skip(err) // it was said to be made
			}
			for _, flag := range []int{os.O_RDONLY, os.O_WRONLY, os.O_RDWR} {
				if _, err := Open(path, flag); !Unusable(err) {
					t.Errorf("opened: %v", err)
				}
			}
			if _, err := Create(path); err == nil {
				t.Error("made over what is there")
			}
			if _, ok, err := TryLockShared(path); ok || err == nil {
				t.Errorf("shared lock: %v, %v", ok, err)
			}
			unlock, ok, err := TryLock(path)
			if err != nil || !ok {
				t.Fatalf("lock: %v, %v", ok, err)
			}
			unlock()
			f, err := Open(path, os.O_RDONLY)
			if err != nil {
				t.Fatalf("the lock file: %v", err)
			}
			f.Close()
		})
	}
}

// A lock whose place holds a folder with something in it cannot be had, and
// nothing is lost.
func TestLockOverAFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.MkdirAll(filepath.Join(path, "of somebody else"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := TryLock(path); ok || err == nil {
		t.Errorf("%v, %v", ok, err)
	}
	if _, err := os.Stat(filepath.Join(path, "of somebody else")); err != nil {
		t.Error(err)
	}
}

func TestSharedLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	free, ok, err := TryLockShared(path)
	if err != nil || !ok {
		t.Fatalf("without a file: %v, %v", ok, err)
	}
	free()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("a reader made the file: %v", err)
	}
	unlock, ok, err := TryLock(path)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := TryLockShared(path); ok || err != nil {
		t.Errorf("while somebody writes: %v, %v", ok, err)
	}
	unlock()
	a, ok, err := TryLockShared(path)
	b, ok2, err2 := TryLockShared(path)
	if !ok || !ok2 || err != nil || err2 != nil {
		t.Fatal(ok, ok2, err, err2)
	}
	if _, ok, err := TryLock(path); ok || err != nil {
		t.Errorf("while somebody reads: %v, %v", ok, err)
	}
	a()
	b()
}

func TestWritable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		dir: true, filepath.Join(dir, "a", "b"): true,
		file: false, filepath.Join(file, "a"): false,
		filepath.Join(dir, strings.Repeat("x", 300)): false,
		filepath.Join(os.DevNull, "a"):               false,
	} {
		if err := Writable(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("it was written: %v, %v", entries, err)
	}
}
