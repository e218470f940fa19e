package settling

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Grace is held back until a call has had an outcome or the time is over; what
// restricts the user is not.
func TestSettling(t *testing.T) {
	grace := enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Unreachable}
	locked := enforcement.Decision{State: enforcement.Locked, Cause: enforcement.Inactive}
	for name, tt := range map[string]struct {
		to      enforcement.Decision
		started time.Duration // ago; 0: never
		outcome time.Duration // of a call, ago; 0: none
		told    bool
	}{
		"grace at the start":                   {grace, time.Second, 0, false},
		"grace, when a call has failed":        {grace, time.Minute, time.Second, true},
		"grace, when only one from before has": {grace, time.Minute, time.Hour, false},
		"grace, long after the start":          {grace, 3 * time.Minute, 0, true},
		"grace, when nothing is started":       {grace, 0, 0, true},
		"locked at the start":                  {locked, time.Second, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s Settling
				var due atomic.Int32
				now := time.Now()
				old, v := &view.View{}, &view.View{Decision: tt.to}
				if tt.started != 0 {
					v.Known.Facts.Session.StartedAt = now.Add(-tt.started)
				}
				if tt.outcome != 0 {
					v.Known.Contact.FailedAt = now.Add(-tt.outcome)
				}
				from, told := s.Change(old, v, now, func() { due.Add(1) })
				if told != tt.told || s.Holds() == tt.told || from != old.Decision {
					t.Fatalf("told %v, held back %v", told, s.Holds())
				}
				time.Sleep(Time)
				synctest.Wait()
				if !told && due.Load() != 1 {
					t.Fatalf("called %d times", due.Load())
				}
				if told {
					return
				}
				if from, told = s.Change(v, v, time.Now(), func() {}); !told || from != old.Decision || s.Holds() {
					t.Errorf("when the time is over: told %v from %v", told, from)
				}
			})
		})
	}
}

// What is over before it was told is never told.
func TestWhatIsOverIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Settling
		now := time.Now()
		active, grace := &view.View{}, &view.View{Decision: enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Unreachable}}
		grace.Known.Facts.Session.StartedAt = now
		again := func() { t.Error("something is due") }
		if _, told := s.Change(active, grace, now, again); told {
			t.Error("grace is told")
		}
		if _, told := s.Change(grace, active, now, again); told || s.Holds() {
			t.Error("its end is told")
		}
		if _, told := s.Change(active, grace, now, again); told {
			t.Error("grace is told")
		}
		s.End()
		time.Sleep(time.Hour)
	})
}
