package storage_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// TestRoom puts records into keyrings with much and little room, and reads each with
// the configuration of the other: a user's home moves between systems, and an
// application between versions.
func TestRoom(t *testing.T) {
	licence := bytes.Repeat([]byte(`{"feature":"pdf-export"}`), 150) // 3,600 bytes
	random := bytes.Repeat(numbered(5), 4)
	small := func(c storage.Config) storage.Config { return c.Deflating() }
	large := func(c storage.Config) storage.Config { return c.WithRoom(8 << 10) }
	for _, c := range []struct {
		name      string
		of, other func(storage.Config) storage.Config
		data      []byte
		spills    bool
	}{
		{"a press makes it fit", small, large, licence, false},
		{"a press does not help", small, large, random[:3600], true},
		{"there is room", large, small, licence, false},
		{"there is room for what no press makes shorter", large, small, random[:5992], false},
		{"there is just too little room", large, small, random[:5993], true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ring, d := hollow{}, newDisk(nil)
			cfg := storage.Config{Identity: someone, Seal: "device", Dir: "/state", Kind: storage.KindKeyring, Keyring: ring}.WithFileSystem(d)
			s := mustOpen(t, c.of(cfg))
			if _, err := s.Commit(t.Context(), storage.State{Data: c.data}); err != nil {
				t.Fatal(err)
			}
			names, err := d.List(s.Folder())
			if err != nil {
				t.Fatal(err)
			}
			if spilled := strings.Contains(strings.Join(names, " "), ".spill"); spilled != c.spills {
				t.Errorf("spilled: %v; files: %q", spilled, names)
			}
			got, err := mustOpen(t, c.other(cfg)).Load(t.Context())
			if err != nil || !bytes.Equal(got.Data, c.data) {
				t.Errorf("read by the other: %s, %v", brief(got), err)
			}
		})
	}
}

// TestRoomOfAnotherKeyring: an application's own keyring is given what [storage.Keyring]
// promises, on every system.
func TestRoomOfAnotherKeyring(t *testing.T) {
	ring := &storagetest.Keyring{}
	s := mustOpen(t, storage.Config{Identity: someone, Seal: "device", Dir: "/state", Kind: storage.KindKeyring, Keyring: ring}.WithFileSystem(newDisk(nil)))
	if _, err := s.Commit(t.Context(), storage.State{Data: []byte(strings.Repeat("{}", 3000))}); err != nil {
		t.Fatal(err)
	}
	for _, item := range ring.Items() {
		if len(item) > storage.MaxItem {
			t.Errorf("an item of %d bytes", len(item))
		}
	}
	if n := ring.Oversized(); n != 0 {
		t.Errorf("%d items were too large", n)
	}
}

// hollow is a keyring that takes items of any length.
type hollow map[string]string

func (h hollow) Get(_, user string) (string, error) {
	secret, ok := h[user]
	if !ok {
		return "", storage.ErrNotFound
	}
	return secret, nil
}

func (h hollow) Set(_, user, secret string) error {
	h[user] = secret
	return nil
}

func (h hollow) Delete(_, user string) error {
	delete(h, user)
	return nil
}
