package installation

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

func open(t *testing.T, dir string) *Installation {
	t.Helper()
	s, err := storage.Open(t.Context(), storage.Config{
		Identity: storage.Identity{ISV: "2af5fe02-6207-4214-946e-b00ac5309f53", Product: "b18657cc-1f7c-43fa-e3a4-08da6fa41ad3"},
		Dir:      dir, Kind: storage.KindFile,
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(s, nil)
}

const (
	idOne = "11111111-1111-4111-8111-111111111111"
	idTwo = "22222222-2222-4222-8222-222222222222"
)

func TestKeepsTheFirstID(t *testing.T) {
	dir := t.TempDir()
	k, other := open(t, dir), open(t, dir)
	if id, err := k.InstallationID(t.Context()); id != "" || err != nil {
		t.Errorf("at first: %q, %v", id, err)
	}
	for _, tt := range []struct {
		*Installation
		id string
	}{{k, idOne}, {other, idTwo}, {k, idTwo}} {
		if got, err := tt.KeepInstallationID(t.Context(), tt.id); got != idOne || err != nil {
			t.Errorf("keeping %s: %q, %v, want the first", tt.id, got, err)
		}
	}
	// The device ID is kept beside it.
	if _, err := k.change(t.Context(), func(in *kept) { in.DeviceID = "d" }); err != nil {
		t.Fatal(err)
	}
	if in, err := other.load(t.Context()); err != nil || in.ID != idOne || in.DeviceID != "d" {
		t.Errorf("kept: %+v, %v", in, err)
	}
}

// What a later version has put there is still there when this one writes.
func TestRecordOfALaterVersion(t *testing.T) {
	k := open(t, t.TempDir())
	if _, err := storage.Update(t.Context(), k.store, func(st storage.State) (storage.State, error) {
		st.Data = []byte(`{"installation_id":"` + idOne + `","x":{"y":1.50}}`)
		return st, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.change(t.Context(), func(in *kept) { in.DeviceID = "d" }); err != nil {
		t.Fatal(err)
	}
	const want = `{"device_id":"d","installation_id":"` + idOne + `","x":{"y":1.50}}`
	if st, err := k.store.Load(t.Context()); err != nil || string(st.Data) != want {
		t.Errorf("kept: %s, %v, want %s", st.Data, err, want)
	}
}

func TestReplacesWhatIsNoUUID(t *testing.T) {
	k := open(t, t.TempDir())
	for _, bad := range []string{"no uuid", "00000000-0000-0000-0000-000000000000"} {
		if _, err := k.change(t.Context(), func(in *kept) { in.ID = bad }); err != nil {
			t.Fatal(err)
		}
		if got, err := k.KeepInstallationID(t.Context(), idOne); got != idOne || err != nil {
			t.Errorf("instead of %q: %q, %v", bad, got, err)
		}
	}
}

// A damaged record is replaced when something must be written; a copy stays.
func TestAfterDamage(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	if _, err := k.KeepInstallationID(t.Context(), idOne); err != nil {
		t.Fatal(err)
	}
	spoil(t, dir)
	if _, err := k.InstallationID(t.Context()); err == nil {
		t.Error("a damaged ID is read")
	}
	before := len(filesBelow(t, dir))
	if got, err := k.KeepInstallationID(t.Context(), idTwo); got != idTwo || err != nil {
		t.Errorf("after damage: %q, %v", got, err)
	}
	if after := len(filesBelow(t, dir)); after <= before {
		t.Errorf("%d files before, %d after: no copy of the damaged one", before, after)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// What is there already is not written again.
func TestWritesChangesOnly(t *testing.T) {
	k := open(t, t.TempDir())
	for range 2 {
		if in, err := k.change(t.Context(), func(in *kept) { in.DeviceID = "d" }); err != nil || in.DeviceID != "d" {
			t.Fatalf("%+v, %v", in, err)
		}
	}
	if st, err := k.store.Load(t.Context()); err != nil || st.Sequence != 1 {
		t.Errorf("%d commits, %v, want 1", st.Sequence, err)
	}
}

func filesBelow(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// spoil changes a byte in the middle of every file that holds state.
func spoil(t *testing.T, dir string) {
	t.Helper()
	for _, path := range filesBelow(t, dir) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) == 0 {
			continue
		}
		b[len(b)/2] ^= 0x40
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The device ID is derived once, and a change of it is noticed until it is
// remembered.
func TestIdentifyNoticesADrift(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	who := Whose{ProductID: "b18657cc-1f7c-43fa-e3a4-08da6fa41ad3", DeviceID: "device-1", UserID: "ann@example.com"}
	if err := first.Identify(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if first.Drift() != nil || first.ClientID == first.Identity.ID {
		t.Errorf("drift %v, client %q of device %q", first.Drift(), first.ClientID, first.Identity.ID)
	}
	if err := first.RememberDevice(t.Context()); err != nil {
		t.Fatal(err)
	}
	who.DeviceID = "device-2"
	second := open(t, dir)
	if err := second.Identify(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if second.Drift() == nil {
		t.Error("another device ID is no drift")
	}
	if err := second.RememberDevice(t.Context()); err != nil || second.Drift() != nil {
		t.Errorf("after it was remembered: %v, %v", second.Drift(), err)
	}
}
