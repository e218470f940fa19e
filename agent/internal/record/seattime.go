package record

import "time"

// A floating licence without a seat has so much running time (see
// [enforcement.Session]): neither what the machine was off or asleep counts, nor
// what a clock jumps that is set forward, by hand or by an answer.

// CountSeatless adds to the time without a seat what has passed since it was last
// counted. ran is how long this process has run, now the trusted time; of a sleep
// that has just ended, slept says how long it was.
func (k *Known) CountSeatless(ran time.Duration, now time.Time, slept time.Duration) {
	s := &k.Facts.Session
	passed := ran - k.Counted
	if k.Counted = ran; !s.Required {
		return
	}
	if slept > 0 { // the monotonic clock of some systems goes on meanwhile
		passed = min(passed, max(now.Sub(s.CountedAt)-slept, 0))
	}
	if !s.ValidUntil.IsZero() {
		passed = min(passed, max(now.Sub(s.ValidUntil), 0))
	}
	s.Missing, s.CountedAt = s.Missing+passed, now
}

// GoOnCounting has what another process kept go on from what this one has
// counted, unless that process has had a seat since.
func (k *Known) GoOnCounting(own *Known) {
	s, mine := &k.Facts.Session, &own.Facts.Session
	if s.Required && mine.Required && !s.ProvenAt.After(mine.ProvenAt) && own.Seat.Of(k.License) {
		s.Missing = max(s.Missing, mine.Missing)
	}
}
