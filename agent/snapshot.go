package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// snapshot is everything a reader needs, immutable.
type snapshot struct {
	facts    enforcement.Facts
	licence  license.License
	decision enforcement.Decision
	// next is when the decision must be made anew, in Unix nanoseconds of
	// trusted time; rolledBack is what the clock said when it was made. Within
	// both, the decision holds.
	next       int64
	rolledBack bool
}

const forever = int64(^uint64(0) >> 1)

// judge makes the snapshot of what is known at this moment.
func (a *Agent) judge(facts enforcement.Facts, lic license.License) *snapshot {
	now := a.clock.Now()
	if now.RolledBack() && facts.Clock.RolledBackSince.IsZero() {
		facts.Clock.RolledBackSince = now.RolledBackSince
	}
	s := &snapshot{facts: facts, licence: lic, rolledBack: now.RolledBack(), next: forever}
	s.decision = enforcement.Decide(facts, a.set.Policy, now.Time)
	if at := s.decision.Next.At; !at.IsZero() {
		s.next = at.UnixNano()
	}
	return s
}

// current returns a snapshot that holds now. The common case is two atomic
// loads and one reading of the clock.
func (a *Agent) current() *snapshot {
	for {
		s := a.snap.Load()
		now, rolledBack := a.clock.UnixNano()
		if now < s.next && rolledBack == s.rolledBack {
			return s
		}
		// What is known has not changed, only the time; whoever learned
		// something meanwhile has published a newer snapshot, and it wins.
		if fresh := a.judge(s.facts, s.licence); a.snap.CompareAndSwap(s, fresh) {
			a.announce(s, fresh)
			return fresh
		}
	}
}

// publish replaces the snapshot by what is known now.
func (a *Agent) publish(facts enforcement.Facts, lic license.License) {
	fresh := a.judge(facts, lic)
	a.announce(a.snap.Swap(fresh), fresh)
}

// announce tells readers of events what changed between two snapshots, and
// sees to it that the next change is not missed.
func (a *Agent) announce(old, fresh *snapshot) {
	a.alarm.set(fresh, a.clock.Now().Time)
	if old == nil {
		return
	}
	var events []Event
	if old.decision.State != fresh.decision.State || old.decision.Cause != fresh.decision.Cause {
		a.log.Info("licence state", "from", old.decision.State.String(), "to", fresh.decision.State.String(), "cause", fresh.decision.Cause.String(), "code", int(fresh.decision.Code))
		events = append(events, StateChanged{From: old.decision, To: fresh.decision})
	}
	was, is := old.facts.Clock.RolledBackSince, fresh.facts.Clock.RolledBackSince
	switch {
	case was.IsZero() && !is.IsZero():
		events = append(events, ClockSuspect{Since: is})
	case !was.IsZero() && is.IsZero():
		events = append(events, ClockTrusted{})
	}
	if release, ok := fresh.licence.NewerRelease(); ok {
		if had, _ := old.licence.NewerRelease(); had.Version != release.Version {
			events = append(events, UpdateAvailable{Version: release.Version, DownloadLink: release.DownloadLink})
		}
	}
	a.events.publish(events...)
}

// Decision returns what the application may do now and why. It takes no lock
// and does not allocate.
func (a *Agent) Decision() enforcement.Decision { return a.current().decision }

// DecisionAt returns what the application would be allowed to do at another
// instant if nothing more were learned.
func (a *Agent) DecisionAt(t time.Time) enforcement.Decision {
	return enforcement.Decide(a.current().facts, a.set.Policy, t)
}

// Forecast lists every change of the decision that is coming if nothing more
// is learned, to the end.
func (a *Agent) Forecast() []enforcement.Transition {
	return enforcement.Forecast(a.current().facts, a.set.Policy, a.clock.Now().Time)
}

// Now returns the trusted time: never behind a signed answer of the server or
// behind what this agent has seen.
func (a *Agent) Now() time.Time { return a.clock.Now().Time }

// License returns the licence that is held, the zero License when none is.
func (a *Agent) License() license.License { return a.current().licence }

// Facts returns what is known, for reports and for trying out policies.
func (a *Agent) Facts() enforcement.Facts { return a.current().facts }

// Policy returns the policy in force. It must not be changed.
func (a *Agent) Policy() *enforcement.Policy { return a.set.Policy }
