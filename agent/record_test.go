package agent

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// A record of a newer version of the application is left as it is.
func TestNewerRecordIsLeftAlone(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.Licence{})
		newer := []byte(`{"format":99,"facts":{}}`)
		if _, err := storage.Update(w.Context(), a.ledger.Store, func(st storage.State) (storage.State, error) {
			st.Data = newer
			return st, nil
		}); err != nil {
			t.Fatal(err)
		}
		// An agent that runs keeps what it knows.
		_, err := a.Refresh(w.Context())
		if err == nil || !strings.Contains(err.Error(), "update the application") {
			t.Errorf("error %v", err)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		_ = a.Close(w.Context())

		b := w.open()
		expect(t, b.Decision(), enforcement.Locked, enforcement.NotActivated)
		if failed, _ := take[StoreFailed](w.listen(b)); len(failed) != 1 {
			t.Errorf("%d StoreFailed", len(failed))
		}
		w.line.requests()
		_, err = b.Activate(w.Context(), lic.Key)
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != UsageKind || !strings.Contains(err.Error(), "update the application") {
			t.Errorf("error %v", err)
		}
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("%d requests for a seat that cannot be kept", n)
		}
		_ = b.Close(w.Context())
		st, err := b.ledger.Store.Load(w.Context())
		if err != nil || string(st.Data) != string(newer) {
			t.Errorf("stored is now %s, %v", st.Data, err)
		}
	})
}

// What is kept holds no licence by itself: edited facts prove nothing.
func TestFactsWithoutEvidenceAreNoLicence(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.Licence{})
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
