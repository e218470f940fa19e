package heartbeat

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const day = 24 * time.Hour

// at reads a time such as "2026-06-01 12:00:00".
func at(t testing.TB, text string) time.Time {
	t.Helper()
	if len(text) == len("2026-06-01 12:00") {
		text += ":00"
	}
	v, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parse(t testing.TB, spec string) Schedule {
	t.Helper()
	s, err := ParseSchedule(spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseSchedule(t *testing.T) {
	for _, tt := range []struct {
		spec, text string
		interval   time.Duration
		due        string // after a Yes on Monday 2026-06-01 at 12:00
	}{
		{"@every 4h", "@every 4h", 4 * time.Hour, "2026-06-01 16:00"},
		{"  @every   90m ", "@every 1h30m", 90 * time.Minute, "2026-06-01 13:30"},
		{"@every 1s", "@every 1s", time.Second, "2026-06-01 12:00:01"},
		{"@every 8784h", "@every 8784h", 366 * day, "2027-06-02 12:00"},
		{"@hourly", "@every 1h", time.Hour, "2026-06-01 13:00"},
		{"@daily", "@every 24h", day, "2026-06-02 12:00"},
		{"@weekly", "@every 168h", 7 * day, "2026-06-08 12:00"},
		{"@midnight", "@midnight", 0, "2026-06-02 02:00"},
		{"@monthly", "@monthly", 0, "2026-07-01 02:00"},
		{"@yearly", "@yearly", 0, "2027-01-01 02:00"},
		{"@annually", "@annually", 0, "2027-01-01 02:00"},
		{"0 3 * * *", "0 3 * * *", 0, "2026-06-02 05:00"},
		{"0 12 * * *", "0 12 * * *", 0, "2026-06-02 14:00"},
		{"*/10 * * * *", "*/10 * * * *", 0, "2026-06-01 12:15"},
		{"* * * * *", "* * * * *", 0, "2026-06-01 12:01:30"},
		{"0 9,17 * * MON-FRI", "0 9,17 * * MON-FRI", 0, "2026-06-01 19:00"},
		{"30 4 1-7 * ?", "30 4 1-7 * ?", 0, "2026-06-02 06:30"},
	} {
		s := parse(t, tt.spec)
		if s.String() != tt.text || s.Interval() != tt.interval {
			t.Errorf("%q: %q, interval %v", tt.spec, s, s.Interval())
		}
		if got := s.Due(at(t, "2026-06-01 12:00")); !got.Equal(at(t, tt.due)) {
			t.Errorf("%q: due %v, want %v", tt.spec, got, tt.due)
		}
	}
}

func TestParseScheduleErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"":                           "empty",
		"   ":                        "empty",
		"@every":                     "cannot be read",
		"@every soon":                "cannot be read",
		"@every 5":                   "cannot be read",
		"@every -5m":                 "too short",
		"@every 0s":                  "too short",
		"@every 200ms":               "too short",
		"@every 1m0.9s":              "whole number of seconds",
		"@every 8785h":               "too long",
		"@every 9999999h":            "cannot be read",
		"@sometimes":                 "unrecognized descriptor",
		"@Daily":                     "unrecognized descriptor",
		"TZ=UTC":                     "time zones",
		"TZ=Europe/Berlin 0 3 * * *": "time zones",
		"CRON_TZ=UTC @daily":         "time zones",
		"0 3 * *":                    "4 fields",
		"0 0 3 * * *":                "6 fields",
		"4h":                         "1 fields",
		"60 3 * * *":                 "above maximum",
		"0 24 * * *":                 "above maximum",
		"0 3 * * 7":                  "above maximum",
		"0 3 0 * *":                  "below minimum",
		"0 5-3 * * *":                "beyond end",
		"0 */0 * * *":                "positive",
		"-1 3 * * *":                 "failed to parse",
		"0,,5 3 * * *":               "empty list item",
		", 3 * * *":                  "empty list item",
		"0 3, * * *":                 "empty list item",
		"*-5 3 * * *":                "cannot begin a range",
		"0 ?-5/2 * * *":              "cannot begin a range",
		"*/100 3 * * *":              "leaves the range",
		"0 5/24 * * *":               "leaves the range",
		"0 3 30 2 *":                 "every year",
		"0 3 29 2 *":                 "every year",
		"0 3 31 4,6 *":               "every year",
		"0 3 * * * " + strings.Repeat(" ", 300) + "x": "longer than",
	} {
		s, err := ParseSchedule(spec)
		switch {
		case err == nil:
			t.Errorf("%q gives %v", spec, s)
		case !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "heartbeat: schedule "):
			t.Errorf("%q: %v, want %q", spec, err, want)
		}
	}
}

func TestEvery(t *testing.T) {
	for _, d := range []time.Duration{math.MinInt64, -time.Hour, 0, time.Second - 1, time.Second + 1, MaxInterval + time.Second, math.MaxInt64} {
		if s, err := Every(d); err == nil {
			t.Errorf("%d gives %v", d, s)
		}
	}
	for _, d := range []time.Duration{MinInterval, DefaultInterval, MaxInterval} {
		if s, err := Every(d); err != nil || s.Interval() != d {
			t.Errorf("%v gives %v, %v", d, s, err)
		}
	}
}

func TestZeroSchedule(t *testing.T) {
	var s Schedule
	now := at(t, "2026-06-01 12:00")
	if s.Interval() != day || !s.Due(now).Equal(now.Add(day)) || s.String() != "@every 24h" {
		t.Errorf("%v", s)
	}
}

func TestDueIgnoresZonesAndMonotonicTime(t *testing.T) {
	s := parse(t, "0 3 * * *")
	utc := at(t, "2026-03-29 00:30")
	for _, hours := range []int{-11, 0, 2, 13} {
		if got := s.Due(utc.In(time.FixedZone("", hours*3600))); !got.Equal(at(t, "2026-03-29 05:00")) {
			t.Errorf("zone %d: %v", hours, got)
		}
	}
	now := time.Now()
	if due := (Schedule{}).Due(now); due != due.Round(0) {
		t.Error("due keeps a monotonic reading, which does not count the time asleep")
	}
}

func drawSchedule(t *rapid.T) Schedule {
	if rapid.Bool().Draw(t, "calendar") {
		return parse(nopTB{t: t}, rapid.SampledFrom([]string{"0 3 * * *", "* * * * *", "*/7 * * * *", "15 2 1 * *", "0 0 1 1 *", "0 9,17 * * 1-5", "@monthly", "0 0 13 * 5"}).Draw(t, "spec"))
	}
	s, err := Every(time.Duration(rapid.Int64Range(1, int64(MaxInterval/time.Second)).Draw(t, "seconds")) * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// nopTB lets helpers fail a rapid test.
type nopTB struct {
	testing.TB
	t *rapid.T
}

func (n nopTB) Helper()           {}
func (n nopTB) Fatal(args ...any) { n.t.Fatal(args...) }

func drawTime(t *rapid.T, name string) time.Time {
	return time.Unix(0, rapid.Int64Range(0, int64(200*366*day)).Draw(t, name)).UTC()
}

// The next contact comes after the answer and leaves room before that is overdue.
func TestTurnComesBeforeDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, after, seed := drawSchedule(t), drawTime(t, "after"), rapid.Uint64().Draw(t, "seed")
		next := s.turn(after, seed)
		if !next.at.After(after) || !next.due.Equal(s.Due(after)) {
			t.Fatalf("answer %v, next %+v", after, next)
		}
		spare := next.due.Sub(next.at)
		if interval := s.Interval(); interval > 0 {
			if next.due.Sub(after) != interval || spare < interval/20 {
				t.Fatalf("interval %v: spare %v", interval, spare)
			}
		} else if spare < min(next.pace/4, time.Hour) {
			t.Fatalf("spare %v of %v", spare, next.pace)
		}
	})
}

// An installation keeps its place: whenever it was answered, it returns to the same slots.
func TestTurnIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := time.Duration(rapid.Int64Range(1, 40*86400).Draw(t, "seconds")) * time.Second
		s, _ := Every(interval)
		seed := rapid.Uint64().Draw(t, "seed")
		slot := func(after time.Time) time.Duration {
			next := s.turn(after, seed).at
			period := interval / 10 * 9
			late := (time.Duration(next.UnixNano())%period - time.Duration(seed%uint64(period))) % period
			return (late + period) % period
		}
		for range 5 {
			if late := slot(drawTime(t, "after")); late < 0 || late > interval/20 {
				t.Fatalf("%v after its place, interval %v", late, interval)
			}
		}
		// Undisturbed contacts are nine tenths of an interval apart, give or take the small part.
		after := s.turn(drawTime(t, "first"), seed).at
		for range 5 {
			next := s.turn(after, seed).at
			if gap := next.Sub(after); gap < interval/100*85-2 || gap > interval/100*95+2 {
				t.Fatalf("gap %v of %v", gap, interval)
			}
			after = next
		}
	})
}

func TestFleetSpreadsEvenly(t *testing.T) {
	const installations, parts = 100_000, 50
	for _, spec := range []string{"@every 24h", "@every 4h", "0 3 * * *"} {
		s := parse(t, spec)
		monday := at(t, "2026-06-01 09:00")
		from, span := monday, s.Interval()*9/10
		if s.Interval() == 0 {
			from, span = at(t, "2026-06-02 03:00"), time.Hour
		}
		var counts [parts]int
		for i := range installations {
			next := s.turn(monday, Seed("device", strconv.Itoa(i), spec)).at
			// The small part smears both ends; fold it.
			counts[int(next.Sub(from)%span*parts/span)]++
		}
		for i, n := range counts {
			if mean := installations / parts; s.Interval() > 0 && math.Abs(float64(n-mean)) > 5*math.Sqrt(float64(mean)) {
				t.Errorf("%s: part %d has %d of %d", spec, i, n, mean)
			} else if float64(n) > 1.2*float64(mean) {
				t.Errorf("%s: part %d has %d of %d", spec, i, n, mean)
			}
		}
	}
}

func TestSeed(t *testing.T) {
	seen := map[uint64]bool{}
	for _, parts := range [][]string{nil, {""}, {"a"}, {"b"}, {"a", "b"}, {"ab"}, {"", "ab"}, {"ab", ""}} {
		seed := Seed(parts...)
		if seen[seed] {
			t.Errorf("%q collides", parts)
		}
		seen[seed] = true
		if seed != Seed(parts...) {
			t.Errorf("%q is not stable", parts)
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, spec := range []string{"@every 4h", "@daily", "0 3 * * *", "*/5 1-3 ? JAN sun", "TZ=UTC", "@every -5m", "1,2,3/4 * * * *", "*-5 * * * *", "0 3 29 2 *"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := ParseSchedule(spec)
		if err != nil {
			if s != (Schedule{}) {
				t.Error("a schedule beside an error")
			}
			return
		}
		again, err := ParseSchedule(s.String())
		if err != nil || again.String() != s.String() || again.Interval() != s.Interval() {
			t.Errorf("%q reads back as %v, %v", s, again, err)
		}
		yes := time.Date(2026, 6, 1, 12, 0, 0, 1, time.UTC)
		next := s.turn(yes, 42)
		if !next.at.After(yes) || !next.due.After(next.at) || next.due.Sub(yes) > 2*MaxInterval {
			t.Errorf("%q: %+v", spec, next)
		}
	})
}
