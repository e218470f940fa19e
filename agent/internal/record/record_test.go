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
	if got.found = nil; !reflect.DeepEqual(*got, rec) {
		t.Errorf("got  %+v\nwant %+v", *got, rec)
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

// A user may install an earlier version of the application and then the later one
// again: what only that one knows is still there.
func TestRecordOfALaterVersion(t *testing.T) {
	const found = `{"format":1,"evidence":"heartbeat\nc2ln\n{}","facts":{"silence":{"since":"2026-03-01T05:00:00Z","kind":"network","x":1},"x":{"y":[2.50]}},` +
		`"contact":{"failures":1,"x":3},"clock":{"x":4},"run":{"open":true,"x":5},"seat":{"session_id":"s","licence_key":"k","x":6},"x":7}`
	r, err := Decode([]byte(found))
	if err != nil {
		t.Fatal(err)
	}
	r.LastError, r.Evidence.Body = "no route", []byte(`{"a":1}`)
	r.Facts = r.Facts.Silent(enforcement.SilentUnauthorized, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	r.Contact.Failures, r.Clock.Confirmed, r.Run.Open = 2, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), false
	kept, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{`"x":1`, `"x":{"y":[2.50]}`, `"x":3`, `"x":4`, `"x":5`, `"x":6`, `"x":7`} {
		if !strings.Contains(string(kept), member) {
			t.Errorf("%s is lost:\n%s", member, kept)
		}
	}
	again, err := Decode(kept)
	if err != nil {
		t.Fatal(err)
	}
	again.found, r.found = nil, nil
	if !reflect.DeepEqual(again, r) {
		t.Errorf("got  %+v\nwant %+v", again, r)
	}
	r, _ = Decode(kept)
	r.Seat = Seat{SessionID: "another"}
	if kept, err = r.Encode(); err != nil || strings.Contains(string(kept), `"x":6`) || !strings.Contains(string(kept), `"x":7`) {
		t.Errorf("what belonged to another seat is kept, or more is lost: %s, %v", kept, err)
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
