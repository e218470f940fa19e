// Package phrase words durations and instants for reports and the command line,
// everywhere in one style.
package phrase

import (
	"fmt"
	"strings"
	"time"
)

// Layout is how an instant is written.
const Layout = "2006-01-02 15:04 UTC"

// When words an instant and how far it is from now.
func When(t, now time.Time) string {
	text := t.UTC().Format(Layout)
	d := t.Sub(now)
	switch {
	case d > 0:
		return text + ", in " + Span(d)
	case d < 0:
		return text + ", " + Span(-d) + " ago"
	}
	return text + ", now"
}

// Span words a duration by its largest unit or two, rounded down: "12 d",
// "4 d 21 h", "3 h 20 min", "5 min", "30 s".
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	two := func(large, small time.Duration, l, s string) string {
		text := fmt.Sprintf("%d %s", d/large, l)
		if rest := d % large / small; rest > 0 {
			text += fmt.Sprintf(" %d %s", rest, s)
		}
		return text
	}
	switch {
	case d >= 10*day:
		return fmt.Sprintf("%d d", d/day)
	case d >= day:
		return two(day, time.Hour, "d", "h")
	case d >= time.Hour:
		return two(time.Hour, time.Minute, "h", "min")
	case d >= time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// Count words a number of things.
func Count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Masked shows enough of a key to tell it from others: its last four characters.
func Masked(key string) string {
	const shown = 4
	if len(key) <= 2*shown {
		return strings.Repeat("•", len(key))
	}
	return "…" + key[len(key)-shown:]
}
