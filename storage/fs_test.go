package storage_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// TestOnlyTheOwnerReads looks at the mode of everything that is written.
func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits; the access list of the folder is inherited")
	}
	dir := t.TempDir()
	cfg := storage.Config{Dir: dir, Kind: storage.KindFile}
	s := mustOpen(t, cfg)
	if err := os.Mkdir(s.Folder(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.Folder(), 0o755); err != nil { // by a careless restore
		t.Fatal(err)
	}
	for _, cfg := range []storage.Config{cfg, {Dir: dir, Kind: storage.KindKeyring, Keyring: &storagetest.Keyring{}}} {
		if _, err := mustOpen(t, cfg).Commit(t.Context(), storage.State{Data: numbered(3)}); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		seen++
		return err
	})
	if err != nil || seen < 4 {
		t.Errorf("%d files and folders seen, %v", seen, err)
	}
}

// TestFolderCannotBeMade: Dir is a file. Nothing is stored, and nothing can be.
func TestFolderCannotBeMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, storage.Config{Dir: dir, Kind: storage.KindFile})
	if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Load: %v, want ErrNotFound", err)
	}
	if _, err := s.Commit(t.Context(), storage.State{}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Commit: %v, want ErrUnavailable", err)
	}
}

// TestNoFile: the name of the state file belongs to a folder, which is damage
// like any other: it is set aside by the next commit.
func TestNoFile(t *testing.T) {
	s := mustOpen(t, storage.Config{Dir: t.TempDir(), Kind: storage.KindFile})
	if err := os.MkdirAll(filepath.Join(s.Folder(), s.Base()+".state", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("Load: %v, want ErrDamaged", err)
	}
	if _, err := s.Commit(t.Context(), storage.State{Data: []byte("a")}); err != nil {
		t.Errorf("Commit: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.Folder(), s.Base()+".file.damaged", "x")); err != nil {
		t.Error(err)
	}
}

// TestDefaultDir leaves nothing in the folder it is not told to use.
func TestDefaultDir(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	s := mustOpen(t, storage.Config{Kind: storage.KindFile})
	if !strings.HasPrefix(s.Folder(), home) || !strings.Contains(s.Folder(), "leasehold") {
		t.Errorf("folder %s, want one in leasehold in %s", s.Folder(), home)
	}
}

// TestLogTellsNothing reads the log of a store in trouble.
func TestLogTellsNothing(t *testing.T) {
	var log bytes.Buffer
	p := newPlace(t)
	p.lock()
	s := mustOpen(t, storage.Config{Identity: someone, Seal: "device-id", Dir: "/state", Keyring: p.ring, Logger: slog.New(slog.NewTextHandler(&log, nil))}.WithFileSystem(p.disk))
	p.commit(s, 0, "token-key", 1)
	path := filepath.Join(s.Folder(), s.Base()+".state")
	p.disk.put(path, append(p.disk.content(t, path), 1))
	p.commit(s, 0, "token-key", 2)
	if !strings.Contains(log.String(), "set aside") || !strings.Contains(log.String(), errLocked.Error()) {
		t.Errorf("the log does not tell what happened: %s", log.String())
	}
	for _, secret := range []string{"token-key", "device-id", someone.Client} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log.String())
		}
	}
}

// TestAnyName: a user's folder may be named in any script.
func TestAnyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Пользователь 使用者 ü'; $(x)")
	s := mustOpen(t, storage.Config{Dir: dir, Kind: storage.KindFile, Memory: true})
	if _, err := s.Commit(t.Context(), storage.State{Data: []byte("a")}); err != nil || s.Kind() != storage.KindFile {
		t.Fatalf("%v, in %s", err, s.Kind())
	}
	if got, err := mustOpen(t, storage.Config{Dir: dir, Kind: storage.KindFile}).Load(t.Context()); err != nil || string(got.Data) != "a" {
		t.Errorf("%q, %v", got.Data, err)
	}
}
