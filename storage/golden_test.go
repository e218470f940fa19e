package storage_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// goldenState is what a golden record must be read as.
type goldenState struct {
	Kind         storage.Kind
	Sequence     uint64
	HighWater    time.Time
	ServerTime   time.Time
	RestoredCopy bool
	Length       int
	SHA256       string
}

const (
	goldenSeal = "0123456789abcdef"
	goldenItem = "item.txt"
	goldenWant = "want.json"
)

// TestGolden reads the records that earlier versions wrote. What is in
// testdata is never changed: users have such records.
//
// A new format gets a folder of its own, written by
//
//	LEASEHOLD_WRITE_GOLDEN=format2 go test -run TestGolden ./storage
func TestGolden(t *testing.T) {
	if format := os.Getenv("LEASEHOLD_WRITE_GOLDEN"); format != "" {
		writeGolden(t, filepath.Join("testdata", format))
	}
	cases, err := filepath.Glob(filepath.Join("testdata", "format*", "*", goldenWant))
	if err != nil || len(cases) < 6 {
		t.Fatalf("golden records: %v, %v", cases, err)
	}
	for _, c := range cases {
		folder := filepath.Dir(c)
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			var want goldenState
			b, err := os.ReadFile(c)
			if err == nil {
				err = json.Unmarshal(b, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			ring, d := &storagetest.Keyring{}, newDisk(nil)
			s := mustOpen(t, storage.Config{Seal: goldenSeal, Dir: "/state", Kind: want.Kind, Keyring: ring}.WithFileSystem(d))
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				b, err := os.ReadFile(filepath.Join(folder, e.Name()))
				if err != nil {
					t.Fatal(err)
				}
				if e.Name() == goldenItem {
					ring.Restore(map[string]string{"leasehold:" + s.Base(): strings.TrimSpace(string(b))})
				} else {
					d.put(filepath.Join(s.Folder(), e.Name()), b)
				}
			}
			got, err := s.Load(t.Context())
			if err != nil {
				t.Fatalf("Load: %v", err)
			}
			if g := golden(want.Kind, got); g != want {
				t.Errorf("read as %+v, want %+v", g, want)
			}
			if _, err := s.Commit(t.Context(), storage.State{Sequence: got.Sequence}); err != nil {
				t.Errorf("Commit: %v", err)
			}
			other, err := s.Sibling(t.Context(), someone, "another device")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := other.Load(t.Context()); !errors.Is(err, storage.ErrForeign) {
				t.Errorf("Load on another device: %v", err)
			}
		})
	}
}

func golden(kind storage.Kind, s storage.State) goldenState {
	sum := sha256.Sum256(s.Data)
	return goldenState{kind, s.Sequence, s.HighWater, s.ServerTime, s.RestoredCopy, len(s.Data), hex.EncodeToString(sum[:])}
}

func writeGolden(t *testing.T, folder string) {
	t.Helper()
	text := []byte(strings.Repeat(`{"feature":"pdf-export","active":true},`, 100))
	for name, c := range map[string]struct {
		kind storage.Kind
		data []byte
	}{
		"file-inline":      {storage.KindFile, text[:39]},
		"file-long":        {storage.KindFile, text},
		"file-random":      {storage.KindFile, numbered(3)},
		"file-empty":       {storage.KindFile, nil},
		"keyring-inline":   {storage.KindKeyring, text[:39]},
		"keyring-deflated": {storage.KindKeyring, text},
		"keyring-spill":    {storage.KindKeyring, numbered(8)},
		"keyring-restored": {storage.KindKeyring, text[:39]},
	} {
		dir := filepath.Join(folder, name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, goldenWant)); err == nil {
			t.Fatalf("%s is there: golden records are never changed", dir)
		}
		ring, d := &storagetest.Keyring{}, newDisk(nil)
		s := mustOpen(t, storage.Config{Seal: goldenSeal, Dir: "/state", Kind: c.kind, Keyring: ring}.WithFileSystem(d).Deflating())
		st := storage.State{
			HighWater:  time.Date(2026, 11, 23, 4, 5, 6, 7, time.UTC),
			ServerTime: time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC),
		}
		for range 3 {
			old := ring.Items()
			st.Data = c.data
			done, err := s.Commit(t.Context(), st)
			if err != nil {
				t.Fatal(err)
			}
			st = done
			if name == "keyring-restored" && st.Sequence == 2 {
				ring.Restore(old)
				if st, err = s.Load(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for path, n := range d.now {
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), n.data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		for _, item := range ring.Items() {
			if err := os.WriteFile(filepath.Join(dir, goldenItem), []byte(item+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		b, err := json.MarshalIndent(golden(c.kind, st), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, goldenWant), append(b, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
