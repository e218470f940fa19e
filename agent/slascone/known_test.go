package slascone

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFreshness(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, test := range []struct {
		known, answer string
		stale         bool
	}{
		{"2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z", false},
		{"2026-03-10T12:00:00Z", "2026-03-10T12:00:01Z", false},
		{"2026-03-10T12:00:00Z", "2026-03-10T11:59:59Z", true},
		{"2026-03-10T12:00:00.9Z", "2026-03-10T12:00:00Z", false},  // the same second, one of them cut
		{"2026-03-10T12:00:00.1Z", "2026-03-10T11:59:59.2Z", true}, // both tell fractions
		{"2026-03-10T12:00:00.2Z", "2026-03-10T12:00:00.1Z", true},
		{"2026-03-10T12:00:00.2Z", "2026-03-10T12:00:00.2Z", false},
		{"2026-03-10T12:00:00.1Z", "2026-03-10T11:59:59.1Z", true},
		{"2026-03-10T12:00:00Z", "2026-03-10T14:00:00+02:00", false},
		{"2026-03-10T12:00:00Z", "0001-01-01T00:00:00Z", true},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", false},
	} {
		if got := (Known{NotBefore: at(test.known)}).outdates(at(test.answer)); got != test.stale {
			t.Errorf("%s after %s: stale %v", test.answer, test.known, got)
		}
	}
	if (Known{}).outdates(time.Time{}) {
		t.Error("the zero Known refuses an answer")
	}
}

// TestUnsignedTimeIsBounded: whatever a Date header says, the time it gives
// neither goes back nor runs ahead.
func TestUnsignedTimeIsBounded(t *testing.T) {
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return noon.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "ns")))
	})
	rapid.Check(t, func(t *rapid.T) {
		known := Known{NotBefore: instant.Draw(t, "not before"), Latest: instant.Draw(t, "latest")}
		date := instant.Draw(t, "date").Truncate(time.Second) // as a header has it
		got, undated := known.within(date)
		if got.Before(known.NotBefore) {
			t.Fatalf("%v is before %v", got, known.NotBefore)
		}
		if got.After(known.NotBefore) && got.After(known.Latest) {
			t.Fatalf("%v is after %v", got, known.Latest)
		}
		if !date.Before(known.NotBefore) && !date.After(known.Latest) && !got.Equal(date) {
			t.Fatalf("%v became %v", date, got)
		}
		if believed := date.Sub(known.NotBefore) > -time.Second && !got.IsZero(); undated == believed {
			t.Fatalf("%v, not before %v, became %v, undated %v", date, known.NotBefore, got, undated)
		}
		if undated && !got.Equal(known.NotBefore) {
			t.Fatalf("an undated answer has the time %v, want %v", got, known.NotBefore)
		}
	})
}
