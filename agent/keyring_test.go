package agent

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// ways are how a keyring goes away; each returns how it comes back.
var ways = map[string]func(*storagetest.Keyring) (back func()){
	"locked": func(r *storagetest.Keyring) func() { return failing(r, "the keyring is locked") },
	"absent": func(r *storagetest.Keyring) func() { return failing(r, "there is no D-Bus session") },
	"hangs": func(r *storagetest.Keyring) func() {
		release := r.Hang()
		return func() {
			release()
			sleepInBubble(2 * time.Minute) // until the breaker lets calls through
		}
	},
}

func failing(r *storagetest.Keyring, why string) (back func()) {
	r.Fail(errors.New(why))
	return func() { r.Fail(nil) }
}

// withKeyring runs a test for each way in which a keyring goes away.
func withKeyring(t *testing.T, f func(t *testing.T, w *world, away func() (back func()))) {
	t.Helper()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				ring := w.useKeyring()
				f(t, w, func() func() { return way(ring) })
			})
		})
	}
}

// useKeyring has the agents of w keep their state in a keyring.
func (w *world) useKeyring() *storagetest.Keyring {
	ring := &storagetest.Keyring{}
	w.cfg.Store, w.cfg.Keyring = storage.KindAuto, ring
	return ring
}

// removeFiles removes the files of the store with that ending.
func (w *world) removeFiles(ending string) {
	w.Helper()
	n := 0
	for _, path := range filesBelow(w.T, w.cfg.StateDir) {
		if strings.HasSuffix(path, ending) {
			n++
			if err := os.Remove(path); err != nil {
				w.Fatal(err)
			}
		}
	}
	if n == 0 {
		w.Fatalf("there is no file that ends in %s", ending)
	}
}

// setInactive has the server refuse heartbeats because the licence is switched
// off, until it is switched on again. A conflict leaves the evidence as it is, so
// that only the order of commits tells what is newest.
func (w *world) setInactive(inactive bool) {
	w.srv.ClearFaults()
	if inactive {
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.LicenseInactive)})
	}
}

func (w *world) offline(down bool) { w.line.set(func(l *line) { l.down = down }) }

// expectTrust fails the test if the agent takes its record or the clock for one
// that was set back.
func expectTrust(t *testing.T, a *Agent) {
	t.Helper()
	if since := a.Diagnose().RolledBackSince; !since.IsZero() {
		t.Errorf("the clock is suspect since %v", since)
	}
}

// What a running agent learns while the keyring is away is kept, and a No not
// forgotten when it is back.
func TestKeyringGoesAwayAtRunTime(t *testing.T) {
	t.Run("with the copy", func(t *testing.T) { keyringGoesAwayAtRunTime(t, true) })
	t.Run("without", func(t *testing.T) { keyringGoesAwayAtRunTime(t, false) })
}

func keyringGoesAwayAtRunTime(t *testing.T, withCopy bool) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		if a.ledger.Store.Kind() != storage.KindKeyring {
			t.Fatalf("kept in %s", a.ledger.Store.Kind())
		}
		back := away()
		if !withCopy {
			w.removeFiles(".copy")
		}
		w.sleep(time.Minute)
		w.setInactive(true)
		_, _ = a.Heartbeat(w.Context())
		expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
		if n := a.Diagnose().Unsaved; n != 0 {
			t.Errorf("%d things are not kept", n)
		}
		w.close(a)
		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.Inactive)
		if d := b.Diagnose(); d.Store != storage.KindFile || d.Reason == "" || d.Problem != nil {
			t.Errorf("kept in %s because %q, problem %v", d.Store, d.Reason, d.Problem)
		}
		w.close(b)

		back()
		c := w.open()
		expect(t, c.Decision(), enforcement.Locked, enforcement.Inactive)
		if d := c.Diagnose(); d.Store != storage.KindKeyring || d.Reason != "" {
			t.Errorf("kept in %s because %q", d.Store, d.Reason)
		}
		expectTrust(t, c)
		w.sleep(time.Minute)
		w.setInactive(false)
		if _, err := c.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, c.Decision(), enforcement.Active, enforcement.NoCause)
		expectTrust(t, c)
	})
}

// A keyring that is away takes nothing away and gives nothing: the licence ages
// as it would have, whatever is restarted meanwhile.
func TestStartWithoutTheKeyring(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7), Features: []slasconetest.Feature{{Name: "pdf-export"}}})
		proven := a.License().IssuedAt()
		coming := a.Forecast()
		w.close(a)
		back := away()
		w.offline(true)
		for i, state := range []enforcement.State{enforcement.Active, enforcement.Active, enforcement.Grace, enforcement.ReadOnly} {
			b := w.open()
			if b.Decision().State != state {
				t.Errorf("start %d: %v, want %v", i, b.Decision(), state)
			}
			if usable := state < enforcement.ReadOnly; b.Allows("pdf-export") != usable {
				t.Errorf("start %d: the feature is allowed: %v", i, !usable)
			}
			_, _ = b.Heartbeat(w.Context())
			if !b.License().IssuedAt().Equal(proven) {
				t.Errorf("start %d: proven at %v, want %v", i, b.License().IssuedAt(), proven)
			}
			w.close(b)
			w.sleep(3 * 24 * time.Hour)
		}
		if n := len(coming); n == 0 || !coming[n-1].At.Equal(proven.Add((7+14)*24*time.Hour)) {
			t.Errorf("the forecast was %v", coming)
		}

		// A Yes is kept in the file, and is the newest when the keyring is back.
		w.offline(false)
		c := w.open()
		if _, err := c.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		proven = c.License().IssuedAt()
		w.close(c)
		w.offline(true)
		back()
		d := w.open()
		expect(t, d.Decision(), enforcement.Active, enforcement.NoCause)
		if !d.License().IssuedAt().Equal(proven) || d.ledger.Store.Kind() != storage.KindKeyring {
			t.Errorf("proven at %v, want %v; in %s", d.License().IssuedAt(), proven, d.ledger.Store.Kind())
		}
		expectTrust(t, d)
	})
}

func TestActivateWithoutTheKeyring(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		second := w.srv.AddLicense(slasconetest.License{Freeride: new(7)})
		back := away()
		for _, key := range []string{lic.Key, second.Key} {
			if _, err := a.Activate(w.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		w.close(a)
		back()
		b := w.open()
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		if key := b.License().Key(); key != second.Key {
			t.Errorf("the licence is %s, want the one activated last", key)
		}
		expectTrust(t, b)
	})
}

// One process reaches the keyring and another does not, as over SSH.
func TestOneOfTwoProcessesHasNoKeyring(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.useKeyring()
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		remote := &storagetest.Keyring{}
		remote.Fail(errors.New("there is no D-Bus session"))
		local := w.cfg.Keyring
		w.cfg.Keyring = remote
		b := w.open()
		w.cfg.Keyring = local
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		for i := range 3 {
			w.sleep(time.Minute)
			w.setInactive(true)
			_, _ = b.Heartbeat(w.Context())
			w.offline(true)
			_, _ = a.Heartbeat(w.Context())
			expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)

			w.sleep(time.Minute)
			w.offline(false)
			w.setInactive(false)
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Fatal(i, err)
			}
			w.offline(true)
			_, _ = b.Heartbeat(w.Context())
			expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
			expectTrust(t, a)
			expectTrust(t, b)
			w.offline(false)
		}
	})
}

// Where the copy is gone as well, the mark still vouches for a licence, which
// then counts as overdue since its last Yes: neither locked at once nor renewed
// by starting again.
func TestRecordOutOfReach(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, _ := w.activated(slasconetest.License{Freeride: new(30)})
		proven := a.License().IssuedAt()
		if err := a.Use(w.Context(), "export"); err != nil {
			t.Fatal(err)
		}
		w.offline(true)
		w.close(a)
		back := away()
		w.removeFiles(".copy")
		end := proven.Add(14 * 24 * time.Hour) // of what the standard policy leaves when freeride is over

		w.sleep(24 * time.Hour)
		b := w.open()
		expect(t, b.Decision(), enforcement.ReadOnly, enforcement.Unreachable)
		if until := b.Decision().Until; !until.Equal(end) || b.Decision().Remedy != enforcement.GoOnline {
			t.Errorf("until %v, want %v; remedy %v", until, end, b.Decision().Remedy)
		}
		if problem := b.Diagnose().Problem; !errors.Is(problem, storage.ErrOutOfReach) {
			t.Errorf("problem %v", problem)
		}
		if failed, _ := take[StoreFailed](w.listen(b)); len(failed) != 1 {
			t.Errorf("%d StoreFailed, want 1", len(failed))
		}
		_, _ = b.Heartbeat(w.Context()) // and what that teaches goes to the file
		if err := b.Use(w.Context(), "export"); err == nil || !strings.Contains(err.Error(), "unlock the keyring") {
			t.Errorf("a journal whose key is out of reach: %v", err)
		}
		w.close(b)
		for i := range 2 {
			c := w.open()
			if d := c.Decision(); d.State != enforcement.ReadOnly || !d.Until.Equal(end) {
				t.Errorf("start %d: %v", i, d)
			}
			w.close(c)
		}
		back()
		d := w.open()
		if at := d.Decision().Until; !at.Equal(proven.Add(15 * 24 * time.Hour)) { // half of it
			t.Errorf("%v, want the licence's own freeride", d.Decision())
		}
		w.offline(false)
		if err := d.Flush(w.Context()); err != nil || len(w.srv.Usages()) != 1 {
			t.Errorf("%d uses arrived: %v", len(w.srv.Usages()), err)
		}
		expectTrust(t, d)
	})
}

// Removing what is kept without the keyring gains nothing, and is noticed.
func TestRecordOutOfReachIsTamperedWith(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, _ := w.activated(slasconetest.License{Freeride: new(30)})
		w.close(a)
		back := away()
		w.removeFiles(".copy")
		w.offline(true)
		for range 3 {
			b := w.open()
			if d := b.Decision(); d.State < enforcement.ReadOnly {
				t.Errorf("%v", d)
			}
			_, _ = b.Heartbeat(w.Context())
			w.close(b)
			w.removeFiles(".state")
			w.sleep(time.Hour)
		}
		back()
		b := w.open()
		expect(t, b.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
		w.offline(false)
		if _, err := b.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		expectTrust(t, b)
	})
}

// A server that answers settles it, and its answer outranks what the keyring
// has when that is back.
func TestRecordOutOfReachIsAnswered(t *testing.T) {
	for name, refused := range map[string]bool{"yes": false, "no": true} {
		t.Run(name, func(t *testing.T) {
			withKeyring(t, func(t *testing.T, w *world, away func() func()) {
				a, _ := w.activated(slasconetest.License{Freeride: new(30)})
				w.close(a)
				back := away()
				w.removeFiles(".copy")
				w.sleep(time.Hour)
				w.setInactive(refused)

				want := func(a *Agent) {
					t.Helper()
					if refused {
						expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
					} else {
						expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
					}
					expectTrust(t, a)
				}
				b := w.open()
				expect(t, b.Decision(), enforcement.ReadOnly, enforcement.Unreachable)
				w.start(b) // asks at once
				w.sleep(time.Hour)
				want(b)
				if refused { // and goes on asking
					w.setInactive(false)
					w.sleep(3 * time.Hour)
					expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
					w.setInactive(true)
					_, _ = b.Heartbeat(w.Context())
					want(b)
				}
				w.close(b)
				if age := time.Since(stored(t, b).HighWater); age != 0 {
					t.Errorf("the high-water mark is %v behind", age)
				}
				w.offline(true)
				c := w.open()
				want(c)
				w.close(c)
				back()
				want(w.open())
			})
		})
	}
}

// An agent that has never seen the record takes it over when the keyring is
// back, and what it has learned meanwhile goes on counting for nothing.
func TestRecordComesBackWithinReach(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		a, lic := w.activated(slasconetest.License{Freeride: new(30)})
		w.close(a)
		back := away()
		w.removeFiles(".copy")
		w.offline(true)
		for _, learns := range []bool{false, true} {
			b := w.open()
			expect(t, b.Decision(), enforcement.ReadOnly, enforcement.Unreachable)
			if _, err := b.Deactivate(w.Context()); err == nil || errors.Is(err, ErrNotActivated) {
				t.Errorf("Deactivate: %v", err)
			}
			if learns {
				_, _ = b.Heartbeat(w.Context())
				back()
			} else {
				back()
			}
			_, _ = b.Heartbeat(w.Context())
			expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
			if b.License().Key() != lic.Key {
				t.Errorf("the licence is %q", b.License().Key())
			}
			expectTrust(t, b)
			w.close(b)
			if !learns {
				back = away()
				w.removeFiles(".copy")
			}
		}
	})
}

// A keyring that was reset, as after a forgotten password, costs no licence.
func TestKeyringIsReset(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		ring := w.useKeyring()
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		w.close(a)
		ring.Restore(nil)
		w.offline(true)
		b := w.open()
		expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
		expectTrust(t, b)
		w.close(b)
		if n := len(ring.Items()); n != 0 {
			t.Errorf("looking has written %d items", n)
		}
		c := w.open()
		_, _ = c.Heartbeat(w.Context())
		if n := len(ring.Items()); n != 1 {
			t.Errorf("%d items are in the keyring again, want that of the client", n)
		}
	})
}

// The application that wants the keyring alone is told.
func TestKeyringAloneIsAway(t *testing.T) {
	withKeyring(t, func(t *testing.T, w *world, away func() func()) {
		w.cfg.Store = storage.KindKeyring
		a, _ := w.activated(slasconetest.License{})
		w.close(a)
		back := away()
		if _, err := New(w.cfg); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("New: %v, want ErrUnavailable", err)
		}
		back()
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// While the journal's key cannot be kept, no use is accepted: what is sealed with
// it could not be read by the next process.
func TestAUseIsNotAcceptedUnderAKeyThatIsNotKept(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		ring := &storagetest.Keyring{}
		w.cfg.Store, w.cfg.Keyring = storage.KindKeyring, ring
		a, _ := w.activated(slasconetest.License{})
		back := failing(ring, "the keyring is locked")
		accepted := 0
		for range 3 {
			if a.Use(w.Context(), "f") == nil {
				accepted++
			}
		}
		back()
		w.use(a, "f")
		b := w.open() // a was killed
		if err := b.Flush(w.Context()); err != nil {
			t.Error(err)
		}
		if got := totals(w.srv)["f"]; got != fmt.Sprint(accepted+1) || accepted > 0 {
			t.Errorf("%d uses were accepted meanwhile, the server has %s", accepted, got)
		}
	})
}

// stored is what is kept of an agent.
func stored(t *testing.T, a *Agent) storage.State {
	t.Helper()
	st, err := a.ledger.Store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st
}
