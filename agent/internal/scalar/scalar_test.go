package scalar

import (
	"testing"
	"time"
)

func TestTime(t *testing.T) {
	for in, want := range map[string]string{
		"2025-12-31T00:00:00Z":         "2025-12-31T00:00:00Z",
		"2026-04-29T09:35:05.43186Z":   "2026-04-29T09:35:05.43186Z",
		"2022-12-23T13:12:50.3029826Z": "2022-12-23T13:12:50.3029826Z",
		"2025-12-31T02:00:00+02:00":    "2025-12-31T00:00:00Z",
		"2025-12-31T00:00:00":          "2025-12-31T00:00:00Z",
		"2025-12-31T00:00:00.25":       "2025-12-31T00:00:00.25Z",
	} {
		got, err := Time(in)
		if err != nil || got.Format(time.RFC3339Nano) != want || got.Location() != time.UTC {
			t.Errorf("Time(%q) = %v, %v; want %s in UTC", in, got, err, want)
		}
	}
	for _, in := range []string{"", "2025-12-31", "31.12.2025", "2025-13-01T00:00:00Z", "0", "2025-12-31T00:00:00Zx"} {
		if got, err := Time(in); err == nil {
			t.Errorf("Time(%q) = %v; want an error", in, got)
		}
	}
}

func TestEnd(t *testing.T) {
	last := time.Date(9998, 12, 31, 23, 59, 59, 0, time.UTC)
	if got := End(last); !got.Equal(last) {
		t.Errorf("End(%v) = %v", last, got)
	}
	if got := End(last.Add(time.Second)); !got.IsZero() {
		t.Errorf("End(year 9999) = %v; want no end", got)
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string]string{"3": "3", "0.1": "0.1", "-2.50": "-2.5", "1e3": "1000", "12345678901234567890.123": "12345678901234567890.123"} {
		if got, err := Decimal(in); err != nil || got.String() != want {
			t.Errorf("Decimal(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "x", "1e999999999", "1e-999999999", "1e31", "NaN", "Inf", "0x10", "11111111111111111111111111111111111111111"} {
		if got, err := Decimal(in); err == nil {
			t.Errorf("Decimal(%q) = %v; want an error", in, got)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add("1.5")
	f.Add("1e30")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Decimal(s)
		if err != nil {
			return
		}
		if text := d.String(); len(text) > 120 {
			t.Errorf("Decimal(%q) expands to %d characters", s, len(text))
		}
	})
}

func FuzzTime(f *testing.F) {
	f.Add("2025-12-31T00:00:00Z")
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := Time(s); err == nil && at.Location() != time.UTC {
			t.Errorf("Time(%q) is not in UTC", s)
		}
	})
}
