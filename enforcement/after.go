package enforcement

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// After is the distance of a step from the anchor of its cause: a duration,
// or a named instant plus a duration. Its zero value is the anchor itself.
type After struct {
	From Mark
	Plus time.Duration
}

// Mark is what an After counts from.
type Mark uint8

const (
	// Anchor: the anchor of the cause, such as the expiration date, the first
	// No or the last Yes.
	Anchor Mark = iota
	// Due: when the next answer is overdue. Only for the causes that are
	// [Cause.Silent].
	Due
	// Freeride: the anchor plus the licence's freeride; for the causes that are
	// [Cause.Silent] not before Due, as nobody is missed before.
	Freeride
	// HalfFreeride: the anchor plus half of the licence's freeride; for the
	// causes that are [Cause.Silent] not before Due either.
	HalfFreeride
)

var markNames = [...]string{"", "due", "freeride", "freeride/2"}

// maxDuration keeps policies within a hundred years, far from the limits of time.Duration.
const maxDuration = 36500 * day

// String returns the text that UnmarshalText reads: 14d, 1d12h, due, freeride/2, freeride+14d.
func (a After) String() string {
	from := nameOf(markNames[:], a.From, "Mark")
	switch {
	case from == "":
		return formatDuration(a.Plus)
	case a.Plus == 0:
		return from
	}
	return from + "+" + formatDuration(a.Plus)
}

// MarshalText writes the After as String does, and fails for one that
// UnmarshalText would refuse.
func (a After) MarshalText() ([]byte, error) {
	if err := a.validate(); err != nil {
		return nil, fmt.Errorf("enforcement: %w", err)
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads a duration (14d, 36h, 1d12h, 90m; units d, h, m, s, each
// at most once and the largest first), due, freeride/2, freeride, or a sum such
// as freeride+14d.
func (a *After) UnmarshalText(text []byte) error {
	got, err := parseAfter(string(text))
	if err != nil {
		return fmt.Errorf("enforcement: %w", err)
	}
	*a = got
	return nil
}

func (a After) validate() error {
	switch {
	case int(a.From) >= len(markNames):
		return fmt.Errorf("mark %d is not known", uint8(a.From))
	case a.Plus < 0:
		return errors.New("must not be negative")
	case a.Plus > maxDuration:
		return fmt.Errorf("must not be longer than %s", formatDuration(maxDuration))
	case a.Plus%time.Second != 0:
		return errors.New("must be in whole seconds")
	}
	return nil
}

func parseAfter(s string) (After, error) {
	var a After
	for i := len(markNames) - 1; i > 0; i-- { // freeride/2 before freeride, which begins it
		mark := markNames[i]
		rest, ok := strings.CutPrefix(s, mark)
		if !ok {
			continue
		}
		a.From = Mark(i)
		if rest == "" {
			return a, nil
		}
		if s, ok = strings.CutPrefix(rest, "+"); !ok {
			return After{}, fmt.Errorf("%q is not a time, write %s or a sum such as %s+14d", mark+rest, mark, mark)
		}
		break
	}
	var err error
	a.Plus, err = parseDuration(s)
	if err != nil {
		return After{}, err
	}
	return a, nil
}

var units = [...]struct {
	letter byte
	size   time.Duration
}{{'d', day}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}

func parseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a time, write something like 14d, 36h or 1d12h", s)
	var sum time.Duration
	unit := 0
	for rest := s; rest != "" || s == ""; unit++ {
		digits := 0
		for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits == len(rest) {
			return 0, bad
		}
		for unit < len(units) && units[unit].letter != rest[digits] {
			unit++
		}
		if unit == len(units) {
			return 0, bad
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		size := units[unit].size
		if err != nil || n > int64((maxDuration-sum)/size) {
			return 0, fmt.Errorf("%q is too long, the longest time is %s", s, formatDuration(maxDuration))
		}
		sum += time.Duration(n) * size
		rest = rest[digits+1:]
	}
	return sum, nil
}

// formatDuration writes what parseDuration reads.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0d"
	}
	if d < 0 || d%time.Second != 0 {
		return d.String()
	}
	var b strings.Builder
	for _, u := range units {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteByte(u.letter)
			d %= u.size
		}
	}
	return b.String()
}
