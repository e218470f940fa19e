package agent

import (
	"os"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

func openKeeper(t *testing.T, dir string) keeper {
	t.Helper()
	s, err := storage.Open(t.Context(), storage.Config{
		Identity: storage.Identity{ISV: "2af5fe02-6207-4214-946e-b00ac5309f53", Product: "b18657cc-1f7c-43fa-e3a4-08da6fa41ad3"},
		Dir:      dir, Kind: storage.KindFile,
	})
	if err != nil {
		t.Fatal(err)
	}
	return keeper{store: s}
}

const (
	idOne = "11111111-1111-4111-8111-111111111111"
	idTwo = "22222222-2222-4222-8222-222222222222"
)

func TestKeeperKeepsTheFirstID(t *testing.T) {
	dir := stateDir(t)
	k, other := openKeeper(t, dir), openKeeper(t, dir)
	if id, err := k.InstallationID(t.Context()); id != "" || err != nil {
		t.Errorf("at first: %q, %v", id, err)
	}
	for _, tt := range []struct {
		keeper
		id string
	}{{k, idOne}, {other, idTwo}, {k, idTwo}} {
		if got, err := tt.KeepInstallationID(t.Context(), tt.id); got != idOne || err != nil {
			t.Errorf("keeping %s: %q, %v, want the first", tt.id, got, err)
		}
	}
	// The device ID is kept beside it.
	if _, err := k.change(t.Context(), func(in *installation) { in.DeviceID = "d" }); err != nil {
		t.Fatal(err)
	}
	if in, err := other.load(t.Context()); err != nil || in != (installation{ID: idOne, DeviceID: "d"}) {
		t.Errorf("kept: %+v, %v", in, err)
	}
}

func TestKeeperReplacesWhatIsNoUUID(t *testing.T) {
	k := openKeeper(t, stateDir(t))
	for _, bad := range []string{"no uuid", "00000000-0000-0000-0000-000000000000"} {
		if _, err := k.change(t.Context(), func(in *installation) { in.ID = bad }); err != nil {
			t.Fatal(err)
		}
		if got, err := k.KeepInstallationID(t.Context(), idOne); got != idOne || err != nil {
			t.Errorf("instead of %q: %q, %v", bad, got, err)
		}
	}
}

// A damaged record is replaced when something must be written; a copy stays.
func TestKeeperAfterDamage(t *testing.T) {
	dir := stateDir(t)
	k := openKeeper(t, dir)
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
func TestKeeperWritesChangesOnly(t *testing.T) {
	k := openKeeper(t, stateDir(t))
	for range 2 {
		if in, err := k.change(t.Context(), func(in *installation) { in.DeviceID = "d" }); err != nil || in.DeviceID != "d" {
			t.Fatalf("%+v, %v", in, err)
		}
	}
	if st, err := k.store.Load(t.Context()); err != nil || st.Sequence != 1 {
		t.Errorf("%d commits, %v, want 1", st.Sequence, err)
	}
}
