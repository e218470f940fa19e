package slasconetest

import (
	"strconv"
	"strings"
)

// covers reports whether a release limit covers a software version. The limit
// is a maximum, compared number by number for as many components as it has, so
// that "24" covers every 24.x. Letters and hyphens of the version do not
// count. What cannot be compared is not covered. (SLASCONE help centre
// 28346870152605.)
func covers(limit, version string) bool {
	if limit == "" {
		return true
	}
	have := components(version)
	for i, component := range strings.Split(limit, ".") {
		most, err := strconv.ParseUint(component, 10, 32)
		if err != nil || i >= len(have) {
			return false
		}
		got, err := strconv.ParseUint(have[i], 10, 32)
		if err != nil || got > most {
			return false
		}
		if got < most {
			// The rest must still be numbers to be comparable at all.
			return numeric(have[i+1:], strings.Count(limit, ".")-i)
		}
	}
	return true
}

// numeric reports whether at least n components follow and are numbers.
func numeric(components []string, n int) bool {
	if len(components) < n {
		return false
	}
	for _, c := range components[:n] {
		if _, err := strconv.ParseUint(c, 10, 32); err != nil {
			return false
		}
	}
	return true
}

// newer reports whether release a comes after release b, a missing component
// counting as 0. What cannot be compared is not newer.
func newer(a, b string) bool {
	have, than := components(a), components(b)
	for i := range max(len(have), len(than)) {
		x, errX := component(have, i)
		y, errY := component(than, i)
		if errX != nil || errY != nil || x != y {
			return errX == nil && errY == nil && x > y
		}
	}
	return false
}

func component(of []string, i int) (uint64, error) {
	if i >= len(of) {
		return 0, nil
	}
	return strconv.ParseUint(of[i], 10, 32)
}

// components splits a version and drops its letters and hyphens.
func components(version string) []string {
	return strings.Split(strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return -1
		}
		return r
	}, version), ".")
}
