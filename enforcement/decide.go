package enforcement

import "time"

// Decide judges the facts by the policy (nil: Standard) at the instant now. It
// is pure, total and deterministic, and does not allocate.
//
// Time never goes back for it: an instant before one that the facts know to
// have passed (the last Yes, a No, the clock's mark) counts as that one.
func Decide(f Facts, p *Policy, now time.Time) Decision {
	if p == nil {
		p = standard
	}
	var ts tracks
	ts.collect(&f, p)
	i := notBefore(&f, at(now))

	var d Decision
	ts.findings(&d, i)
	if d.count > 0 {
		top := &d.findings[0]
		d.State, d.Cause, d.Code, d.Remedy = top.state, top.cause, top.code, top.remedy
	}
	d.Since = ts.began(d.State, i, at(f.License.ProvenAt)).time()
	d.Then = d.State
	if until := ts.changes(d.State, i); until != never {
		d.Until = until.time()
		d.Then, _ = ts.topAt(until)
	}
	if next := ts.nextAfter(i); next != never {
		state, cause := ts.topAt(next)
		d.Next = Change{At: next.time(), State: state, Cause: cause}
	}
	return d
}

// Forecast lists every transition after now, to the end: the decisions that
// follow from the same facts as time passes. It is empty when nothing changes
// any more.
func Forecast(f Facts, p *Policy, now time.Time) []Transition {
	var list []Transition
	for next := Decide(f, p, now).Next.At; !next.IsZero(); {
		d := Decide(f, p, next)
		list = append(list, Transition{At: next, Decision: d})
		next = d.Next.At
	}
	return list
}

// notBefore returns i, or the latest instant that the facts know to have
// passed if that is later; always before never.
func notBefore(f *Facts, i instant) instant {
	for _, t := range [...]time.Time{
		f.License.ProvenAt, f.AnsweredAt, f.NoLicenseSince, f.Attempt.Since, f.Attempt.At, f.Session.ProvenAt,
		f.Session.CountedAt, f.Session.StartedAt, f.Clock.Mark, f.Clock.RolledBackSince, f.Device.MismatchSince, f.Software.Since,
	} {
		i = i.max(at(t))
	}
	for c := range f.Refusals.by {
		if no := f.Refusals.find(Cause(c)); no != nil {
			i = i.max(at(no.At)).max(at(no.Since))
		}
	}
	return i.min(instant{never.sec - 1, 999_999_999})
}
