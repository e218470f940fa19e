package main

import (
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"8d": 8 * day, "1d12h": 36 * time.Hour, "36h": 36 * time.Hour, "90m": 90 * time.Minute, "0.5d": 12 * time.Hour, "0d": 0, "2d30m": 2*day + 30*time.Minute,
	} {
		if got, err := parseSpan(in); err != nil || got != want {
			t.Errorf("parseSpan(%q) is %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "d", "8", "-8d", "8d-1h", "1h8d", "NaNd", "1e30d", "8w", "8d8", "99999999999d"} {
		if got, err := parseSpan(in); err == nil {
			t.Errorf("parseSpan(%q) is %v; want an error", in, got)
		}
	}
}

func TestSpanFlag(t *testing.T) {
	d := 90 * time.Minute
	flag := spanFlag{&d, true}
	if got := flag.String(); got != "1h30m" {
		t.Errorf("the default is %q", got)
	}
	for _, in := range []string{"0h", "soon", "-1d"} {
		if err := flag.Set(in); err == nil || d != 90*time.Minute {
			t.Errorf("Set(%q): %v, and it is %v", in, err, d)
		}
	}
	if err := flag.Set("2d"); err != nil || d != 48*time.Hour {
		t.Errorf("%v, and it is %v", err, d)
	}
	if err := (spanFlag{&d, false}).Set("0h"); err != nil || d != 0 || flag.String() != "" {
		t.Errorf("%v, and it is %v", err, d)
	}
}

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"+8d":                       "2026-12-01T03:00:00Z",
		"-1d":                       "2026-11-22T03:00:00Z",
		"2026-12-24":                "2026-12-24T00:00:00Z",
		"2026-12-24 18:00":          "2026-12-24T18:00:00Z",
		"2026-12-24T18:00:00+02:00": "2026-12-24T16:00:00Z",
	} {
		if got, err := parseMoment(in, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("parseMoment(%q) is %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "+", "tomorrow", "24.12.2026", "8d"} {
		if got, err := parseMoment(in, now); err == nil {
			t.Errorf("parseMoment(%q) is %v; want an error", in, got)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	f.Add("+8d")
	f.Add("2026-12-24T18:00:00Z")
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := parseMoment(s, time.Unix(0, 0)); err == nil && at.Location() != time.UTC {
			t.Errorf("parseMoment(%q) is in %v", s, at.Location())
		}
	})
}
