package agent

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Whoever calls for a part that is not named learns which, and everything else works.
func TestWhatNoPartIsNamedForSaysSo(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{})
	cfg := configFor(t, srv)
	cfg.Parts = nil
	a := newAgent(t, cfg)
	if _, err := a.Activate(t.Context(), lic.Key); err != nil {
		t.Fatal(err)
	}
	_, importErr := a.ImportFile(t.Context(), []byte("<license/>"))
	for call, err := range map[string]error{
		"Use":        a.Use(t.Context(), "export"),
		"UseAmount":  a.UseAmount(t.Context(), "export", decimal.NewFromInt(2)),
		"Measure":    a.Measure(t.Context(), uuid.NewString(), "1"),
		"ImportFile": importErr,
	} {
		if told, ok := errors.AsType[*Error](err); !ok || told.Kind != KindUsage || !errors.Is(err, ErrNoPart) {
			t.Errorf("%s: %v", call, err)
		}
	}
	if err := a.Flush(t.Context()); err != nil || a.Queued() != 0 {
		t.Errorf("%v, %d queued", err, a.Queued())
	}
	if d, err := a.Heartbeat(t.Context()); err != nil || d.State != enforcement.Active {
		t.Errorf("%v %v", d, err)
	}
	cfg.ConsumeOffline = true
	if _, err := New(cfg); !errors.Is(err, ErrNoPart) {
		t.Errorf("ConsumeOffline without its part: %v", err)
	}
}

// A release that forgot a part loses nothing of what the one before it kept.
func TestWhatAnotherReleaseKeptOutlivesAMissingPart(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{})
	cfg := configFor(t, srv)
	a := newAgent(t, cfg)
	if _, err := a.Activate(t.Context(), lic.Key); err != nil {
		t.Fatal(err)
	}
	if err := a.Use(t.Context(), "export"); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	cfg.Parts = nil
	without := newAgent(t, cfg)
	if d, err := without.Heartbeat(t.Context()); err != nil || d.State != enforcement.Active {
		t.Errorf("%v %v", d, err)
	}
	if err := without.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.Parts = []Part{Usage()}
	again := newAgent(t, cfg)
	if n := again.outbox.Peek(); n != 1 {
		t.Errorf("%d reports are left of 1", n)
	}
	if err := again.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	cfg.Parts = nil
	erased := newAgent(t, cfg)
	if err := erased.Erase(t.Context()); err != nil {
		t.Error(err)
	}
	if err := erased.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.StateDir, "*", "*.journal*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestAHeldFileOutlivesAMissingPart(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{})
	cfg := configFor(t, srv)
	file := srv.LicenseFile(lic.Key, cfg.DeviceID)
	for _, parts := range [][]Part{{LicenseFiles()}, nil, {LicenseFiles()}} {
		cfg.Parts = parts
		a := newAgent(t, cfg)
		if a.knowledge().Files.License == "" {
			if _, err := a.ImportFile(t.Context(), file); err != nil {
				t.Fatal(err)
			}
		}
		want := enforcement.Active
		if parts == nil {
			want = enforcement.Locked
		}
		if d := a.Decision(); d.State != want {
			t.Errorf("%d parts: %v", len(parts), d)
		}
		if err := a.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
