// Package settling holds back, for a short while after the start or after the
// machine woke, the news that the licence is in grace: the answer that is on its
// way mostly ends it before a person could read of it. What restricts the user is
// not held back.
package settling

import (
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Time is for how long such a change is held back while no call has had an outcome.
const Time = 2 * time.Minute

// Settling holds back the announcement. The zero Settling is ready for use, by any
// number of goroutines.
type Settling struct {
	mu    sync.Mutex
	from  *enforcement.Decision // what was announced last; nil while nothing is held back
	timer *time.Timer           // when it is over
}

// Change returns what the decision changes from, now that a view has replaced an
// older one; ok is false when nothing is to be announced. again is called, in
// another goroutine, when something that was held back is due.
func (s *Settling) Change(old, now *view.View, at time.Time, again func()) (from enforcement.Decision, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from = old.Decision
	if s.from != nil {
		from = *s.from
	}
	to := now.Decision
	if from.State == to.State && from.Cause == to.Cause {
		s.stop() // it is over before it was told
		return from, false
	}
	if left := left(now, at); left > 0 && from.State == enforcement.Active && to.State <= enforcement.Grace && to.Cause != enforcement.NoCause {
		if s.from == nil {
			s.from, s.timer = &from, time.AfterFunc(left, again)
		}
		return from, false
	}
	if s.from != nil {
		time.AfterFunc(0, again) // for the warnings that were held back with it
	}
	s.stop()
	return from, true
}

// Holds reports whether a change to grace is held back, and so are warnings of
// its end.
func (s *Settling) Holds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from != nil
}

// End forgets what is held back.
func (s *Settling) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

// stop does so under the lock.
func (s *Settling) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.from, s.timer = nil, nil
}

// left is how long announcements are held back from at on; 0 when they are not.
func left(v *view.View, at time.Time) time.Duration {
	on := v.Known.Facts.Session.StartedAt
	left := Time - at.Sub(on)
	if on.IsZero() || left > Time {
		return 0
	}
	for _, c := range []time.Time{v.Known.Contact.AnsweredAt, v.Known.Contact.FailedAt, v.Known.Seat.Contact.AnsweredAt, v.Known.Seat.Contact.FailedAt} {
		if !c.Before(on) && !c.After(at) {
			return 0
		}
	}
	return max(left, 0)
}
