package agent

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// files returns the paths of the regular files below a folder.
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

// What happens to the file while the application runs costs it nothing.
func TestStoreSpoiledAtRunTime(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string){
		"damaged": spoil,
		"removed": func(t *testing.T, dir string) {
			for _, path := range filesBelow(t, dir) {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a file instead of the folder": func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.activated(slasconetest.License{Freeride: new(7)})
				harm(t, w.cfg.StateDir)
				w.line.set(func(l *line) { l.down = true })
				for range 3 {
					if _, err := a.Heartbeat(w.Context()); err == nil {
						t.Error("an outage is no error")
					}
				}
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				w.line.set(func(l *line) { l.down = false })
				_, err := a.Heartbeat(w.Context())
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				if name == "a file instead of the folder" {
					if err != nil || a.ledger.Store.Kind() != storage.KindMemory {
						t.Errorf("an answer that cannot be kept: %v, in %s", err, a.ledger.Store.Kind())
					}
					if a.Close(w.Context()) == nil {
						t.Error("Close says that all was kept")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				w.close(a)
				expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
			})
		})
	}
}

func TestStoreSpoiledBetweenRuns(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		w.close(a)
		spoil(t, w.cfg.StateDir)
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		e := w.listen(b)
		if failed, _ := take[StoreFailed](e); len(failed) == 0 {
			t.Error("no StoreFailed tells of the damage")
		}
		if _, err := b.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		w.close(b)
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// A place for files that cannot be used is no reason not to start: what is
// learned holds for this run, is told of, and is kept as soon as it can be.
func TestNoPlaceForFiles(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		if err := os.WriteFile(w.cfg.StateDir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		lic := w.srv.AddLicense(slasconetest.License{Freeride: new(7)})
		for range 2 {
			a := w.open()
			if chosen, _ := take[StoreChosen](w.listen(a)); len(chosen) != 1 || chosen[0].Kind != storage.KindMemory || chosen[0].Reason == "" {
				t.Errorf("told of %+v", chosen)
			}
			expect(t, a.Decision(), enforcement.Locked, enforcement.NotActivated)
			for range 2 {
				if _, err := a.Activate(w.Context(), lic.Key); err != nil {
					t.Fatal(err)
				}
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			if d := a.Diagnose(); d.Store != storage.KindMemory || d.Reason == "" {
				t.Errorf("kept in %s because %q", d.Store, d.Reason)
			}
			if err := a.Close(w.Context()); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Close does not say that nothing is kept: %v", err)
			}
		}
		if tokens := w.srv.Tokens(lic.Key); len(tokens) != 1 {
			t.Errorf("%d seats were taken", len(tokens))
		}

		a := w.open()
		e := w.listen(a)
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(w.cfg.StateDir); err != nil {
			t.Fatal(err)
		}
		if err := a.Use(w.Context(), "f"); err != nil { // anything that is learned
			t.Fatal(err)
		}
		if chosen, _ := take[StoreChosen](e); len(chosen) != 2 || chosen[1].Kind != storage.KindFile {
			t.Errorf("told of %+v", chosen)
		}
		w.close(a)
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// Two windows on one folder see each other's answers, and none is lost.
func TestTwoWindows(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		b := w.open()
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)

		w.sleep(time.Hour)
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: 1002, Times: 2})
		if _, err := a.Heartbeat(w.Context()); err == nil {
			t.Fatal("1002 is no error")
		}
		// b gets no answer, and learns of a's all the same.
		w.line.set(func(l *line) { l.down = true })
		if _, err := b.Heartbeat(w.Context()); err == nil {
			t.Fatal("an outage is no error")
		}
		expect(t, b.Decision(), enforcement.Locked, enforcement.Inactive)
		w.line.set(func(l *line) { l.down = false })
		w.sleep(time.Minute)
		if _, err := b.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(b)
		w.close(a) // keeps its clock, not its old knowledge
		c := w.open()
		expect(t, c.Decision(), enforcement.Active, enforcement.NoCause)
		if c.License().Key() != lic.Key {
			t.Errorf("licence %q", c.License().Key())
		}
	})
}

// A No that could not be kept is not lost when another window has stored
// something in between.
func TestUnkeptAnswersAreNotLost(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		b := w.open()
		w.sleep(time.Hour)
		hidden := w.cfg.StateDir + ".hidden"
		if err := os.Rename(w.cfg.StateDir, hidden); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(w.cfg.StateDir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: 1002, Times: 2})
		if _, err := a.Heartbeat(w.Context()); err == nil {
			t.Fatal("1002 is no error")
		}
		expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
		if err := os.Remove(w.cfg.StateDir); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(hidden, w.cfg.StateDir); err != nil {
			t.Fatal(err)
		}
		w.line.set(func(l *line) { l.down = true })
		_, _ = b.Heartbeat(w.Context()) // stores a Silence
		w.close(a)
		expect(t, w.open().Decision(), enforcement.Locked, enforcement.Inactive)
	})
}

// Evidence is verified again at each start: with another key it proves
// nothing, and says so.
func TestEvidenceIsVerifiedAtLoad(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, slasconetest.Config{Signing: slasconetest.SigningRSA}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.close(a)
		right := w.cfg.Signature.PublicKey
		w.cfg.Signature.PublicKey = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		if failed, _ := take[StoreFailed](w.listen(b)); len(failed) != 1 {
			t.Errorf("%d StoreFailed, want 1", len(failed))
		}
		_, _ = b.Heartbeat(w.Context())
		w.close(b)
		// Nothing is lost by the mistake.
		w.cfg.Signature.PublicKey = bytes.Join([][]byte{w.cfg.Signature.PublicKey, right}, nil)
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// The state of another device is not this one's: not_activated by another
// name, and the old ID is told.
func TestDeviceChanged(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		w.close(a)
		w.cfg.DeviceID = "device-9"
		b := w.open()
		d := b.Decision()
		named := false
		for f := range d.Findings() {
			named = named || f.Cause == enforcement.DeviceMismatch
		}
		if d.State != enforcement.Locked || !named {
			t.Errorf("decision %v does not name the change of device", d)
		}
		drift, ok := b.DeviceDrift()
		if !ok || drift.Kept != testDevice {
			t.Errorf("drift %+v, %v", drift, ok)
		}
		changed, _ := take[DeviceChanged](w.listen(b))
		if len(changed) != 1 || changed[0].Drift != drift {
			t.Errorf("events: %v", changed)
		}
		if _, err := b.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if _, ok := b.DeviceDrift(); ok {
			t.Error("drift after activation on the new device")
		}
		w.close(b)
		c := w.open()
		expect(t, c.Decision(), enforcement.Active, enforcement.NoCause)
		if _, ok := c.DeviceDrift(); ok {
			t.Error("drift after a restart")
		}
	})
}

func TestRollbackSurvivesARestart(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(30), HeartbeatPeriod: new(30)})
		w.sleep(3 * day)
		w.moveClock(-2 * day)
		expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
		since := a.Decision().Since
		w.flush(a)
		for range 4 { // restarting does not begin the grace anew
			w.sleep(5 * time.Hour)
			b := w.open()
			expect(t, b.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
			if got := b.Decision().Since; !got.Equal(since) {
				t.Errorf("grace since %v, want %v", got, since)
			}
			if suspect, _ := take[ClockSuspect](w.listen(b)); len(suspect) != 1 || !suspect[0].Since.Equal(since) {
				t.Errorf("events: %v", suspect)
			}
			w.sleep(2 * time.Hour)
			w.flush(b)
		}
		b := w.open()
		w.sleep(20 * time.Hour)
		expect(t, b.Decision(), enforcement.ReadOnly, enforcement.ClockRolledBack)
		if _, err := b.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// flush closes an agent as if it had been started, without what it would do then.
func (w *world) flush(a *Agent) {
	w.Helper()
	if err := a.ledger.Flush(); err != nil {
		w.Fatal(err)
	}
	w.close(a)
}

// A clock that once stood at 2099 locks nobody out for ever.
func TestClockThatStoodAt2099(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7), Expires: time.Now().Add(365 * day), Floating: true, SessionPeriod: new(10)})
		w.close(a)

		// The dead battery: a new version starts at 2099 and even takes a seat.
		w.moveClock(time.Until(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
		w.cfg.App.Version = "2.0.0"
		b := w.open()
		if d := b.Decision(); d.State < enforcement.ReadOnly {
			t.Errorf("at 2099: %v", d)
		}
		if _, err := b.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.close(b)

		w.moveClock(0)
		c := w.open()
		if d := c.Decision(); d.State != enforcement.Active { // it is right now
			t.Errorf("before an answer: %v", d)
		}
		w.start(c)
		w.sleep(10 * time.Minute)
		expect(t, c.Decision(), enforcement.Active, enforcement.NoCause)
		if now := c.Now(); time.Until(now).Abs() > time.Minute {
			t.Errorf("trusted time %v", now)
		}
		w.close(c)
		d := w.open()
		expect(t, d.Decision(), enforcement.Active, enforcement.SessionMissing) // given back
		w.sleep(time.Hour)
		if d.License().Key() != lic.Key {
			t.Errorf("licence %q", d.License().Key())
		}
	})
}

// Of two windows, the one whose clock an answer has set decides what is kept:
// the other does not bring 2099 back.
func TestOtherWindowDoesNotBring2099Back(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		b := w.open()
		w.sleep(time.Hour)
		w.moveClock(time.Until(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
		_, _ = a.Decision(), b.Decision() // both see it
		w.moveClock(0)
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.close(b) // still believes in 2099
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(a)
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

func TestNowBeforeTheEndOfEveryState(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		state enforcement.State
	}{{time.Hour, enforcement.Active}, {4 * day, enforcement.Grace}, {8 * day, enforcement.ReadOnly}, {30 * day, enforcement.Locked}} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(7)})
			w.sleep(tt.after)
			before := a.Decision()
			w.close(a)
			b := w.open()
			if got := b.Decision(); got != before || got.State != tt.state {
				t.Errorf("after a restart: %v, before: %v, want %v", got, before, tt.state)
			}
		})
	}
}

func TestTwoProductsInOneProcess(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		product := w.srv.AddProduct(slasconetest.Product{Name: "Draw"})
		a, _ := w.activated(slasconetest.License{Features: []slasconetest.Feature{{Name: "pdf-export"}}})
		w.cfg.ProductID = product.ID
		b, _ := w.activated(slasconetest.License{ProductID: product.ID, Features: []slasconetest.Feature{{Name: "svg-export"}}})
		w.start(a)
		w.start(b)
		w.sleep(3 * day)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		if !a.Allows("pdf-export") || a.Allows("svg-export") || b.Allows("pdf-export") || !b.Allows("svg-export") {
			t.Error("the products' features are mixed up")
		}
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		synctest.Wait()
	})
}

// Two windows that learn at the same time lose nothing of each other's.
func TestConcurrentWindowsLoseNothing(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	cfg := configFor(t, srv)
	const windows, times = 3, 20
	var all sync.WaitGroup
	for range windows {
		a := newAgent(t, cfg)
		all.Go(func() {
			for range times {
				if err := a.ledger.Keep(t.Context(), func(k *record.Known) { k.Contact.Failures++ }); err != nil {
					t.Error(err)
				}
				a.ledger.Refresh(t.Context())
			}
		})
	}
	all.Wait()
	if got := newAgent(t, cfg).knowledge().Contact.Failures; got != windows*times {
		t.Errorf("%d of %d are kept", got, windows*times)
	}
}
