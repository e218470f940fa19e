package storage_test

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// place is a disk and a keyring for KindAuto.
type place struct {
	t      *testing.T
	disk   *disk
	ring   *storagetest.Keyring
	events []storage.Event
}

func newPlace(t *testing.T) *place {
	return &place{t: t, disk: newDisk(nil), ring: &storagetest.Keyring{}}
}

func (p *place) lock()   { p.ring.Fail(errLocked) }
func (p *place) unlock() { p.ring.Fail(nil) }

func (p *place) open(kind storage.Kind) *storage.Local {
	p.t.Helper()
	return mustOpen(p.t, storage.Config{
		Identity: someone, Seal: "device", Dir: "/state", Kind: kind, Keyring: p.ring,
		OnEvent: func(e storage.Event) { p.events = append(p.events, e) },
	}.WithFileSystem(p.disk))
}

// day is a server time.
func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

func (p *place) commit(s storage.Store, base uint64, data string, server int) storage.State {
	p.t.Helper()
	next := storage.State{Sequence: base, Data: []byte(data)}
	if server != 0 {
		next.ServerTime, next.HighWater = day(server), day(server)
	}
	done, err := s.Commit(p.t.Context(), next)
	if err != nil {
		p.t.Fatalf("Commit of %q: %v", data, err)
	}
	return done
}

func (p *place) wantLoad(s storage.Store, data string) storage.State {
	p.t.Helper()
	got, err := s.Load(p.t.Context())
	if err != nil || string(got.Data) != data {
		p.t.Fatalf("Load: %.40q, %v, want %.40q", got.Data, err, data)
	}
	return got
}

func (p *place) wantError(s storage.Store, want error) {
	p.t.Helper()
	got, err := s.Load(p.t.Context())
	if !errors.Is(err, want) {
		p.t.Fatalf("Load: %q, %v, want %v", got.Data, err, want)
	}
}

// touch commits what is stored once more.
func (p *place) touch(s storage.Updater) {
	p.t.Helper()
	if _, err := s.Update(p.t.Context(), func(st storage.State) (storage.State, error) { return st, nil }); err != nil {
		p.t.Fatal(err)
	}
}

// wantIn checks that the record is in one place only.
func (p *place) wantIn(kind storage.Kind) {
	p.t.Helper()
	file := slices.ContainsFunc(slices.Collect(maps.Keys(p.disk.now)), func(n string) bool { return strings.HasSuffix(n, ".state") })
	item := len(p.ring.Items()) > 0
	if file != (kind == storage.KindFile) || item != (kind == storage.KindKeyring) {
		p.t.Fatalf("state file %v, keyring item %v, want the record in %s only", file, item, kind)
	}
}

func (p *place) wantEvent(want storage.EventType, store, from storage.Kind, reason error) {
	p.t.Helper()
	if len(p.events) == 0 {
		p.t.Fatal("no event")
	}
	e := p.events[len(p.events)-1]
	if e.Type != want || e.Store != store || e.From != from || !errors.Is(e.Err, reason) {
		p.t.Fatalf("last event is %+v, want %s %s from %q because of %v", e, want, store, from, reason)
	}
	p.events = nil
}

func TestKeyringIsPreferred(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindAuto)
	p.wantEvent(storage.EventChosen, storage.KindKeyring, "", nil)
	p.commit(s, 0, "a", 1)
	p.wantIn(storage.KindKeyring)
	if s.Kind() != storage.KindKeyring || len(p.events) != 0 {
		t.Errorf("kind %s, events %v", s.Kind(), p.events)
	}
}

func TestNoKeyring(t *testing.T) {
	p := newPlace(t)
	p.lock()
	s := p.open(storage.KindAuto)
	p.wantEvent(storage.EventChosen, storage.KindFile, "", errLocked)
	p.wantError(s, storage.ErrNotFound)
	p.commit(s, 0, "a", 1)
	p.wantIn(storage.KindFile)
	if s.Kind() != storage.KindFile || len(p.events) != 0 {
		t.Errorf("kind %s, events %v", s.Kind(), p.events)
	}
}

func TestKeyringAskedForIsNotThere(t *testing.T) {
	p := newPlace(t)
	p.lock()
	_, err := storage.Open(t.Context(), storage.Config{Identity: someone, Dir: "/state", Kind: storage.KindKeyring, Keyring: p.ring}.WithFileSystem(p.disk))
	if !errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, errLocked) || !strings.Contains(err.Error(), "auto") {
		t.Errorf("Open: %v, want ErrUnavailable, the reason, and what to do", err)
	}
}

func TestFileNeverCallsTheKeyring(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindFile)
	p.commit(s, 0, "a", 1)
	p.wantLoad(s, "a")
	if err := s.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if calls := p.ring.Calls(); len(calls) != 0 {
		t.Errorf("keyring calls: %v", calls)
	}
}

func TestProbesOnlyRead(t *testing.T) {
	p := newPlace(t)
	_, _ = p.open(storage.KindAuto).Load(t.Context())
	_, _ = p.open(storage.KindKeyring).Load(t.Context())
	if calls := p.ring.Calls(); slices.ContainsFunc(calls, func(c string) bool { return c != "get" }) {
		t.Errorf("keyring calls of Open and Load: %v", calls)
	}
}

func TestMovesToTheKeyring(t *testing.T) {
	for _, when := range []string{"commit", "update"} {
		t.Run(when, func(t *testing.T) {
			p := newPlace(t)
			p.lock()
			s := p.open(storage.KindAuto)
			a := p.commit(s, 0, "a", 1)
			p.events = nil
			p.unlock()
			p.wantLoad(s, "a")
			p.wantIn(storage.KindFile)
			if when == "update" {
				s = p.open(storage.KindAuto)
				p.wantLoad(s, "a")
				p.wantIn(storage.KindFile) // looking moves nothing
				p.touch(s)
			} else {
				p.commit(s, a.Sequence, "b", 2)
				p.wantLoad(s, "b")
			}
			p.wantEvent(storage.EventMoved, storage.KindKeyring, storage.KindFile, nil)
			p.wantIn(storage.KindKeyring)
			if s.Kind() != storage.KindKeyring {
				t.Errorf("kind %s", s.Kind())
			}
		})
	}
}

// TestLockedIsNotEmpty is the fault that costs users their licence: a keyring
// that does not answer, read as one that holds nothing.
func TestLockedIsNotEmpty(t *testing.T) {
	for name, spoil := range map[string]func(*place, *storage.Local){
		"mark whole": func(*place, *storage.Local) {},
		"mark damaged": func(p *place, s *storage.Local) {
			p.disk.put(filepath.Join(s.Folder(), s.Base()+".mark"), []byte("LHSM?"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.open(storage.KindAuto)
			p.commit(s, 0, "a", 1)
			spoil(p, s)
			p.lock()
			for _, s := range []*storage.Local{s, p.open(storage.KindAuto)} {
				p.wantError(s, storage.ErrUnavailable)
				if _, err := s.Load(t.Context()); errors.Is(err, storage.ErrNotFound) || !errors.Is(err, errLocked) {
					t.Errorf("Load: %v", err)
				}
				if _, err := storage.Update(t.Context(), s, increment); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("Update: %v, want ErrUnavailable", err)
				}
			}
			p.unlock()
			p.wantLoad(s, "a")
		})
	}
}

// TestGoesOnWithoutTheKeyring: the keyring locks while the application runs.
func TestGoesOnWithoutTheKeyring(t *testing.T) {
	p := newPlace(t)
	s, other := p.open(storage.KindAuto), p.open(storage.KindAuto)
	a := p.commit(s, 0, "a", 1)
	p.lock()
	p.wantError(s, storage.ErrUnavailable)
	p.commit(s, a.Sequence, "b", 2)
	p.wantEvent(storage.EventMoved, storage.KindFile, storage.KindKeyring, errLocked)
	p.wantLoad(other, "b")
	p.unlock()
	if got := p.wantLoad(other, "b"); got.RestoredCopy {
		t.Error("the item that stayed behind looks like a restored copy")
	}
	if _, err := other.Commit(t.Context(), a); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("Commit on what the keyring has: %v, want ErrConflict", err)
	}
	p.wantLoad(p.open(storage.KindAuto), "b")
	p.touch(other)
	p.wantIn(storage.KindKeyring)
}

// TestFreshStartWhileLocked: a process that cannot see the record starts anew.
func TestFreshStartWhileLocked(t *testing.T) {
	for _, c := range []struct {
		name   string
		server int // of what is written in the meantime
		want   string
	}{
		{"without the server", 0, "kept"},
		{"with an older answer", 1, "kept"},
		{"with a newer answer", 3, "fresh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The state in the keyring has a spill file, which the store must not
			// take for a leftover.
			texts := map[string]string{"kept": large(1), "fresh": "fresh"}
			p := newPlace(t)
			p.commit(p.open(storage.KindAuto), 0, texts["kept"], 2)
			p.lock()
			s := p.open(storage.KindAuto)
			p.wantError(s, storage.ErrUnavailable)
			p.commit(s, 0, texts["fresh"], c.server)
			p.wantLoad(s, texts["fresh"])
			p.unlock()
			if got := p.wantLoad(s, texts[c.want]); got.RestoredCopy {
				t.Error("it looks like a restored copy")
			}
			p.wantLoad(p.open(storage.KindAuto), texts[c.want])
			got := p.wantLoad(s, texts[c.want])
			p.commit(s, got.Sequence, "next", 4)
			p.wantIn(storage.KindKeyring)
		})
	}
}

func TestDeleteWhileLocked(t *testing.T) {
	p := newPlace(t)
	s := p.open(storage.KindAuto)
	p.commit(s, 0, "a", 1)
	p.lock()
	if err := s.Delete(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("Delete: %v, want ErrUnavailable: the item is still there", err)
	}
	p.wantError(s, storage.ErrNotFound)
	p.unlock()
	p.wantError(s, storage.ErrNotFound)
	if err := s.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(p.ring.Items()); n != 0 {
		t.Errorf("%d items are left", n)
	}
	p.commit(s, 0, "b", 2)
	p.wantLoad(s, "b")
}

// TestSetThatFailsMayHaveWorked: the keyring takes the item, and then does not
// say so.
func TestSetThatFailsMayHaveWorked(t *testing.T) {
	p := newPlace(t)
	s := mustOpen(t, storage.Config{Identity: someone, Dir: "/state", Keyring: mute{p.ring}}.WithFileSystem(p.disk))
	p.commit(s, 0, "a", 1)
	got := p.wantLoad(s, "a")
	if s.Kind() != storage.KindFile {
		t.Errorf("kind %s", s.Kind())
	}
	p.commit(s, got.Sequence, "b", 2)
	p.wantLoad(s, "b")
	s = mustOpen(t, storage.Config{Identity: someone, Dir: "/state", Keyring: p.ring}.WithFileSystem(p.disk))
	p.wantLoad(s, "b")
	p.touch(s)
	p.wantIn(storage.KindKeyring)
}

type mute struct{ *storagetest.Keyring }

func (m mute) Set(service, user, secret string) error {
	_ = m.Keyring.Set(service, user, secret)
	return errors.New("the bus has gone")
}

func TestConfigErrors(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  storage.Config
		want string
	}{
		"no vendor":         {storage.Config{Identity: storage.Identity{Product: "p"}}, "Identity.ISV"},
		"no product":        {storage.Config{Identity: storage.Identity{ISV: "i"}}, "Identity.Product"},
		"ID too long":       {storage.Config{Identity: storage.Identity{ISV: "i", Product: strings.Repeat("p", 1025)}}, "1024"},
		"kind":              {storage.Config{Identity: someone, Kind: "cloud"}, `Config.Kind is "cloud"`},
		"memory":            {storage.Config{Identity: someone, Kind: storage.KindMemory}, "Config.Kind"},
		"service too long":  {storage.Config{Identity: someone, KeyringService: strings.Repeat("x", 65)}, "Config.KeyringService"},
		"service and colon": {storage.Config{Identity: someone, KeyringService: "a:b"}, "Config.KeyringService"},
		"timeout":           {storage.Config{Identity: someone, Timeout: -1}, "Config.Timeout"},
	} {
		c.cfg.Dir = t.TempDir()
		if _, err := storage.Open(t.Context(), c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that names %s", name, err, c.want)
		}
	}
}

// TestItemFitsEveryKeyring writes states of many sizes under the longest
// service name.
func TestItemFitsEveryKeyring(t *testing.T) {
	ring := &storagetest.Keyring{}
	s := mustOpen(t, storage.Config{
		Dir: "/state", Kind: storage.KindKeyring, Keyring: ring, KeyringService: strings.Repeat("'", 64),
	}.WithFileSystem(newDisk(nil)))
	for n := storage.InlineData - 40; n < storage.InlineData+40; n++ {
		if _, err := storage.Update(t.Context(), s, func(st storage.State) (storage.State, error) {
			st.Data = numbered(5)[:n]
			return st, nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, item := range ring.Items() {
			if spilled := len(item) < storage.MaxItem/2; spilled != (n > storage.InlineData) {
				t.Errorf("%d bytes: item of %d bytes", n, len(item))
			}
		}
	}
	if n := ring.Oversized(); n != 0 {
		t.Errorf("%d items were too large for a keyring", n)
	}
}

func TestIdentity(t *testing.T) {
	p := newPlace(t)
	open := func(id storage.Identity) *storage.Local {
		s, err := p.open(storage.KindAuto).Sibling(t.Context(), id, "device")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	upper := storage.Identity{ISV: strings.ToUpper(someone.ISV), Product: strings.ToUpper(someone.Product), Client: strings.ToUpper(someone.Client)}
	p.commit(open(upper), 0, "a", 1)
	p.wantLoad(open(storage.Identity{ISV: strings.ToLower(someone.ISV), Product: strings.ToLower(someone.Product), Client: strings.ToLower(someone.Client)}), "a")
	for _, id := range []storage.Identity{
		{ISV: someone.ISV, Product: someone.Product},
		{ISV: someone.ISV + someone.Product, Product: someone.Client},
		{ISV: someone.Product, Product: someone.ISV, Client: someone.Client},
		{ISV: "../..", Product: "../../etc", Client: "../passwd"},
		{ISV: "con", Product: "nul", Client: `C:\x`},
	} {
		s := open(id)
		p.wantError(s, storage.ErrNotFound)
		if filepath.Dir(s.Folder()) != filepath.Dir(p.open(storage.KindFile).Folder()) || strings.Contains(s.Folder()+s.Base(), "..") {
			t.Errorf("%+v: folder %s", id, s.Folder())
		}
	}
}
