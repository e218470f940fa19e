// Package alarm is the one timer that tells the agent of the next instant at which
// something changes by itself. Readers do not depend on it: they judge anew when
// they come after that instant. It only sees to it that events come without a
// reader.
package alarm

import (
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// Rejected, see docs/designs.md: Polling the policy each minute.

// An Alarm is one timer. The zero Alarm is ready for use, by any number of
// goroutines.
type Alarm struct {
	mu    sync.Mutex
	armed bool // between Start and Stop
	timer *time.Timer
	ring  func()

	deadline time.Time // of the grace that warnings were counted for
	warned   int       // how many of them are over
}

// longestAlarm bounds the timer. It counts time awake only, so after a sleep it
// would otherwise ring late by the time slept; the heartbeat runner's wake-ups
// ring it as well.
const longestAlarm = 24 * time.Hour

// Start lets the alarm ring from now on.
func (al *Alarm) Start(ring func()) {
	al.mu.Lock()
	defer al.mu.Unlock()
	al.armed, al.ring = true, ring
}

// Stop ends that; the timer is gone when it returns.
func (al *Alarm) Stop() {
	al.mu.Lock()
	defer al.mu.Unlock()
	al.armed = false
	if al.timer != nil {
		al.timer.Stop()
		al.timer = nil
	}
}

// Set arms the timer for whatever comes first after now: the decision's next
// change or the next warning of a deadline.
func (al *Alarm) Set(d *enforcement.Decision, now time.Time) {
	al.mu.Lock()
	defer al.mu.Unlock()
	if !al.armed {
		return
	}
	if al.timer != nil {
		al.timer.Stop()
		al.timer = nil
	}
	at := d.Next.At
	if warn, ok := nextWarning(d, now); ok && (at.IsZero() || warn.Before(at)) {
		at = warn
	}
	warned := al.warned
	if !d.Until.Equal(al.deadline) {
		warned = 0
	}
	if passedWarnings(d, now) > warned {
		at = now // something else came in the moment in which it would have rung
	}
	if at.IsZero() {
		return
	}
	wait := min(max(at.Sub(now), 0)+time.Millisecond, longestAlarm)
	al.timer = time.AfterFunc(wait, al.ring)
}

// warnings are the instants at which a user should be told of a grace's end:
// half-way, at the last fifth, and a day before. Those of a grace shorter than
// two days fall together with the parts of it.
func warnings(d *enforcement.Decision) []time.Time {
	if d.State != enforcement.Grace || d.Until.IsZero() || d.Since.IsZero() {
		return nil
	}
	whole := d.Until.Sub(d.Since)
	at := []time.Time{d.Since.Add(whole / 2), d.Since.Add(whole / 5 * 4)}
	if last := d.Until.Add(-24 * time.Hour); last.After(d.Since) {
		at = append(at, last)
	}
	return at
}

func nextWarning(d *enforcement.Decision, now time.Time) (next time.Time, ok bool) {
	for _, at := range warnings(d) {
		if at.After(now) && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}

// passedWarnings counts the warnings that are due at now.
func passedWarnings(d *enforcement.Decision, now time.Time) (n int) {
	for _, at := range warnings(d) {
		if !at.After(now) {
			n++
		}
	}
	return n
}

// Warn reports whether a warning has become due since the last call.
func (al *Alarm) Warn(d *enforcement.Decision, now time.Time) bool {
	al.mu.Lock()
	defer al.mu.Unlock()
	if !d.Until.Equal(al.deadline) {
		al.deadline, al.warned = d.Until, 0
	}
	n := passedWarnings(d, now)
	due := n > al.warned
	al.warned = n
	return due
}
