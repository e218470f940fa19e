package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestRecordSurvivesJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	facts := enforcement.Facts{}.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: 1002, At: at})
	facts = facts.Silent(enforcement.SilentNetwork, at)
	rec := record{
		Format:        recordFormat,
		Evidence:      slascone.Evidence{Kind: slascone.KindHeartbeat, Body: []byte("{\"x\":\"\u00e4\"}\n"), Signature: "c2ln"},
		ReceivedAt:    at,
		JudgedVersion: "1.4.2",
		Facts:         facts,
		Seat:          seat{SessionID: "s", LicenceKey: "k", Evidence: slascone.Evidence{Kind: slascone.KindSession, Body: []byte("\xff\xfe"), Signature: "c2ln"}, Checkout: time.Hour},
		Contact:       heartbeat.History{}.Failed(heartbeat.Plan{}, at, time.Minute, 0.5),
	}
	data, err := rec.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRecord(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, rec) {
		t.Errorf("got  %+v\nwant %+v", got, rec)
	}
}

// TestLargestRecordFits has answers of the largest size that is read, of what
// JSON makes longest.
func TestLargestRecordFits(t *testing.T) {
	const largest = 4 << 20
	for _, text := range []string{`"`, "\n", "<", "\u2028", "\xff"} {
		body := bytes.Repeat([]byte(text), largest/len(text))
		rec := record{
			Evidence: slascone.Evidence{Kind: slascone.KindHeartbeat, Body: body, Signature: strings.Repeat("c", 1<<10)},
			Seat:     seat{Evidence: slascone.Evidence{Kind: slascone.KindSession, Body: body[:largest/2]}},
		}
		data, err := rec.encode()
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > storage.MaxData {
			t.Errorf("%q: %d bytes, the store takes %d", text, len(data), storage.MaxData)
		}
		if got, err := decodeRecord(data); err != nil || !bytes.Equal(got.Evidence.Body, body) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDecodeRecord(t *testing.T) {
	if r, err := decodeRecord(nil); err != nil || r.Format != recordFormat {
		t.Errorf("nothing: %+v, %v", r, err)
	}
	for _, text := range []string{"{", "[]", `{"format":2}`, `{}`, `{"format":1,"facts":{"refusals":[{"cause":"none such"}]}}`} {
		if _, err := decodeRecord([]byte(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`{"format":1,"evidence":"heartbeat\nc2ln\n{}","facts":{"refusals":[]}}`))
	f.Add([]byte(`{"format":1,"seat":{"session_id":"s"},"contact":{"failures":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil {
			return // a date that JSON cannot write
		}
		if _, err := decodeRecord(again); err != nil {
			t.Errorf("written back it is not read: %v\n%s", err, again)
		}
	})
}

// A record of a newer version of the application is left as it is.
func TestNewerRecordIsLeftAlone(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.Licence{})
		newer := []byte(`{"format":99,"facts":{}}`)
		if _, err := storage.Update(w.Context(), a.store, func(st storage.State) (storage.State, error) {
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
		st, err := b.store.Load(w.Context())
		if err != nil || string(st.Data) != string(newer) {
			t.Errorf("stored is now %s, %v", st.Data, err)
		}
	})
}

// What is kept holds no licence by itself: edited facts prove nothing.
func TestFactsWithoutEvidenceAreNoLicence(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.Licence{})
		if _, err := storage.Update(w.Context(), a.store, func(st storage.State) (storage.State, error) {
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
