package protocol

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
)

// Layout is how an instant is written for people.
const Layout = phrase.Layout

// When words an instant and how far it is from now: "2026-12-24 18:00 UTC, in 3 h".
func When(t, now time.Time) string { return phrase.When(t, now) }

// Span words a duration by its largest unit or two, rounded down: "4 d 21 h".
func Span(d time.Duration) string { return phrase.Span(d) }

// Count words a number of things: "no calls", "1 call", "2 calls".
func Count(n int, thing string) string { return phrase.Count(n, thing) }
