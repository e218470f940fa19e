package lease

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Next says when the next heartbeat is due; zero for never.
//
// Without a licence there is one at the start: a server that still knows this
// client gives it its licence back, for instance after a keyring was lost. One
// that is out of reach is asked for again and again. A licence from a file needs
// none.
func (l *Lease) Next(now time.Time) time.Time {
	k := l.Ledger.Known()
	unlicensed := k.License.IsZero() && !k.OnlyVouched()
	asked := !k.Facts.NoLicenseSince.IsZero() || !k.Contact.AnsweredAt.Before(l.Ledger.Started())
	if l.Nameless || k.License.FromFile() || unlicensed && asked {
		return time.Time{}
	}
	l.Noticed(now, k.Contact.Failures > 0)
	return l.plan(k).Next(now)
}

func (l *Lease) plan(k *record.Known) heartbeat.Plan {
	plan := l.Plan(k.Contact, l.Ledger.Opener.ScheduleFor(k.License))
	plan.Freeride = patience(k.License, l.Policy)
	if since := l.Ledger.Reading().RolledBackSince; since.After(k.Contact.AnsweredAt) {
		// Only an answer settles what time it is.
		plan.AnsweredAt, plan.Started = time.Time{}, since
	}
	if doubted := k.DoubtedAt(l.Ledger.Now()); !doubted.IsZero() {
		plan.AnsweredAt, plan.Started = time.Time{}, doubted
		if doubted.After(plan.FailedAt.Add(plan.RetryAfter)) {
			plan.Failures = 0 // the server can be reached again: it has answered about the seat
		}
	}
	return plan
}

// patience is the licence's own freeride, if the policy tells nobody of silence
// in its first half: else to be in no hurry would show. 0 is none.
func patience(l license.License, p *enforcement.Policy) time.Duration {
	freeride, _ := l.Freeride()
	if steps := p.Ladder(enforcement.Unreachable); len(steps) > 0 {
		if from := steps[0].After.From; from != enforcement.HalfFreeride && from != enforcement.Freeride {
			return 0
		}
	}
	return freeride
}
