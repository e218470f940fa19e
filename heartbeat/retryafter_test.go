package heartbeat

import (
	"testing"
	"time"
)

func TestParseRetryAfter(t *testing.T) {
	now := at(t, "2026-06-01 12:00")
	for value, want := range map[string]time.Duration{
		"0":                              0,
		"1":                              time.Second,
		" 120 ":                          2 * time.Minute,
		"007":                            7 * time.Second,
		"86399":                          day - time.Second,
		"86400":                          day,
		"86401":                          day,
		"99999999999999999999999999999":  day,
		"Mon, 01 Jun 2026 12:00:30 GMT":  30 * time.Second,
		"Monday, 01-Jun-26 12:01:00 GMT": time.Minute,
		"Mon Jun  1 13:00:00 2026":       time.Hour,
		"Mon, 01 Jun 2026 11:00:00 GMT":  0,
		"Sun, 01 Jun 2036 12:00:00 GMT":  day,
	} {
		if got, ok := ParseRetryAfter(value, now); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", " ", "-1", "+1", "1.5", "1s", "1 2", "soon", "٣", "2026-06-01T12:00:30Z"} {
		if got, ok := ParseRetryAfter(value, now); ok || got != 0 {
			t.Errorf("%q: %v %v", value, got, ok)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, value := range []string{"120", "-1", "Mon, 01 Jun 2026 12:00:30 GMT", "99999999999999999999"} {
		f.Add(value, int64(0))
	}
	f.Fuzz(func(t *testing.T, value string, nanos int64) {
		got, ok := ParseRetryAfter(value, time.Unix(0, nanos))
		if got < 0 || got > MaxRetryAfter || !ok && got != 0 {
			t.Errorf("%q: %v %v", value, got, ok)
		}
	})
}
