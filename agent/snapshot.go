package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func (a *Agent) reading() view.Reading {
	now := a.clock.Now()
	return view.Reading{Now: now.Time, RolledBackSince: now.RolledBackSince}
}

// current returns a snapshot that holds now, and the trusted time it holds at.
// The common case is two atomic loads and one reading of the clock.
func (a *Agent) current() (*view.View, int64) {
	for {
		s := a.snap.Load()
		now, rolledBack := a.clock.UnixNano()
		if s.Holds(now, rolledBack) {
			return s, now
		}
		// What is known has not changed, only the time; whoever learned
		// something meanwhile has published a newer snapshot, and it wins.
		if fresh := s.Again(a.set.Policy, a.reading()); a.snap.CompareAndSwap(s, fresh) {
			a.announce()
			return fresh, now
		}
	}
}

// publish replaces the snapshot by what is known now.
func (a *Agent) publish(k record.Known) {
	a.clock.Offline(k.Licence.FromFile())
	a.snap.Store(view.Judge(k, a.set.Policy, a.reading(), a.snap.Load()))
	a.announce()
}

// knowledge returns what is known, without waiting for who learns more.
func (a *Agent) knowledge() record.Known { return a.snap.Load().Known }

// announce tells readers of events what has changed since it was last called,
// and sees to it that the next change is not missed. Whoever replaces the
// snapshot calls it; taking turns keeps the events in order, and the last of
// them about the snapshot that stays.
func (a *Agent) announce() {
	a.telling.Lock()
	s, old := a.snap.Load(), a.told
	a.told = s
	a.alarm.set(&s.Decision, a.clock.Now().Time)
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
func news(old, s *view.View) (events []Event) {
	if old.Decision.State != s.Decision.State || old.Decision.Cause != s.Decision.Cause {
		events = append(events, StateChanged{From: old.Decision, To: s.Decision})
	}
	if newTerms(old.Known.Licence, s.Known.Licence) {
		events = append(events, LicenseChanged{License: s.Known.Licence})
	}
	switch {
	case s.RolledBack && !old.RolledBack:
		events = append(events, ClockSuspect{Since: s.Known.Facts.Clock.RolledBackSince})
	case old.RolledBack && !s.RolledBack:
		events = append(events, ClockTrusted{})
	}
	switch {
	case s.Seated && !old.Seated:
		events = append(events, SeatGained{ValidUntil: s.Known.Facts.Session.ValidUntil})
	case old.Seated && !s.Seated && s.Known.Seat.SessionID != "": // one that was given back has no ID any more
		events = append(events, SeatLost{Err: s.Known.SeatLost})
	}
	if release, ok := s.Known.Licence.NewerRelease(); ok {
		if had, _ := old.Known.Licence.NewerRelease(); had.Version != release.Version {
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
	return s.Decision
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
func (a *Agent) License() license.License { return a.snap.Load().Known.Licence }

// Facts returns what is known, for reports and for trying out policies.
func (a *Agent) Facts() enforcement.Facts {
	s, _ := a.current()
	return s.Known.Facts
}

// Policy returns the policy in force. It must not be changed.
func (a *Agent) Policy() *enforcement.Policy { return a.set.Policy }
