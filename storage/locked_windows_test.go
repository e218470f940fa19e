package storage_test

import (
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"

	"github.com/leasehold-dev/leasehold/storage"
)

// alone opens a file as a program does that shares it with nobody.
func alone(t *testing.T, path string) (release func()) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = windows.CloseHandle(h) }
}

// TestFileThatAnotherProgramHolds: a state file that nobody else may open is not
// missed for good, and not replaced; what is learned meanwhile is kept in memory.
func TestFileThatAnotherProgramHolds(t *testing.T) {
	cfg := storage.Config{Dir: t.TempDir(), Kind: storage.KindFile, Memory: true}
	s := mustOpen(t, cfg)
	if _, err := s.Commit(t.Context(), storage.State{Data: []byte("a"), ServerTime: day(1)}); err != nil {
		t.Fatal(err)
	}
	release := alone(t, filepath.Join(s.Folder(), s.Base()+".state"))
	s = mustOpen(t, cfg)
	if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Load: %v, want ErrUnavailable", err)
	}
	if _, err := s.Commit(t.Context(), storage.State{Data: []byte("b"), ServerTime: day(2)}); err != nil || s.Kind() != storage.KindMemory {
		t.Errorf("Commit: %v, in %s", err, s.Kind())
	}
	release()
	got, err := s.Load(t.Context())
	if err != nil || string(got.Data) != "b" {
		t.Fatalf("Load: %q, %v", got.Data, err)
	}
	if _, err := s.Commit(t.Context(), got); err != nil || s.Kind() != storage.KindFile {
		t.Errorf("Commit: %v, in %s", err, s.Kind())
	}
}
