package record

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// Given is how a floating seat was given. A server whose clock is ahead gives it for as
// long as any other does, so what counts is for how long.
type Given struct {
	At     time.Time     `json:"at"`     // trusted time; it moves with the line when that turns out to be wrong
	Length time.Duration `json:"length"` // for so long
	Until  time.Time     `json:"until"`  // as the server says
}

// seatSlack is by how much the clocks of the server and of this computer may differ
// before that is made up for.
const seatSlack = 5 * time.Minute

// end is until when the seat is held, in trusted time.
func (g Given) end() time.Time {
	if end := g.At.Add(g.Length); g.Until.Sub(end) > seatSlack {
		return end
	}
	return g.Until
}

// SeatGiven takes in what the server says of a seat, at the trusted time now, and
// returns until when it is held.
func (k *Known) SeatGiven(s slascone.Session, checkout time.Duration, now time.Time) (until time.Time) {
	length := s.ValidUntil.Sub(s.Modified)
	if s.Modified.IsZero() || length <= 0 { // they are optional
		length = checkout
	}
	if length <= 0 {
		length = k.License.SessionPeriod()
	}
	if length <= 0 {
		length = s.ValidUntil.Sub(now)
	}
	k.Seat.Given = Given{now, length, s.ValidUntil}
	return k.Seat.Given.end()
}

// MoveSeat takes in that an answer has put the trusted time, which is now, so far
// ahead, or back.
func (k *Known) MoveSeat(by time.Duration, now time.Time) {
	g, s := &k.Seat.Given, &k.Facts.Session
	if !k.Seat.Held() || *g == (Given{}) || by <= 0 && !g.At.After(now) { // or another window has
		return
	}
	if g.At = g.At.Add(by); g.At.After(now) {
		g.At = now
	}
	s.ValidUntil = g.end()
}

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
