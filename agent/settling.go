package agent

import (
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// settlingTime is for how long after Start, or after the machine woke, a change
// from active to grace is not announced while no call has had an outcome: the
// answer that is on its way mostly ends it before a person could read of it. What
// restricts the user is announced at once, and Decision tells all of it.
const settlingTime = 2 * time.Minute

// settling holds back the announcement of such a change.
type settling struct {
	mu    sync.Mutex
	from  *enforcement.Decision // what was announced last; nil while nothing is held back
	timer *time.Timer           // when it is over
}

// change is what to announce of the decision, now that a view has replaced an
// older one. again is called when something that was held back is due.
func (s *settling) change(old, now *view.View, at time.Time, again func()) (StateChanged, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := old.Decision
	if s.from != nil {
		from = *s.from
	}
	to := now.Decision
	if from.State == to.State && from.Cause == to.Cause {
		s.stop() // it is over before it was told
		return StateChanged{}, false
	}
	if left := settlingLeft(now, at); left > 0 && from.State == enforcement.Active && to.State <= enforcement.Grace && to.Cause != enforcement.NoCause {
		if s.from == nil {
			s.from, s.timer = &from, time.AfterFunc(left, again)
		}
		return StateChanged{}, false
	}
	if s.from != nil {
		time.AfterFunc(0, again) // for the warnings that were held back with it
	}
	s.stop()
	return StateChanged{From: from, To: to}, true
}

// holds reports whether a change to grace is held back, and so are warnings of
// its end.
func (s *settling) holds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from != nil
}

// end forgets what is held back.
func (s *settling) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

// stop does so under the lock.
func (s *settling) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.from, s.timer = nil, nil
}

// settlingLeft is how long announcements are held back from at on; 0 when they
// are not.
func settlingLeft(v *view.View, at time.Time) time.Duration {
	on := v.Known.Facts.Session.StartedAt
	left := settlingTime - at.Sub(on)
	if on.IsZero() || left > settlingTime {
		return 0
	}
	for _, c := range []time.Time{v.Known.Contact.AnsweredAt, v.Known.Contact.FailedAt, v.Known.Seat.Contact.AnsweredAt, v.Known.Seat.Contact.FailedAt} {
		if !c.Before(on) && !c.After(at) {
			return 0
		}
	}
	return max(left, 0)
}
