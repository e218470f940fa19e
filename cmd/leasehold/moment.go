package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseMoment reads an instant, or a distance from now with a sign before it.
func parseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		d, err := parseSpan(s[1:])
		if err != nil {
			return time.Time{}, err
		}
		if s[0] == '-' {
			d = -d
		}
		return now.Add(d).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("it is neither an instant nor a distance")
}

// parseSpan reads a duration that may have days: 8d, 1d12h, 36h, 90m.
func parseSpan(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "", s
	}
	var d time.Duration
	if found {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(n >= 0) || n > math.MaxInt64/float64(day)/2 {
			return 0, fmt.Errorf("%q is not a duration such as 8d, 1d12h or 36h", s)
		}
		d = time.Duration(n * float64(day))
	}
	if rest == "" && found {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || more > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is not a duration such as 8d, 1d12h or 36h", s)
	}
	return d + more, nil
}

// spanFlag is a flag that takes a duration with days.
type spanFlag struct {
	value    *time.Duration
	positive bool // zero is refused
}

func (s spanFlag) Set(text string) error {
	d, err := parseSpan(text)
	if err == nil && d == 0 && s.positive {
		err = errors.New("it must be above zero")
	}
	if err == nil {
		*s.value = d
	}
	return err
}

func (s spanFlag) String() string {
	if s.value == nil || *s.value == 0 {
		return ""
	}
	return strings.NewReplacer("m0s", "m", "h0m0s", "h").Replace(s.value.String())
}

func (spanFlag) Type() string { return "DURATION" }
