package phrase

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 3*time.Hour + 20*time.Minute: "3 h 20 min", 2 * time.Hour: "2 h",
		day - 1: "23 h 59 min", day: "1 d", 4*day + 21*time.Hour + 59*time.Minute: "4 d 21 h", 10*day + time.Hour: "10 d", 400 * day: "400 d",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{now, "2026-11-27 12:00 UTC, now"},
		{now.Add(90 * time.Minute), "2026-11-27 13:30 UTC, in 1 h 30 min"},
		{now.Add(-48 * time.Hour), "2026-11-25 12:00 UTC, 2 d ago"},
	} {
		if got := When(tt.at, now); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "no reports", 1: "1 report", 7: "7 reports"} {
		if got := Count(n, "report"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("agent: storage: the disk is full"), "the disk is full"},
		{fmt.Errorf("slascone: the licence server was not called: %w", context.DeadlineExceeded), "the licence server was not called: the deadline has passed"},
		{context.Canceled, "the call was canceled"},
	} {
		if got := Plain(tt.err); got != tt.want {
			t.Errorf("%v: %q", tt.err, got)
		}
	}
}
