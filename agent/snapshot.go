package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// snapshot is everything a reader needs, immutable.
type snapshot struct {
	// known is what the decision was made from; its condition of the clock is
	// that of the clock when it was.
	known    record.Known
	gates    gates  // of its licence
	limits   limits // of its licence and accounts
	decision enforcement.Decision
	seated   bool // a floating seat is held
	// next is when the decision must be made anew, in Unix nanoseconds of
	// trusted time; rolledBack is what the clock said when it was made. Within
	// both, the decision holds.
	next       int64
	rolledBack bool
}

// forever is an instant that the clock does not reach: it ends in 2261.
const forever = int64(^uint64(0) >> 1)

// judge makes the snapshot of what is known at this moment. before is the one
// that it replaces, or nil.
func (a *Agent) judge(k record.Known, before *snapshot) *snapshot {
	now := a.clock.Now()
	k.Facts.Clock.RolledBackSince = now.RolledBackSince
	s := &snapshot{known: k, rolledBack: now.RolledBack(), next: forever}
	if before != nil && before.known.Licence == k.Licence {
		s.gates = before.gates
	} else {
		s.gates = gatesOf(k.Licence, a.set.Policy)
	}
	s.limits = limitsOf(&s.known)
	s.decision = enforcement.Decide(k.Facts, a.set.Policy, now.Time)
	if at := s.decision.Next.At; !at.IsZero() && at.Year() < 2262 {
		s.next = at.UnixNano()
	}
	s.seated = k.SeatedAt(now.Time)
	return s
}

// current returns a snapshot that holds now, and the trusted time it holds at.
// The common case is two atomic loads and one reading of the clock.
func (a *Agent) current() (*snapshot, int64) {
	for {
		s := a.snap.Load()
		now, rolledBack := a.clock.UnixNano()
		if now < s.next && rolledBack == s.rolledBack {
			return s, now
		}
		// What is known has not changed, only the time; whoever learned
		// something meanwhile has published a newer snapshot, and it wins.
		if fresh := a.judge(s.known, s); a.snap.CompareAndSwap(s, fresh) {
			a.announce()
			return fresh, now
		}
	}
}

// publish replaces the snapshot by what is known now.
func (a *Agent) publish(k record.Known) {
	k.Facts.AwaitsActivation = k.Files.Waiting != ""
	a.clock.Offline(k.Licence.FromFile())
	a.snap.Store(a.judge(k, a.snap.Load()))
	a.announce()
}

// knowledge returns what is known, without waiting for who learns more.
func (a *Agent) knowledge() record.Known { return a.snap.Load().known }

// announce tells readers of events what has changed since it was last called,
// and sees to it that the next change is not missed. Whoever replaces the
// snapshot calls it; taking turns keeps the events in order, and the last of
// them about the snapshot that stays.
func (a *Agent) announce() {
	a.telling.Lock()
	s, old := a.snap.Load(), a.told
	a.told = s
	a.alarm.set(&s.decision, a.clock.Now().Time)
	var events []Event
	if old != nil && old != s {
		events = news(old, s)
		a.events.publish(events...)
	}
	a.telling.Unlock()
	for _, e := range events {
		if e, ok := e.(StateChanged); ok {
			a.log.Info("licence state", "from", e.From.State.String(), "to", e.To.State.String(), "cause", e.To.Cause.String(), "code", int(e.To.Code))
		}
	}
}

// news is what the events say of the difference between two snapshots.
func news(old, s *snapshot) (events []Event) {
	if old.decision.State != s.decision.State || old.decision.Cause != s.decision.Cause {
		events = append(events, StateChanged{From: old.decision, To: s.decision})
	}
	if newTerms(old.known.Licence, s.known.Licence) {
		events = append(events, LicenseChanged{License: s.known.Licence})
	}
	switch {
	case s.rolledBack && !old.rolledBack:
		events = append(events, ClockSuspect{Since: s.known.Facts.Clock.RolledBackSince})
	case old.rolledBack && !s.rolledBack:
		events = append(events, ClockTrusted{})
	}
	switch {
	case s.seated && !old.seated:
		events = append(events, SeatGained{ValidUntil: s.known.Facts.Session.ValidUntil})
	case old.seated && !s.seated && s.known.Seat.SessionID != "": // one that was given back has no ID any more
		events = append(events, SeatLost{Err: s.known.SeatLost})
	}
	if release, ok := s.known.Licence.NewerRelease(); ok {
		if had, _ := old.known.Licence.NewerRelease(); had.Version != release.Version {
			events = append(events, UpdateAvailable{Version: release.Version, DownloadLink: release.DownloadLink})
		}
	}
	return events
}

// Decision returns what the application may do now and why. It takes no lock
// and does not allocate, but for the first reader after the time has changed the
// decision, who announces it.
func (a *Agent) Decision() enforcement.Decision {
	s, _ := a.current()
	return s.decision
}

// DecisionAt returns what the application would be allowed to do at another
// instant if nothing more were learned.
func (a *Agent) DecisionAt(t time.Time) enforcement.Decision {
	return enforcement.Decide(a.Facts(), a.set.Policy, t)
}

// Forecast lists every change of the decision that is coming if nothing more
// is learned, to the end.
func (a *Agent) Forecast() []enforcement.Transition {
	return enforcement.Forecast(a.Facts(), a.set.Policy, a.clock.Now().Time)
}

// Now returns the trusted time: never behind a signed answer of the server or
// behind what this agent has seen.
func (a *Agent) Now() time.Time { return a.clock.Now().Time }

// License returns the licence that is held, the zero License when none is.
func (a *Agent) License() license.License { return a.snap.Load().known.Licence }

// Facts returns what is known, for reports and for trying out policies.
func (a *Agent) Facts() enforcement.Facts {
	s, _ := a.current()
	return s.known.Facts
}

// Policy returns the policy in force. It must not be changed.
func (a *Agent) Policy() *enforcement.Policy { return a.set.Policy }
