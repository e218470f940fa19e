package enforcement

import "time"

// collect finds every cause that the facts give now or at any later instant
// and lays the policy's ladders along them.
func (ts *tracks) collect(f *Facts, p *Policy) {
	freeride := p.DefaultFreeride
	if f.License.FreerideSet {
		freeride = f.License.Freeride
	}
	for c := NoCause + 1; c < causeCount; c++ {
		t := &ts.list[ts.n]
		t.cause = c
		if !t.see(f) || !t.begin.before(t.end) {
			continue
		}
		t.remedy = remedyFor(c, t.code, f)
		t.climb(p.Ladders[c], freeride)
		ts.n++
	}
}

// since makes the track one that holds since i, without an end.
func (t *track) since(i instant) {
	t.code, t.begin, t.end, t.anchor, t.due, t.started = 0, i, never, i, zeroInstant, zeroInstant
}

// sinceSet does so for a time, and reports whether it is set.
func (t *track) sinceSet(when time.Time) bool {
	t.since(at(when))
	return !when.IsZero()
}

// refused makes the track that of a refusal.
func (t *track) refused(no *Refusal) bool {
	t.since(at(no.Since))
	t.code = no.Code
	return true
}

// see looks for the track's cause in the facts.
func (t *track) see(f *Facts) bool {
	c, no := t.cause, f.Refusals.find(t.cause)
	switch {
	case c.Silent(): // which no answer can say
		return t.seeSilence(f)
	case c == NotActivated:
		return t.seeNotActivated(f, no)
	case no == nil && c == f.Attempt.Cause:
		return t.refused(&f.Attempt)
	case no == nil && c == DeviceMismatch:
		return t.sinceSet(f.Device.MismatchSince)
	case no == nil && c == ClockRolledBack:
		return t.sinceSet(f.Clock.RolledBackSince)
	case no == nil && f.License.Source == NoSource:
		return false
	case c == Expired:
		return t.seeExpired(f, no)
	case c == NotYetValid:
		return t.seeNotYetValid(f, no)
	case c == VersionNotCovered:
		return t.seeVersion(f, no)
	case no != nil:
		return t.refused(no)
	case c == SessionMissing:
		return t.seeSessionMissing(f)
	}
	return false
}

// seeExpired counts from the expiration date where it is known, and from the
// first No where the server refused the licence before that date. A date that
// the server overruled on line, by a Yes given after it, does not count.
func (t *track) seeExpired(f *Facts, no *Refusal) bool {
	expires := until(f.License.Expires)
	if no == nil {
		t.since(expires)
		return f.License.Source == FromLicenseFile || at(f.License.ProvenAt).before(expires)
	}
	t.refused(no)
	if !at(no.At).before(expires) {
		t.begin, t.anchor = expires, expires
	}
	return true
}

// seeNotYetValid ends at the start date, unless the server still said so after
// it. Without a No the date counts in licence files only: on line, the
// server's flag does.
func (t *track) seeNotYetValid(f *Facts, no *Refusal) bool {
	starts := until(f.License.Starts)
	if no == nil {
		t.since(at(f.License.ProvenAt))
		t.end = starts
		return f.License.Source == FromLicenseFile && !f.License.Starts.IsZero()
	}
	t.refused(no)
	if at(no.At).before(starts) {
		t.end = starts
	}
	return true
}

// seeVersion believes the server for the version it judged, and the rule of
// [Compliant] for any other: in a licence file, and when the application was
// changed since the evidence.
func (t *track) seeVersion(f *Facts, no *Refusal) bool {
	running, limit := f.Software.Version, f.License.ReleaseLimit
	if no != nil {
		changed := running != "" && no.Version != "" && running != no.Version
		return t.refused(no) && (!changed || limit == "" || !Compliant(limit, running))
	}
	t.since(at(f.License.ProvenAt).max(at(f.Software.Since)))
	return running != "" && running != f.License.JudgedVersion && !Compliant(limit, running)
}

// seeNotActivated names the conflict that explains it best: the newest.
func (t *track) seeNotActivated(f *Facts, no *Refusal) bool {
	if no == nil && f.License.Source != NoSource {
		return false
	}
	t.since(at(f.NoLicenseSince))
	if no != nil {
		t.code = no.Code
		if f.NoLicenseSince.IsZero() {
			t.refused(no)
		}
	}
	if a := &f.Attempt; a.Cause != NoCause && (no == nil || !a.At.Before(no.At)) {
		t.code = a.Code
	}
	return true
}

// seeSessionMissing is there only while no No explains why there is no session.
// It counts the time that the application runs without one, whether nobody
// answered, nobody asked, or what was asked is not about a seat. The holder of a
// file never asks.
func (t *track) seeSessionMissing(f *Facts) bool {
	if !f.Session.Required || f.License.Source == FromLicenseFile {
		return false
	}
	for c := range f.Refusals.by {
		if no := f.Refusals.find(Cause(c)); no != nil && no.Channel == SessionChannel {
			return false
		}
	}
	t.since(at(f.Session.missingFrom()))
	t.started = at(f.Session.StartedAt)
	t.code = f.Session.Refused
	return t.code == 0 || find(t.code) != nil
}

// seeSilence begins when the next answer is overdue or with the first step of
// its ladder, if that is later, under the name that the newest Silence gives it,
// but counts from the last answer.
func (t *track) seeSilence(f *Facts) bool {
	proven := f.License.ProvenAt
	due := until(f.License.Due).add(f.AnsweredAt.Sub(proven))
	t.since(due)
	t.anchor, t.due = at(proven).max(at(f.AnsweredAt)), due
	onLine := f.License.Source != NoSource && f.License.Source != FromLicenseFile
	return onLine && t.cause == f.Silence.Kind.cause()
}

// remedyFor is what the conflict calls for, else what the cause does. A
// temporary licence is not renewed but replaced, and where a licence file waits
// for its activation file no key needs to be entered.
func remedyFor(c Cause, code Code, f *Facts) Remedy {
	remedy := causeRemedy[c]
	if x := find(code); x != nil && x.Remedy != NoRemedy {
		remedy = x.Remedy
	}
	switch {
	case c == Expired && code == 0 && f.Refusals.find(c) == nil && !f.Clock.AheadOf.IsZero() && f.Clock.AheadOf.Before(f.License.Expires):
		return CorrectClock
	case c == Expired && f.License.Temporary:
		return EnterKey
	case c == NotActivated && (remedy == EnterKey || remedy == CheckKey) && f.AwaitsActivation:
		return ImportActivation
	}
	return remedy
}

// causeRemedy is what helps against a cause that no conflict explains.
var causeRemedy = [causeCount]Remedy{
	Suspended:         ContactVendor,
	Inactive:          ContactVendor,
	Expired:           RenewLicense,
	NotYetValid:       WaitForStart,
	VersionNotCovered: UpdateApplication,
	UserInactive:      AddUser,
	UserLimit:         RemoveUser,
	DeviceMismatch:    ActivateAgain,
	NotActivated:      EnterKey,
	ConnectionLimit:   FreeSeat,
	SessionLimit:      CloseWindow,
	SessionMissing:    GoOnline,
	ClockRolledBack:   CorrectClock,
	SignatureInvalid:  CheckNetwork,
	Unauthorized:      VendorAccess,
	Unreachable:       GoOnline,
}
