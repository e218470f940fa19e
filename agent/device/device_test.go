package device

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/denisbrodbeck/machineid"
	"pgregory.net/rapid"
)

const appID = "com.example.editor"

func TestDeriveSources(t *testing.T) {
	noDot := func(p platform) platform { return p }
	inDocker := func(p platform) platform {
		p.root = fstest.MapFS{".dockerenv": {}}
		return p
	}
	readOnlyRoot := func(p platform) platform {
		p.root = fstest.MapFS{"proc/self/mountinfo": {Data: []byte("22 1 0:20 / / ro,relatime - ext4 /dev/sda1 rw\n")}}
		return p
	}
	tests := []struct {
		name     string
		machine  string
		cfg      Config
		place    func(platform) platform
		source   Source
		quality  Quality
		id       string // empty: a new installation ID
		warnings []WarningCode
	}{
		{"machine ID", goodID, Config{AppID: appID}, noDot,
			SourceMachine, QualityStrong, protect(goodID, appID), []WarningCode{}},
		{"GUID in upper case", goodGUID, Config{AppID: appID}, noDot,
			SourceMachine, QualityStrong, protect(goodGUID, appID), []WarningCode{}},
		{"in a container", goodID, Config{AppID: appID}, inDocker,
			SourceMachine, QualityWeak, protect(goodID, appID), []WarningCode{WarningContainer}},
		{"read-only root", goodID, Config{AppID: appID}, readOnlyRoot,
			SourceMachine, QualityStrong, protect(goodID, appID), []WarningCode{WarningReadOnly}},
		{"override", goodID, Config{Override: "  i-0abc/eu west "}, noDot,
			SourceApplication, QualityUnrated, "i-0abc/eu west", []WarningCode{}},
		{"override without a machine ID", "", Config{Override: "kiosk-7"}, inDocker,
			SourceApplication, QualityUnrated, "kiosk-7", []WarningCode{WarningContainer}},
		{"empty", "", Config{AppID: appID}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningMachineIDEmpty}},
		{"uninitialized", "uninitialized", Config{AppID: appID}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningMachineIDUninitialized}},
		{"garbage", "not an id", Config{AppID: appID}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningMachineIDMalformed}},
		{"zeros", strings.Repeat("0", 32), Config{AppID: appID}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningMachineIDMalformed}},
		{"shipped", shippedID, Config{AppID: appID}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningClonedImage}},
		{"shipped, another ID known", shippedID, Config{AppID: appID, Known: protect(goodID, appID)}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningClonedImage}},
		{"shipped, and already in use", shippedID, Config{AppID: appID, Known: strings.ToUpper(protect(shippedID, appID))}, noDot,
			SourceMachine, QualityWeak, protect(shippedID, appID), []WarningCode{WarningClonedImage}},
		{"known does not revive an empty ID", "", Config{AppID: appID, Known: protect("", appID)}, noDot,
			SourceInstallation, QualityWeak, "", []WarningCode{WarningMachineIDEmpty}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			keeper := &memoryKeeper{}
			tt.cfg.Keeper = keeper
			p := tt.place(fakePlatform(tt.machine))
			got, err := p.derive(t.Context(), tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.id
			if want == "" {
				want = keeper.id
			} else if keeper.loads+keeper.keeps > 0 {
				t.Errorf("the keeper was asked though it was not needed")
			}
			if got.ID != want || got.ID == "" {
				t.Errorf("ID = %q, want %q", got.ID, want)
			}
			if got.Source != tt.source || got.Quality != tt.quality {
				t.Errorf("source, quality = %s, %s; want %s, %s", got.Source, got.Quality, tt.source, tt.quality)
			}
			if c := codes(got.Warnings); !slices.Equal(c, tt.warnings) {
				t.Errorf("warnings = %v, want %v", c, tt.warnings)
			}
			again, err := p.derive(t.Context(), tt.cfg)
			if err != nil || again.ID != got.ID {
				t.Errorf("the second run gives %q, %v; want %q", again.ID, err, got.ID)
			}
		})
	}
}

func TestDeriveRefusesBadConfiguration(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no application":    {},
		"blank application": {AppID: " \t"},
		"blank override":    {AppID: appID, Override: "  "},
		"override too long": {AppID: appID, Override: strings.Repeat("é", MaxIDLength+1)},
		"control character": {AppID: appID, Override: "host\x00"},
		"inner line break":  {AppID: appID, Override: "a\nb"},
		"invalid UTF-8":     {AppID: appID, Override: "a\xffb"},
		"reversed text":     {AppID: appID, Override: "a\u202eb"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Keeper = &memoryKeeper{}
			got, err := fakePlatform(goodID).derive(t.Context(), cfg)
			if !errors.Is(err, ErrConfig) || got.ID != "" {
				t.Errorf("got %q, %v; want ErrConfig and no ID", got.ID, err)
			}
		})
	}
}

func TestDeriveSaysWhyThereIsNoID(t *testing.T) {
	got, err := fakePlatform("uninitialized").derive(t.Context(), Config{AppID: appID})
	if !errors.Is(err, ErrNoDeviceID) {
		t.Fatalf("err = %v, want ErrNoDeviceID", err)
	}
	if got.ID != "" || got.Source != "" {
		t.Errorf("an ID came with the error: %+v", got)
	}
	want := "device: no stable device ID: the machine ID is not initialised yet, and there is no store to keep an installation ID in; " +
		"give the application a device ID of its own"
	if err.Error() != want {
		t.Errorf("err = %q\nwant  %q", err, want)
	}
}

func TestDeriveIsTheProtectedIDOfThisMachine(t *testing.T) {
	raw, err := machineid.ID()
	if err != nil || raw == "" {
		t.Skipf("this machine has no machine ID (%q, %v)", raw, err)
	}
	want, err := machineid.ProtectedID(appID)
	if err != nil {
		t.Fatal(err)
	}
	if got := protect(raw, appID); got != want {
		t.Errorf("protect = %s, machineid.ProtectedID = %s", got, want)
	}
	got, err := Derive(t.Context(), Config{AppID: appID, Known: want, Keeper: &memoryKeeper{}})
	if err != nil {
		t.Fatal(err)
	}
	if flaw, _ := checkMachineID(raw); flaw == sound && got.Source == SourceMachine && got.ID != want {
		t.Errorf("ID = %s, want %s", got.ID, want)
	}
	if again, err := Derive(t.Context(), Config{AppID: appID, Known: got.ID}); got.Source == SourceMachine && (err != nil || again.ID != got.ID) {
		t.Errorf("second run: %q, %v; want %q", again.ID, err, got.ID)
	}
}

func TestDeriveSeparatesApplications(t *testing.T) {
	p := fakePlatform(goodID)
	one, err1 := p.derive(t.Context(), Config{AppID: "one"})
	two, err2 := p.derive(t.Context(), Config{AppID: "two"})
	if err1 != nil || err2 != nil || one.ID == two.ID {
		t.Errorf("two applications share %q (%v, %v)", one.ID, err1, err2)
	}
}

func TestDeriveHonoursItsContext(t *testing.T) {
	t.Run("ended before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		p := fakePlatform(goodID)
		p.machineID = func() (string, error) { t.Error("the machine ID was read"); return goodID, nil }
		if got, err := p.derive(ctx, Config{AppID: appID}); !errors.Is(err, context.Canceled) || got.ID != "" {
			t.Errorf("got %q, %v", got.ID, err)
		}
	})
	t.Run("the system does not answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hang := make(chan struct{})
			defer close(hang)
			p := fakePlatform(goodID)
			p.machineID = func() (string, error) { <-hang; return goodID, nil }
			ctx, cancel := context.WithTimeout(t.Context(), 3e9)
			defer cancel()
			if got, err := p.derive(ctx, Config{AppID: appID}); !errors.Is(err, context.DeadlineExceeded) || got.ID != "" {
				t.Errorf("got %q, %v", got.ID, err)
			}
		})
	})
}

// Whatever the operating system calls its machine ID, a device has one ID that
// is not empty, stays over restarts, and never is the one all machines without
// an ID would share.
func TestDeriveIsStableAndNeverEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[0-9a-fA-F]{32}`),
			rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
			rapid.SampledFrom([]string{"", " ", "\n", "uninitialized", shippedID, strings.Repeat("f", 32)}),
		).Draw(t, "machine ID")
		cfg := Config{
			AppID:  rapid.StringMatching(`[a-z.]{1,20}`).Draw(t, "AppID"),
			Known:  rapid.SampledFrom([]string{"", "x", protect(raw, appID)}).Draw(t, "Known"),
			Keeper: &memoryKeeper{},
		}
		first, err := fakePlatform(raw).derive(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		second, err := fakePlatform(raw).derive(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if first.ID == "" || first.ID != second.ID {
			t.Fatalf("IDs %q and %q", first.ID, second.ID)
		}
		if first.ID == protect("", cfg.AppID) {
			t.Fatal("the ID of an empty key is in use")
		}
		for _, w := range first.Warnings {
			if len(raw) >= 16 && strings.Contains(w.Text, raw) {
				t.Fatalf("a warning shows the machine ID: %s", w)
			}
		}
	})
}

func TestIdentityAsJSON(t *testing.T) {
	id, err := fakePlatform(goodID).derive(t.Context(), Config{AppID: appID})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"device_id":"` + protect(goodID, appID) + `","source":"machine","quality":"strong","warnings":[]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func BenchmarkDerive(b *testing.B) {
	keeper := &memoryKeeper{}
	for b.Loop() {
		if _, err := Derive(b.Context(), Config{AppID: appID, Keeper: keeper}); err != nil {
			b.Fatal(err)
		}
	}
}

// A nil context is context.Background.
func TestDeriveWithoutContext(t *testing.T) {
	var none context.Context
	for _, cfg := range []Config{{AppID: appID}, {AppID: appID, Override: "a device"}, {}} {
		without, err := Derive(none, cfg)
		with, wanted := Derive(t.Context(), cfg)
		if without.ID != with.ID || (err == nil) != (wanted == nil) {
			t.Errorf("%+v: %v, %v; with one %v, %v", cfg, without.ID, err, with.ID, wanted)
		}
	}
}
