package agent

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// A record of a newer version of the application is set aside, as a newer format
// of the store is, and the server gives the licence again.
func TestNewerRecordIsSetAside(t *testing.T) {
	for name, newer := range map[string]string{"newer": `{"format":99,"facts":{}}`, "no JSON": "{"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, lic := w.activated(slasconetest.License{Freeride: new(7)})
				write := func() {
					if _, err := storage.Update(w.Context(), a.ledger.Store, func(st storage.State) (storage.State, error) {
						st.Data = []byte(newer)
						return st, nil
					}); err != nil {
						t.Fatal(err)
					}
				}
				write()
				// An agent that runs keeps what it knows, and writes it.
				w.line.set(func(l *line) { l.down = true })
				_, _ = a.Heartbeat(w.Context())
				w.line.set(func(l *line) { l.down = false })
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				w.close(a)
				a = w.open()
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)

				write()
				w.close(a)
				b := w.open()
				expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
				if failed, _ := take[StoreFailed](w.listen(b)); len(failed) != 1 {
					t.Errorf("%d StoreFailed", len(failed))
				}
				if _, err := b.Activate(w.Context(), lic.Key); err != nil {
					t.Fatal(err)
				}
				w.close(b)
				expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
				if aside, _ := filepath.Glob(filepath.Join(w.cfg.StateDir, "*", "*.newer")); len(aside) != 1 {
					t.Errorf("set aside: %v", aside)
				}
			})
		})
	}
}

// What is kept holds no licence by itself: edited facts prove nothing.
func TestFactsWithoutEvidenceAreNoLicense(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{})
		if _, err := storage.Update(w.Context(), a.ledger.Store, func(st storage.State) (storage.State, error) {
			var rec map[string]json.RawMessage
			if err := json.Unmarshal(st.Data, &rec); err != nil {
				return st, err
			}
			delete(rec, "evidence")
			var err error
			st.Data, err = json.Marshal(rec)
			return st, err
		}); err != nil {
			t.Fatal(err)
		}
		expect(t, w.open().Decision(), enforcement.Locked, enforcement.NotActivated)
	})
}
