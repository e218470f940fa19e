package record

import (
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// TestRecordIsByteForByte holds the record's JSON: what a version wrote is read
// by every later one, and written back as it was.
func TestRecordIsByteForByte(t *testing.T) {
	want, err := os.ReadFile("testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	full := fullRecord()
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		switch v.Type().Field(i).Name {
		case "Clock", "Run", "Transactions": // of later versions, which read this one
			continue
		case "found": // of what was decoded
			continue
		}
		if v.Field(i).IsZero() {
			t.Errorf("%s is empty in this test", v.Type().Field(i).Name)
		}
	}
	got, err := full.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the record is written as\n%s\nand was\n%s", got, want)
	}
	rec, err := Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := rec.Encode(); err != nil || string(again)+"\n" != string(want) {
		t.Errorf("read and written back it is\n%s\n(%v)", again, err)
	}
}

// fullRecord has every field set.
func fullRecord() Record {
	at := func(h int) time.Time { return time.Date(2026, 3, 1, h, 0, 0, 5, time.UTC) }
	left := decimal.RequireFromString("12.5")
	history := heartbeat.History{
		AnsweredAt: at(1), Denied: true, Failures: 3, Urgent: 2, FailingSince: at(2), FailedAt: at(3), RetryAfter: time.Minute, Random: 0.25,
	}
	facts := enforcement.Facts{}.
		No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: 1002, At: at(4)}).
		Silent(enforcement.SilentNetwork, at(5))
	facts.Clock.RolledBackSince = at(6)
	session := enforcement.Session{ProvenAt: at(7), ValidUntil: at(8), Missing: time.Hour, CountedAt: at(9), Refused: 12004}
	held := Seat{
		SessionID: "s", LicenseKey: "k", Checkout: time.Hour, Unwanted: true, Contact: history,
		Evidence: slascone.Evidence{Kind: slascone.KindSession, Body: []byte("\xff\xfe<"), Signature: "c2ln"},
	}
	return Record{
		Format:        Format,
		Evidence:      slascone.Evidence{Kind: slascone.KindHeartbeat, Body: []byte("{\"x\":\"\u00e4<&\u2028\"}\n"), Signature: "c2ln"},
		ReceivedAt:    at(10),
		JudgedVersion: "1.4.2",
		Files:         Files{License: "<l/>", Activation: "<a/>", Waiting: "<w/>"},
		Facts:         facts,
		Seen:          at(11),
		Vouched:       at(12),
		Past:          &Past{LicenseKey: "p", Refusals: lasting(facts), Body: Digest([]byte("body")), At: at(13)},
		Seat:          held,
		Windows:       []WindowSeat{{Window: 2, Seat: held, Session: session, Refusals: facts.Refusals}},
		Contact:       history,
		LastError:     "no route",

		ClockCorrection: 90 * time.Second,
		JournalKey:      []byte{1, 2, 3},
		Accounts:        []Account{{LimitationID: "l", Remaining: &left, NextReset: at(14), After: at(15), Booked: left, BookedAt: at(16)}},
		Refused:         []Refusal{{Kind: "usage", Position: 7, Since: at(17), Times: 2}},
	}
}
