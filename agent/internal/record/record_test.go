package record

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestRecordSurvivesJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	facts := enforcement.Facts{}.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: 1002, At: at})
	facts = facts.Silent(enforcement.SilentNetwork, at)
	rec := Record{
		Format:        Format,
		Evidence:      slascone.Evidence{Kind: slascone.KindHeartbeat, Body: []byte("{\"x\":\"\u00e4\"}\n"), Signature: "c2ln"},
		ReceivedAt:    at,
		JudgedVersion: "1.4.2",
		Facts:         facts,
		Seat:          Seat{SessionID: "s", LicenseKey: "k", Evidence: slascone.Evidence{Kind: slascone.KindSession, Body: []byte("\xff\xfe"), Signature: "c2ln"}, Checkout: time.Hour},
		Contact:       heartbeat.History{}.Failed(heartbeat.Plan{}, at, time.Minute, 0.5),
	}
	data, err := rec.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
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
		rec := Record{
			Evidence: slascone.Evidence{Kind: slascone.KindHeartbeat, Body: body, Signature: strings.Repeat("c", 1<<10)},
			Seat:     Seat{Evidence: slascone.Evidence{Kind: slascone.KindSession, Body: body[:largest/2]}},
		}
		data, err := rec.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > storage.MaxData {
			t.Errorf("%q: %d bytes, the store takes %d", text, len(data), storage.MaxData)
		}
		if got, err := Decode(data); err != nil || !bytes.Equal(got.Evidence.Body, body) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDecodeRecord(t *testing.T) {
	if r, err := Decode(nil); err != nil || r.Format != Format {
		t.Errorf("nothing: %+v, %v", r, err)
	}
	for _, text := range []string{"{", "[]", `{"format":2}`, `{}`, `{"format":1,"facts":{"refusals":[{"cause":"none such"}]}}`} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`{"format":1,"evidence":"heartbeat\nc2ln\n{}","facts":{"refusals":[]}}`))
	f.Add([]byte(`{"format":1,"seat":{"session_id":"s"},"contact":{"failures":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			return
		}
		again, err := r.Encode()
		if err != nil {
			return // a date that JSON cannot write
		}
		if _, err := Decode(again); err != nil {
			t.Errorf("written back it is not read: %v\n%s", err, again)
		}
	})
}
