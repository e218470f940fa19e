package record

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestCountSeatless(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const minute, hour = time.Minute, time.Hour
	for name, tt := range map[string]struct {
		session enforcement.Session
		ran     time.Duration
		now     time.Time
		slept   time.Duration
		want    time.Duration
	}{
		"nothing is needed":                   {enforcement.Session{}, hour, at.Add(hour), 0, 0},
		"nobody asked":                        {enforcement.Session{Required: true, CountedAt: at}, hour, at.Add(hour), 0, hour},
		"goes on":                             {enforcement.Session{Required: true, CountedAt: at, Missing: minute}, hour, at.Add(hour), 0, hour + minute},
		"held":                                {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(2 * hour)}, hour, at.Add(hour), 0, 0},
		"ran out on the way":                  {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(50 * minute)}, hour, at.Add(hour), 0, 10 * minute},
		"the clock is set forward":            {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(9 * hour), 0, minute},
		"set forward over the end of a seat":  {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(hour)}, minute, at.Add(9 * hour), 0, minute},
		"the machine slept":                   {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(8*hour + minute), 8 * hour, minute},
		"the monotonic clock did not sleep":   {enforcement.Session{Required: true, CountedAt: at}, 8*hour + minute, at.Add(8*hour + minute), 8 * hour, minute},
		"the clock went back while it is off": {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(-hour), 0, minute},
	} {
		k := Known{Record: Record{Facts: enforcement.Facts{Session: tt.session}}}
		k.CountSeatless(tt.ran, tt.now, tt.slept)
		if got := k.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		k.CountSeatless(tt.ran, tt.now, 0)
		if got := k.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s, counted twice: %v, want %v", name, got, tt.want)
		}
	}
}

func TestGoOnCounting(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	known := func(missing time.Duration, proven time.Time) Known {
		return Known{Record: Record{Facts: enforcement.Facts{Session: enforcement.Session{Required: true, Missing: missing, ProvenAt: proven}}}}
	}
	for name, tt := range map[string]struct {
		kept, own Known
		want      time.Duration
	}{
		"this process has counted more":        {known(time.Minute, at), known(time.Hour, at), time.Hour},
		"the other process has counted more":   {known(time.Hour, at), known(time.Minute, at), time.Hour},
		"the other process has had a seat":     {known(0, at.Add(time.Minute)), known(time.Hour, at), 0},
		"this process has another licence now": {known(0, at), func() Known { k := known(time.Hour, at); k.Seat.LicenseKey = "other"; return k }(), 0},
	} {
		tt.kept.GoOnCounting(&tt.own)
		if got := tt.kept.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
