package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestActivateWithABadKeyAsksNobody(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		_, err := a.Activate(w.Context(), "  ")
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindUsage || !errors.Is(err, ErrInput) {
			t.Errorf("error: %v", err)
		}
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// A refusal of a mistyped or foreign key leaves the licence that is held.
func TestRefusedKeyLeavesTheLicense(t *testing.T) {
	for name, change := range map[string]func(*slasconetest.License){
		"unknown":  nil,
		"inactive": func(l *slasconetest.License) { l.Inactive = true },
		"expired":  func(l *slasconetest.License) { l.Expires = time.Now().Add(-90 * day) },
		"full":     func(l *slasconetest.License) { l.TokenLimit = new(0) },
		"version":  func(l *slasconetest.License) { l.ReleaseLimit = "1.0" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, held := w.activated(slasconetest.License{})
				key := "00000000-0000-4000-8000-000000000000"
				if change != nil {
					other := slasconetest.License{}
					change(&other)
					key = w.srv.AddLicense(other).Key
				}
				w.sleep(time.Hour)
				_, err := a.Activate(w.Context(), key)
				if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindConflict {
					t.Errorf("error: %v", err)
				}
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				if a.License().Key() != held.Key {
					t.Errorf("licence %q", a.License().Key())
				}
				w.close(a)
				expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
			})
		})
	}
}

// Without a licence the refusal explains why there is none.
func TestRefusedFirstKey(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{TokenLimit: new(0)})
		a := w.open()
		d, err := a.Activate(w.Context(), lic.Key)
		if err == nil {
			t.Fatal("no error")
		}
		if d.State != enforcement.Locked || d.Code != enforcement.Code(2000) {
			t.Errorf("decision %v", d)
		}
		w.close(a)
		b := w.open()
		if got := b.Decision(); got != d {
			t.Errorf("after a restart %v, before %v", got, d)
		}
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.TokenLimit = new(1) })
		if _, err := b.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// A transient failure is tried once more, and the seat is taken once.
func TestActivateTriesTwice(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{TokenLimit: new(1)})
		a := w.open()
		w.srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, AfterEffect: true, Times: 1})
		began := time.Now()
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if n := len(w.srv.Tokens(lic.Key)); n != 1 {
			t.Errorf("%d seats are taken", n)
		}
	})
}

func TestDeactivate(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		if _, err := a.Deactivate(w.Context()); !errors.Is(err, ErrNotActivated) {
			t.Errorf("without a licence: %v", err)
		}
		lic := w.srv.AddLicense(floating)
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if _, err := a.OpenSession(w.Context(), 0); err != nil {
			t.Fatal(err)
		}

		// The server cannot be asked: nothing is lost.
		w.line.set(func(l *line) { l.down = true })
		_, err := a.Deactivate(w.Context())
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindSilence {
			t.Errorf("in an outage: %v", err)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.line.set(func(l *line) { l.down = false })

		d, err := a.Deactivate(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		expect(t, d, enforcement.Locked, enforcement.NotActivated)
		if s := a.Session(); s != (Session{}) {
			t.Errorf("session %+v", s)
		}
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d sessions on the server", n)
		}
		w.close(a)
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		w.start(b)
		w.line.requests()
		w.sleep(longer(2*day, 10*day))
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("a client that gave its licence back sent %d requests", n)
		}
	})
}

// Giving a licence back does not make room for an answer of the past.
func TestDeactivateKeepsTheTime(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		seen := a.License().IssuedAt()
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		b := w.open()
		if known := b.ledger.ServerTime(); !known.NotBefore.Equal(seen) {
			t.Errorf("answers from %v on are believed, want %v", known.NotBefore, seen)
		}
	})
}

// What was queued is delivered before the seat is gone, or kept for later.
func TestDeactivateLosesNoReport(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{})
		use := func(a *Agent) {
			t.Helper()
			if err := a.Use(w.Context(), "export"); err != nil {
				t.Fatal(err)
			}
		}
		use(a)
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.srv.Usages()); n != 1 || a.Queued() != 0 {
			t.Errorf("%d reports arrived, %d are queued", n, a.Queued())
		}
		use(a)
		w.close(a)

		b := w.open()
		if _, err := b.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		if err := b.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.srv.Usages()); n != 2 {
			t.Errorf("%d reports arrived, want 2", n)
		}
	})
}

// Somebody else gave the seat back already.
func TestDeactivateAFreeSeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		w.srv.ReleaseToken(a.License().TokenKey())
		if _, err := a.Deactivate(w.Context()); err != nil {
			t.Error(err)
		}
		expect(t, a.Decision(), enforcement.Locked, enforcement.NotActivated)
	})
}

func TestErase(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		if err := a.Erase(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.close(a)
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		if _, drifted := b.DeviceDrift(); drifted || !b.License().IsZero() {
			t.Error("something is left")
		}
		if b.ledger.Store.Kind() != storage.KindFile {
			t.Errorf("store %v", b.ledger.Store.Kind())
		}
	})
}

// A licence that is no good does not replace the one that is held, however the
// server says so.
func TestAnActivationThatGrantsNothingReplacesNothing(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	good := srv.AddLicense(slasconetest.License{Name: "good"})
	later := srv.AddLicense(slasconetest.License{Name: "later", Starts: time.Now().Add(48 * time.Hour)})
	a := newAgent(t, configFor(t, srv))
	if _, err := a.Activate(t.Context(), good.Key); err != nil {
		t.Fatal(err)
	}
	d, err := a.Activate(t.Context(), later.Key)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindConflict {
		t.Errorf("activating a licence that has not begun: %v", err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if a.License().Key() != good.Key {
		t.Errorf("the licence is now %q", a.License().Terms().Name)
	}
}
