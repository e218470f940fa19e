package device

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"
)

func TestInstallationIDIsCreatedOnceAndKept(t *testing.T) {
	keeper := &memoryKeeper{}
	p := fakePlatform("")
	first, err := p.derive(t.Context(), Config{AppID: appID, Keeper: keeper})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(first.ID) {
		t.Errorf("%q is no random UUID", first.ID)
	}
	for range 3 {
		again, err := p.derive(t.Context(), Config{AppID: appID, Keeper: keeper})
		if err != nil || again.ID != first.ID {
			t.Fatalf("got %q, %v; want %q", again.ID, err, first.ID)
		}
	}
	if keeper.keeps != 1 {
		t.Errorf("kept %d times, want once", keeper.keeps)
	}
	another, err := p.derive(t.Context(), Config{AppID: appID, Keeper: &memoryKeeper{}})
	if err != nil || another.ID == first.ID {
		t.Errorf("two installations share %q (%v)", another.ID, err)
	}
}

func TestInstallationIDFailures(t *testing.T) {
	tests := []struct {
		name     string
		keeper   *memoryKeeper
		cause    error
		says     string
		warnings []WarningCode
	}{
		{"cannot be read", &memoryKeeper{loadErr: errTest}, errTest, "unlock or repair",
			[]WarningCode{WarningInstallationIDNotKept}},
		{"cannot be kept", &memoryKeeper{keepErr: errTest}, errTest, "mount a volume",
			[]WarningCode{WarningInstallationIDNotKept}},
		{"read-only file system", &memoryKeeper{keepErr: &fs.PathError{Op: "open", Path: "id", Err: syscall.EROFS}}, syscall.EROFS, "writable",
			[]WarningCode{WarningReadOnly, WarningInstallationIDNotKept}},
		{"no permission", &memoryKeeper{keepErr: fs.ErrPermission}, fs.ErrPermission, "writable",
			[]WarningCode{WarningReadOnly, WarningInstallationIDNotKept}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fakePlatform(goodID[:8]).derive(t.Context(), Config{AppID: appID, Keeper: tt.keeper})
			if !errors.Is(err, ErrNoDeviceID) || !errors.Is(err, tt.cause) {
				t.Fatalf("err = %v, want ErrNoDeviceID and %v", err, tt.cause)
			}
			if got.ID != "" {
				t.Errorf("an ID that is not kept was given out: %q", got.ID)
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "device: no stable device ID: the machine ID is malformed, and ") {
				t.Errorf("err = %q", err)
			}
			if c := codes(got.Warnings); !slices.Equal(c[1:], tt.warnings) {
				t.Errorf("warnings = %v, want %v", c[1:], tt.warnings)
			}
			if tt.keeper.loadErr != nil && tt.keeper.keeps > 0 {
				t.Error("a new ID was kept over one that could not be read")
			}
		})
	}
}

func TestInstallationIDThatIsDamagedIsReplaced(t *testing.T) {
	for _, damaged := range []string{"x", "00000000-0000-0000-0000-000000000000", "3f1c"} {
		keeper := &memoryKeeper{id: damaged}
		got, err := fakePlatform("").derive(t.Context(), Config{AppID: appID, Keeper: keeper})
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != keeper.id || uuid.Validate(got.ID) != nil {
			t.Errorf("ID = %q, kept %q", got.ID, keeper.id)
		}
		if !slices.Contains(codes(got.Warnings), WarningInstallationIDReplaced) {
			t.Errorf("warnings = %v", got.Warnings)
		}
	}
}

// stubbornKeeper says it keeps what it never replaces.
type stubbornKeeper struct{ memoryKeeper }

func (k *stubbornKeeper) KeepInstallationID(context.Context, string) (string, error) {
	return k.id, nil
}

func TestInstallationIDThatStaysDamagedIsAnError(t *testing.T) {
	keeper := &stubbornKeeper{memoryKeeper{id: "damaged"}}
	got, err := fakePlatform("").derive(t.Context(), Config{AppID: appID, Keeper: keeper})
	if !errors.Is(err, ErrNoDeviceID) || got.ID != "" {
		t.Errorf("got %q, %v", got.ID, err)
	}
}

func TestInstallationIDIsReadInAnyFormOfUUID(t *testing.T) {
	const canonical = "7b512a16-9c1e-4d2a-8f6b-0a1b2c3d4e5f"
	for _, kept := range []string{canonical, strings.ToUpper(canonical), "{" + canonical + "}", strings.ReplaceAll(canonical, "-", "")} {
		got, err := fakePlatform("").derive(t.Context(), Config{AppID: appID, Keeper: &memoryKeeper{id: kept}})
		if err != nil || got.ID != canonical {
			t.Errorf("kept %q gives %q, %v", kept, got.ID, err)
		}
	}
}

// Copies of the application that start together, each finding no ID, end with
// one ID.
func TestInstallationIDIsOneForAllProcesses(t *testing.T) {
	keeper := &memoryKeeper{}
	p := fakePlatform("")
	const copies = 16
	ids := make([]string, copies)
	var wg sync.WaitGroup
	for i := range copies {
		wg.Go(func() {
			id, err := p.derive(t.Context(), Config{AppID: appID, Keeper: keeper})
			if err != nil {
				t.Error(err)
			}
			ids[i] = id.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("the copies disagree: %q", ids)
		}
	}
}

func TestInstallationIDNeedsRandomness(t *testing.T) {
	p := fakePlatform("")
	p.random = strings.NewReader("short")
	keeper := &memoryKeeper{}
	got, err := p.derive(t.Context(), Config{AppID: appID, Keeper: keeper})
	if !errors.Is(err, ErrNoDeviceID) || got.ID != "" || keeper.keeps > 0 {
		t.Errorf("got %q, %v, kept %d", got.ID, err, keeper.keeps)
	}
}
