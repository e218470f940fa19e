package view

import (
	"math"
	"slices"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// UnixNano is t in Unix nanoseconds, and the nearest that can be said of one
// that has none. Nothing is at forever.
func UnixNano(t time.Time) int64 {
	switch year := t.UTC().Year(); {
	case year < 1678:
		return math.MinInt64
	case year >= 2262:
		return forever - 1
	}
	return t.UnixNano()
}

// View is everything a reader needs, immutable.
type View struct {
	// Known is what the decision was made from; its condition of the clock is
	// that of the clock when it was.
	Known    record.Known
	gates    gates  // of its licence
	limits   limits // of its licence and accounts
	Decision enforcement.Decision
	Seated   bool // a floating seat is held
	// from is when the decision was made, next when it must be made anew, in Unix
	// nanoseconds of trusted time; RolledBack and ahead are what the clock said when
	// it was made. Within these the decision holds. Trusted time goes back when a
	// clock that was ahead is put right.
	from, next int64
	RolledBack bool
	ahead      bool
}

// forever is an instant that the clock does not reach: it ends in 2261.
const forever = int64(^uint64(0) >> 1)

// Reading is what a clock shows.
type Reading struct {
	Now             time.Time     // trusted
	Charge          time.Duration // by how much more what is known has aged: see clock.Reading
	RolledBackSince time.Time     // zero when the clock is trusted
	Trusts          time.Duration // running time after which it is, zero if that alone does not help
	Ran             time.Duration // of this process
	ResumedAt       time.Time     // when the host was started or the machine woke last; zero for never
	Ahead           time.Duration // by how much a jump of the wall clock puts Now ahead
	Settles         time.Duration // running time after which there is no Ahead any more
	Granted         time.Duration // running time since the first answer from far ahead, zero without one
}

// Judge makes the view of what is known. before is the one that it replaces, or
// nil; of the same licence it has the same gates.
func Judge(k *record.Known, p *enforcement.Policy, at Reading, before *View) *View {
	v := &View{Known: *k}
	v.Known.Facts.AwaitsActivation = k.Files.Waiting != ""
	if before != nil && before.Known.License == k.License {
		v.gates = before.gates
	} else {
		v.gates = gatesOf(k.License, p)
	}
	v.limits = limitsOf(&v.Known)
	v.decide(p, at)
	return v
}

// Again makes the view of the same at another time.
func (v *View) Again(p *enforcement.Policy, at Reading) *View {
	later := *v
	later.decide(p, at)
	return &later
}

func (v *View) decide(p *enforcement.Policy, at Reading) {
	v.Known.Facts = record.NotAfter(v.Known.Facts, at.Now) // a clock that was ahead may have been put right
	clock := &v.Known.Facts.Clock
	clock.RolledBackSince, clock.AheadOf = at.RolledBackSince, time.Time{}
	if at.Ahead > 0 {
		clock.AheadOf = at.Now.Add(-at.Ahead)
	}
	v.Known.CountSeatless(at.Ran, at.Now, 0)
	v.Known.Facts.Session.StartedAt = at.ResumedAt
	v.RolledBack, v.ahead, v.from, v.next = !at.RolledBackSince.IsZero(), at.Ahead > 0, UnixNano(at.aged()), forever
	v.Decision = enforcement.Decide(aged(v.Known.Facts, p, at), p, at.aged())
	if left := at.changesIn(v.Known.Facts, p); left > 0 {
		v.decideFrom(p, at.later(at.Now.Add(left)))
	}
	if at := v.Decision.Next.At; !at.IsZero() && at.Year() < 2262 {
		v.next = min(v.next, at.UnixNano())
	}
	v.Seated = v.Known.SeatedAt(at.Now)
}

// changesIn is the running time until something changes that is no instant of the facts: leads have granted all they may,
// or a clock that was turned back is trusted again. Zero is never.
func (r Reading) changesIn(f enforcement.Facts, p *enforcement.Policy) time.Duration {
	left := grants(f, p) - r.Granted
	if r.Granted == 0 || left < 0 || !f.License.ProvenAt.After(r.aged().Add(-r.Granted)) {
		left = 0
	}
	if r.Trusts > 0 && (left == 0 || r.Trusts < left) {
		left = r.Trusts
	}
	return left
}

// decideFrom puts into the decision what will be decided when the clock shows at.
func (v *View) decideFrom(p *enforcement.Policy, at Reading) {
	d, end, then := &v.Decision, at.aged(), v.Again(p, at).Decision
	before := func(t time.Time) bool { return t.IsZero() || !end.After(t) }
	switch {
	case !before(d.Until):
	case then.State != d.State:
		d.Until, d.Then = end, then.State
	default:
		d.Until, d.Then = then.Until, then.Then
	}
	switch {
	case !before(d.Next.At):
		return
	case !alike(*d, then):
		d.Next = enforcement.Change{At: end, State: then.State, Cause: then.Cause}
	default:
		d.Next = then.Next
	}
	v.next = min(v.next, UnixNano(end))
}

// alike reports whether two decisions differ by their instants only.
func alike(a, b enforcement.Decision) bool {
	return a.State == b.State && slices.EqualFunc(slices.Collect(a.Findings()), slices.Collect(b.Findings()), func(x, y enforcement.Finding) bool {
		return x.Cause == y.Cause && x.State == y.State && x.Code == y.Code
	})
}

// later is what the clock shows at an instant after this one, if it runs until then
// and nothing is learned.
func (r Reading) later(t time.Time) Reading {
	const century = 100 * 365 * 24 * time.Hour // sums do not overflow
	ran := min(t.Sub(r.Now), century)
	r.Now, r.Ran = t, r.Ran+ran
	if r.Granted > 0 {
		r.Granted += ran
	}
	if r.Settles -= ran; r.Settles <= 0 {
		r.Ahead, r.Settles = 0, 0
	}
	if r.Trusts > 0 {
		if r.Trusts = max(r.Trusts-ran, 0); r.Trusts == 0 {
			r.RolledBackSince = time.Time{}
		}
	}
	return r
}

// At is what would be decided at an instant if nothing more were learned.
func (v *View) At(p *enforcement.Policy, now Reading, t time.Time) enforcement.Decision {
	if !t.After(now.Now) {
		return enforcement.Decide(aged(v.Known.Facts, p, now), p, t.Add(now.Charge))
	}
	return v.Again(p, now.later(t)).Decision
}

// Forecast lists every change of the decision that is still to come if nothing more is
// learned.
func (v *View) Forecast(p *enforcement.Policy, now Reading) (list []enforcement.Transition) {
	d, last := v.At(p, now, now.Now), now.aged()
	for next := d.Next.At; next.After(last); next = d.Next.At {
		d = v.At(p, now, next.Add(-now.Charge))
		list, last = append(list, enforcement.Transition{At: next, Decision: d}), next
	}
	return list
}

// settled is by when two answers of a server that is far ahead are so far from one
// another that they settle that it is not, with heartbeats once a day.
const settled = 48 * time.Hour

// grants is for how much running time all answers from far ahead together count as
// new.
func grants(f enforcement.Facts, p *enforcement.Policy) time.Duration {
	freeride := f.License.Freeride
	if !f.License.FreerideSet && p != nil {
		freeride = p.DefaultFreeride
	}
	return max(settled, freeride)
}

func (r Reading) aged() time.Time { return r.Now.Add(r.Charge) }

// aged is what a decision is made from. Evidence from a server that is far ahead
// is as old as the running time since the first, once that is over freeride: all
// such answers together grant no more than one. And what the server counts of a
// session does not age by what was not kept here.
func aged(f enforcement.Facts, p *enforcement.Policy, at Reading) enforcement.Facts {
	if since := at.aged().Add(-at.Granted); at.Granted >= grants(f, p) && f.License.ProvenAt.After(since) {
		by := f.License.ProvenAt.Sub(since)
		f.License.ProvenAt = since
		if !f.License.Due.IsZero() {
			f.License.Due = f.License.Due.Add(-by)
		}
	}
	if at.Charge > 0 {
		s := &f.Session
		for _, t := range []*time.Time{&s.ProvenAt, &s.ValidUntil, &s.CountedAt, &s.StartedAt} {
			if !t.IsZero() {
				*t = t.Add(at.Charge)
			}
		}
	}
	return f
}

// Holds reports whether the view is right at a trusted time in Unix nanoseconds.
func (v *View) Holds(now int64, rolledBack, ahead bool) bool {
	return v.from <= now && now < v.next && rolledBack == v.RolledBack && ahead == v.ahead
}
