package durable

import (
	"os"
	"path/filepath"
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
}

func TestRegular(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Regular(path); !os.IsNotExist(err) {
		t.Errorf("nothing: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Regular(path); err != nil {
		t.Error(err)
	}
	if err := Regular(filepath.Dir(path)); err == nil {
		t.Error("a folder is a regular file")
	}
}
