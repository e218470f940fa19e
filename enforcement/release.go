package enforcement

import (
	"cmp"
	"math"
	"strings"
	"unicode"
)

// Compliant reports whether a licence limited to releases up to limit covers
// version, by the rule of the vendor's own client (SLASCONE help centre
// 28346870152605): letters and hyphens are dropped from the version, and only
// as many components are compared as the limit has.
//
//	limit 24     covers 23.9, 24, 24.0 and 24.9.7, not 25
//	limit 24.1   covers 24.0.3 and 24.1.9, not 24.2
//
// A version with fewer components than the limit, and a compared component of
// either that is not a number, is not compliant. An empty limit covers
// everything.
func Compliant(limit, version string) bool {
	if limit == "" {
		return true
	}
	order := 0
	for more, left := true, true; more; {
		if !left {
			return false
		}
		var most, have string
		most, limit, more = strings.Cut(limit, ".")
		have, version, left = strings.Cut(version, ".")
		m, okMost := component(most, false)
		h, okHave := component(have, true)
		if !okMost || !okHave {
			return false
		}
		if order == 0 {
			order = cmp.Compare(h, m)
		}
	}
	return order <= 0
}

// component reads one component of a release. Version components may carry
// letters and hyphens, which do not count.
func component(s string, dropLetters bool) (n uint64, ok bool) {
	for _, r := range s {
		switch {
		case dropLetters && (r == '-' || unicode.IsLetter(r)):
			continue
		case r < '0' || r > '9':
			return 0, false
		}
		digit := uint64(r - '0')
		if n > (math.MaxUint64-digit)/10 {
			return 0, false
		}
		n, ok = n*10+digit, true
	}
	return n, ok
}
