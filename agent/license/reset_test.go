package license

import (
	"testing"
	"time"
)

func TestNextReset(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		mode      ResetMode
		now, want string
	}{
		{ResetFirstDayOfMonth, "2026-11-23 03:00:00", "2026-12-01 00:00:00"},
		{ResetFirstDayOfMonth, "2026-12-31 23:59:59", "2027-01-01 00:00:00"},
		{ResetFirstDayOfMonth, "2026-12-01 00:00:00", "2027-01-01 00:00:00"},
		{ResetFirstOfQuarter, "2026-01-01 00:00:00", "2026-04-01 00:00:00"},
		{ResetFirstOfQuarter, "2026-03-31 10:00:00", "2026-04-01 00:00:00"},
		{ResetFirstOfQuarter, "2026-11-23 03:00:00", "2027-01-01 00:00:00"},
		{ResetFirstOfYear, "2026-11-23 03:00:00", "2027-01-01 00:00:00"},
	} {
		got, ok := Limitation{ResetMode: c.mode}.NextReset(at(c.now))
		if !ok || !got.Equal(at(c.want)) {
			t.Errorf("%v after %s: %v, %v; want %s", c.mode, c.now, got, ok, c.want)
		}
	}
	east := time.FixedZone("", 2*3600)
	if got, _ := (Limitation{ResetMode: ResetFirstDayOfMonth}).NextReset(time.Date(2026, 12, 1, 1, 0, 0, 0, east)); !got.Equal(at("2026-12-01 00:00:00")) {
		t.Errorf("the month turns in UTC, got %v", got)
	}
	for _, mode := range []ResetMode{ResetDisabled, ResetNever, ResetPeriodically, ResetMode(9)} {
		if got, ok := (Limitation{ResetMode: mode}).NextReset(at("2026-11-23 03:00:00")); ok {
			t.Errorf("%v resets at %v", mode, got)
		}
	}
}
