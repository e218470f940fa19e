package agent

import (
	"errors"
	"os"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// A seat is not given back where the licence cannot be removed: it would be used
// here and elsewhere.
func TestDeactivateWhereNothingCanBeWritten(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		if err := os.RemoveAll(w.cfg.StateDir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(w.cfg.StateDir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := a.Deactivate(w.Context())
		if !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Deactivate: %v, want ErrUnavailable", err)
		}
		expect(t, d, enforcement.Active, enforcement.NoCause)
		if n := len(w.srv.Tokens(lic.Key)); n != 1 {
			t.Errorf("%d seats are taken at the server, want 1", n)
		}
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// What an earlier process has queued is delivered before the licence is given
// back.
func TestDeactivateDeliversWhatWasQueuedBefore(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.use(a, "f", "f")
		w.close(a)
		if _, err := w.open().Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		if got := totals(w.srv)["f"]; got != "2" {
			t.Errorf("the server knows of %q", got)
		}
	})
}
