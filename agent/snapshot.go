package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// knowledge returns what is known, without waiting for who learns more.
func (a *Agent) knowledge() *record.Known { return a.ledger.Known() }

// viewChanged tells readers of events what has changed, and sees to it that the next
// change is not missed. The ledger calls it, for one change at a time.
func (a *Agent) viewChanged(old, now *view.View) {
	at := a.ledger.Now()
	a.alarm.Set(&now.Decision, a.ledger.Aged())
	var events []Event
	if from, ok := a.settling.Change(old, now, at, a.settled); ok {
		events = append(events, StateChanged{From: from, To: now.Decision})
	}
	a.events.Publish(append(events, news(old, now, a.underway().failed(now.Known.SeatLost))...)...)
}

// settled announces what was held back after the start.
func (a *Agent) settled() {
	a.ledger.Remind()
	a.ring()
}

// news is what the events say of the difference between two views, but for the
// decision. lost is why the floating seat is lost, if it is.
func news(old, s *view.View, lost error) (events []Event) {
	if newTerms(old.Known.License, s.Known.License) {
		events = append(events, LicenseChanged{License: s.Known.License})
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
		events = append(events, SeatLost{Err: lost})
	}
	if release, ok := s.Known.License.NewerRelease(); ok {
		if had, _ := old.Known.License.NewerRelease(); had.Version != release.Version {
			events = append(events, UpdateAvailable{
				Version: release.Version, DownloadLink: release.DownloadLink, Covered: s.Known.License.Covers(release.Version),
			})
		}
	}
	return events
}

// Rejected, see docs/designs.md: A boolean IsLicensed.

// Decision returns what the application may do now and why. It takes no lock and
// does not allocate. When only the passage of time has changed the decision, the
// first call after that works out the new one and tells readers of [Agent.Changes];
// that call may allocate.
func (a *Agent) Decision() enforcement.Decision {
	if a.unmade() {
		return nobody
	}
	s, _ := a.ledger.Current()
	return s.Decision
}

// DecisionAt returns what the application would be allowed to do at another
// instant if nothing more were learned.
func (a *Agent) DecisionAt(t time.Time) enforcement.Decision {
	if a.unmade() {
		return nobody
	}
	s, _ := a.ledger.Current()
	return s.At(a.set.Policy, a.ledger.Reading(), t)
}

// Forecast lists every change of the decision that is still to come if nothing more
// is learned.
func (a *Agent) Forecast() []enforcement.Transition {
	if a.unmade() {
		return nil
	}
	s, _ := a.ledger.Current()
	return s.Forecast(a.set.Policy, a.ledger.Reading())
}

// Now returns the trusted time: never behind a signed answer of the server or
// behind what this agent has seen.
func (a *Agent) Now() time.Time {
	if a.unmade() {
		return time.Time{}
	}
	return a.ledger.Now()
}

// License returns the licence that is held, the zero License when none is.
func (a *Agent) License() license.License {
	if a.unmade() {
		return license.License{}
	}
	return a.ledger.View().Known.License
}

// Facts returns what the decision is made from. It is for trying out another
// policy on what this installation knows, by [enforcement.Decide] and
// [enforcement.Forecast]; an application has no other need of it.
func (a *Agent) Facts() enforcement.Facts {
	if a.unmade() {
		return enforcement.Facts{}
	}
	s, _ := a.ledger.Current()
	return s.Known.Facts
}

// Policy returns the policy in force. It must not be changed.
func (a *Agent) Policy() *enforcement.Policy {
	if a.unmade() {
		return enforcement.Standard()
	}
	return a.set.Policy
}
