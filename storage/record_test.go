package storage_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// made is a record on a disk, for tests that spoil it.
type made struct {
	cfg   storage.Config
	disk  *disk
	ring  *storagetest.Keyring
	state storage.State
	path  string // of the file that is spoiled; "": the keyring item
}

func (m made) read(t testing.TB) []byte {
	t.Helper()
	if m.path == "" {
		for _, item := range m.ring.Items() {
			return []byte(item)
		}
		t.Fatal("there is no keyring item")
	}
	return m.disk.content(t, m.path)
}

func (d *disk) content(t testing.TB, path string) []byte {
	t.Helper()
	b, err := d.Read(path, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (m made) write(t testing.TB, b []byte) {
	t.Helper()
	if m.path == "" {
		items := m.ring.Items()
		for name := range items {
			items[name] = string(b)
		}
		m.ring.Restore(items)
		return
	}
	m.disk.put(m.path, b)
}

// forms makes a record of each form. Random data of 1,769 bytes is the smallest that
// a keyring item cannot hold.
func forms(t testing.TB) map[string]made {
	t.Helper()
	small := []byte(`{"licence":"small"}`)
	big := numbered(8)
	all := map[string]made{}
	for name, f := range map[string]struct {
		kind   storage.Kind
		data   []byte
		suffix string
	}{
		"file":            {storage.KindFile, small, ".state"},
		"file, long":      {storage.KindFile, bytes.Repeat(small, 200), ".state"},
		"keyring":         {storage.KindKeyring, small, ""},
		"item, deflated":  {storage.KindKeyring, bytes.Repeat(small, 200), ""},
		"keyring, spill":  {storage.KindKeyring, big, ""},
		"spill file":      {storage.KindKeyring, big, ".spill"},
		"spill, deflated": {storage.KindKeyring, append(big, bytes.Repeat(small, 200)...), ".spill"},
	} {
		ring, d := &storagetest.Keyring{}, newDisk(nil)
		cfg := storage.Config{Identity: someone, Seal: "device", Dir: "/state", Kind: f.kind, Keyring: ring}.WithFileSystem(d)
		if strings.Contains(name, "deflated") {
			cfg = cfg.Deflating()
		}
		s := mustOpen(t, cfg)
		done, err := s.Commit(t.Context(), storage.State{Data: f.data})
		if err != nil {
			t.Fatal(err)
		}
		m := made{cfg: cfg, disk: d, ring: ring, state: done}
		if f.suffix != "" {
			m.path = d.only(t, s, f.suffix)
		}
		all[name] = m
	}
	return all
}

// only returns the one file of the store's folder with this suffix.
func (d *disk) only(t testing.TB, s *storage.Local, suffix string) string {
	t.Helper()
	all, _ := d.List(s.Folder())
	names := slices.DeleteFunc(all, func(name string) bool { return !strings.HasSuffix(name, suffix) })
	if len(names) != 1 {
		t.Fatalf("files with %s: %v", suffix, names)
	}
	return filepath.Join(s.Folder(), names[0])
}

// TestSpoiled changes every byte of a record, and cuts it at every length.
func TestSpoiled(t *testing.T) {
	for name, m := range forms(t) {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, m.cfg)
			whole := m.read(t)
			check := func(what string, at int) {
				t.Helper()
				got, err := s.Load(t.Context())
				if !errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrForeign) || errors.Is(err, storage.ErrNewerFormat) {
					t.Fatalf("%s %d of %d: state %s, error %v, want ErrDamaged", what, at, len(whole), brief(got), err)
				}
			}
			for i := range whole {
				for bit := range 8 {
					if bit != i%8 && !heavy() {
						continue
					}
					b := bytes.Clone(whole)
					b[i] ^= 1 << bit
					m.write(t, b)
					check("bit flipped in byte", i)
				}
				m.write(t, whole[:i])
				check("cut at byte", i)
			}
			m.write(t, append(bytes.Clone(whole), whole...))
			check("doubled", 0)
			m.write(t, append(bytes.Clone(whole), '\n'))
			check("a line end added", 0)
			m.write(t, whole)
			if got, err := s.Load(t.Context()); err != nil || !bytes.Equal(got.Data, m.state.Data) {
				t.Fatalf("whole again: %s, %v", brief(got), err)
			}
		})
	}
}

// TestEdited changes a record the way somebody does who knows the format and
// mends the checksum.
func TestEdited(t *testing.T) {
	for name, m := range forms(t) {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, m.cfg)
			whole := m.decode(t)
			for i := range len(whole) - 16 {
				b := bytes.Clone(whole)
				b[i] ^= 0x80
				m.encode(t, reseal(b))
				got, err := s.Load(t.Context())
				switch {
				case err == nil || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrUnavailable):
					t.Fatalf("byte %d: %s, %v", i, brief(got), err)
				}
			}
		})
	}
}

// A record that was cut at any length, by somebody who mends the checksum, is
// damaged.
func TestCutAndMended(t *testing.T) {
	const checksum = 16
	for name, m := range forms(t) {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, m.cfg)
			whole := m.decode(t)
			for n := checksum; n < len(whole); n += 1 + n/150 {
				m.encode(t, reseal(bytes.Clone(whole[:n])))
				if got, err := s.Load(t.Context()); !errors.Is(err, storage.ErrDamaged) {
					t.Fatalf("cut at byte %d of %d: %s, %v, want ErrDamaged", n, len(whole), brief(got), err)
				}
			}
		})
	}
}

// A spill file in the place of the item that refers to it is damaged, and nobody
// else's.
func TestSpillInThePlaceOfItsItem(t *testing.T) {
	m := forms(t)["spill file"]
	spill := m.read(t)
	m.path = ""
	m.encode(t, spill)
	if got, err := mustOpen(t, m.cfg).Load(t.Context()); !errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrForeign) {
		t.Errorf("%s, %v, want ErrDamaged", brief(got), err)
	}
}

func (m made) decode(t testing.TB) []byte {
	b := m.read(t)
	if m.path != "" {
		return b
	}
	b, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (m made) encode(t testing.TB, b []byte) {
	if m.path == "" {
		b = []byte(base64.StdEncoding.EncodeToString(b))
	}
	m.write(t, b)
}

// reseal gives b the checksum that fits.
func reseal(b []byte) []byte {
	sum := sha256.Sum256(b[:len(b)-16])
	copy(b[len(b)-16:], sum[:16])
	return b
}

func TestForeign(t *testing.T) {
	for name, m := range forms(t) {
		if m.path != "" && strings.HasSuffix(m.path, ".spill") {
			continue // opened only by the key of its own item
		}
		for what, other := range map[string]storage.Config{
			"device":    {Identity: someone, Seal: "another device"},
			"no device": {Identity: someone},
			"product":   {Identity: storage.Identity{ISV: someone.ISV, Product: "other", Client: someone.Client}, Seal: "device"},
			"vendor":    {Identity: storage.Identity{ISV: "other", Product: someone.Product, Client: someone.Client}, Seal: "device"},
			"client":    {Identity: storage.Identity{ISV: someone.ISV, Product: someone.Product, Client: "other"}, Seal: "device"},
		} {
			t.Run(name+", other "+what, func(t *testing.T) {
				var events []storage.Event
				ring := &storagetest.Keyring{}
				d := newDisk(nil)
				other.Dir, other.Kind, other.Keyring = "/other", m.cfg.Kind, ring
				other = other.WithFileSystem(d)
				other.OnEvent = func(e storage.Event) { events = append(events, e) }
				s := mustOpen(t, other)
				// The copy comes under the name that the other side looks for.
				if m.path == "" {
					ring.Restore(map[string]string{"leasehold:" + s.Base(): string(m.read(t))})
				} else {
					d.put(filepath.Join(s.Folder(), s.Base()+".state"), m.read(t))
				}
				_, err := s.Load(t.Context())
				if !errors.Is(err, storage.ErrForeign) || errors.Is(err, storage.ErrDamaged) {
					t.Fatalf("Load of a copy: %v, want ErrForeign", err)
				}
				if _, err := storage.Update(t.Context(), s, increment); !errors.Is(err, storage.ErrForeign) {
					t.Fatalf("Update of a copy: %v, want ErrForeign", err)
				}
				done, err := s.Commit(t.Context(), storage.State{Data: []byte("own")})
				if err != nil {
					t.Fatalf("Commit over a copy: %v", err)
				}
				if got, err := s.Load(t.Context()); err != nil || got.Sequence != done.Sequence {
					t.Fatalf("Load after it: %s, %v", brief(got), err)
				}
				if kept := d.content(t, d.only(t, s, ".foreign")); !bytes.Equal(kept, m.decode(t)) {
					t.Error("the copy was not kept")
				}
				if e := events[len(events)-1]; e.Type != storage.EventSetAside || !errors.Is(e.Err, storage.ErrForeign) {
					t.Errorf("last event is %+v", e)
				}
			})
		}
	}
}

func TestNewerFormat(t *testing.T) {
	for name, m := range forms(t) {
		if m.path != "" && strings.HasSuffix(m.path, ".spill") {
			continue // its item says which format it has
		}
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, m.cfg)
			b := m.decode(t)
			binary.BigEndian.PutUint16(b[4:], 2)
			m.encode(t, reseal(b))
			if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrNewerFormat) || errors.Is(err, storage.ErrDamaged) {
				t.Fatalf("Load: %v, want ErrNewerFormat", err)
			}
			if _, err := s.Commit(t.Context(), storage.State{}); err != nil {
				t.Fatalf("Commit over it: %v", err)
			}
			if kept := m.disk.content(t, m.disk.only(t, s, ".newer")); !bytes.Equal(kept, b) {
				t.Error("it was not kept")
			}
		})
	}
}

func TestDamagedIsKept(t *testing.T) {
	for name, m := range forms(t) {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, m.cfg)
			spoilt := append(m.decode(t), 'x')
			m.encode(t, spoilt)
			if _, err := s.Commit(t.Context(), m.state); !errors.Is(err, storage.ErrConflict) {
				t.Fatalf("Commit on a base that is damaged: %v, want ErrConflict", err)
			}
			if _, err := s.Commit(t.Context(), storage.State{Data: []byte("new")}); err != nil {
				t.Fatalf("Commit over it: %v", err)
			}
			suffix := ".damaged"
			if strings.HasSuffix(m.path, ".spill") {
				suffix = ".spill.damaged"
			}
			if kept := m.disk.content(t, m.disk.only(t, s, suffix)); !bytes.Equal(kept, spoilt) {
				t.Error("it was not kept")
			}
			if got, err := s.Load(t.Context()); err != nil || string(got.Data) != "new" {
				t.Errorf("Load after it: %s, %v", brief(got), err)
			}
		})
	}
}

// TestHugeFile has a state file that is longer than any record.
func TestHugeFile(t *testing.T) {
	m := forms(t)["file"]
	m.write(t, make([]byte, storage.MaxData+1000))
	s := mustOpen(t, m.cfg)
	if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrDamaged) {
		t.Fatalf("Load: %v, want ErrDamaged", err)
	}
	if _, err := s.Commit(t.Context(), storage.State{}); err != nil {
		t.Fatal(err)
	}
	if kept := m.disk.content(t, m.disk.only(t, s, ".damaged")); len(kept) != storage.MaxData+1000 {
		t.Errorf("%d bytes of it were kept", len(kept))
	}
}

// TestNothingInTheClear looks for the data, the seal and the IDs in what is
// written.
func TestNothingInTheClear(t *testing.T) {
	for name, m := range forms(t) {
		b := bytes.ToLower(m.decode(t))
		for _, secret := range []string{"licence", "device", someone.ISV, someone.Product, someone.Client} {
			if bytes.Contains(b, bytes.ToLower([]byte(secret))) {
				t.Errorf("%s: the record contains %q", name, secret)
			}
		}
	}
}

// FuzzLoad gives arbitrary bytes for a state file, a keyring item, a mark.
func FuzzLoad(f *testing.F) {
	for _, m := range forms(f) {
		f.Add(m.decode(f), true)
		f.Add(m.decode(f), false)
	}
	f.Add([]byte("LHSM"), true)
	ring := &storagetest.Keyring{}
	d := newDisk(nil)
	cfg := storage.Config{Identity: someone, Seal: "device", Dir: "/state", Keyring: ring}.WithFileSystem(d)
	s := mustOpen(f, cfg)
	name := filepath.Join(s.Folder(), s.Base())
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		if mend && len(b) >= 16 {
			b = reseal(bytes.Clone(b))
		}
		items := map[string]string{"leasehold:" + s.Base(): base64.StdEncoding.EncodeToString(b)}
		ring.Restore(items)
		for _, suffix := range []string{".state", ".mark"} {
			d.put(name+suffix, b)
		}
		got, err := s.Load(t.Context())
		if err == nil && len(got.Data) > storage.MaxData {
			t.Errorf("%d bytes of data", len(got.Data))
		}
		if err != nil && !errors.Is(err, storage.ErrDamaged) && !errors.Is(err, storage.ErrForeign) &&
			!errors.Is(err, storage.ErrNewerFormat) && !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("error of no kind: %v", err)
		}
		if !maps.Equal(ring.Items(), items) {
			t.Error("Load changed the keyring")
		}
	})
}
