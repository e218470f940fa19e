package enforcement

import "time"

// collect finds every cause that the facts give now or at any later instant
// and lays the policy's ladders along them.
func (ts *tracks) collect(f *Facts, p *Policy) {
	freeride := p.DefaultFreeride
	if f.Licence.FreerideSet {
		freeride = f.Licence.Freeride
	}
	for c := NoCause + 1; c < causeCount; c++ {
		s, ok := see(c, f)
		if !ok || !s.begin.before(s.end) {
			continue
		}
		t := &ts.list[ts.n]
		*t = track{cause: c, code: s.code, remedy: remedyFor(c, s.code, f), begin: s.begin, end: s.end}
		t.climb(p.Ladders[c], s, freeride)
		ts.n++
	}
}

// sighting is a cause as the facts give it: from begin until before end, with
// a ladder that counts from the anchor. due is set for the silent causes.
type sighting struct {
	begin, end, anchor, due instant
	code                    Code
}

// from is the plain sighting: a cause since i, without an end.
func from(i instant) sighting { return sighting{begin: i, end: never, anchor: i, due: zeroInstant} }

// fromSet is the plain sighting since t, and none if t is zero.
func fromSet(t time.Time) (sighting, bool) { return from(at(t)), !t.IsZero() }

// refusedBy is the plain sighting of a refusal.
func refusedBy(x *Refusal) sighting {
	s := from(at(x.Since))
	s.code = x.Code
	return s
}

// see looks for a cause in the facts.
func see(c Cause, f *Facts) (sighting, bool) {
	no := f.Refusals.find(c)
	switch {
	case c == NotActivated:
		return seeNotActivated(f, no)
	case no == nil && c == f.Attempt.Cause:
		return refusedBy(&f.Attempt), true
	case no == nil && c == DeviceMismatch:
		return fromSet(f.Device.MismatchSince)
	case no == nil && c == ClockRolledBack:
		return fromSet(f.Clock.RolledBackSince)
	case no == nil && f.Licence.Source == NoSource:
		return sighting{}, false
	case c == Expired:
		return seeExpired(f, no)
	case c == NotYetValid:
		return seeNotYetValid(f, no)
	case c == VersionNotCovered:
		return seeVersion(f, no)
	case no != nil:
		return refusedBy(no), true
	case c == SessionMissing:
		return seeSessionMissing(f)
	case c.Silent():
		return seeSilence(c, f)
	}
	return sighting{}, false
}

// seeExpired counts from the expiration date where it is known, and from the
// first No where the server refused the licence before that date. A date that
// the server overruled on line, by a Yes given after it, does not count.
func seeExpired(f *Facts, no *Refusal) (sighting, bool) {
	expires := until(f.Licence.Expires)
	if no == nil {
		overruled := f.Licence.Source != FromLicenceFile && !at(f.Licence.ProvenAt).before(expires)
		return from(expires), !overruled
	}
	s := refusedBy(no)
	if !at(no.At).before(expires) {
		s.begin, s.anchor = expires, expires
	}
	return s, true
}

// seeNotYetValid ends at the start date, unless the server still said so after
// it. Without a No the date counts in licence files only: on line, the
// server's flag does.
func seeNotYetValid(f *Facts, no *Refusal) (sighting, bool) {
	starts := until(f.Licence.Starts)
	if no == nil {
		s := from(at(f.Licence.ProvenAt))
		s.end = starts
		return s, f.Licence.Source == FromLicenceFile && !f.Licence.Starts.IsZero()
	}
	s := refusedBy(no)
	if at(no.At).before(starts) {
		s.end = starts
	}
	return s, true
}

// seeVersion believes the server for the version it judged, and the rule of
// [Compliant] for any other: in a licence file, and when the application was
// changed since the evidence.
func seeVersion(f *Facts, no *Refusal) (sighting, bool) {
	running, limit := f.Software.Version, f.Licence.ReleaseLimit
	if no != nil {
		changed := running != "" && no.Version != "" && running != no.Version
		return refusedBy(no), !changed || limit == "" || !Compliant(limit, running)
	}
	if running == "" || running == f.Licence.JudgedVersion || Compliant(limit, running) {
		return sighting{}, false
	}
	return from(at(f.Licence.ProvenAt).max(at(f.Software.Since))), true
}

// seeNotActivated names the conflict that explains it best: the newest.
func seeNotActivated(f *Facts, no *Refusal) (sighting, bool) {
	if no == nil && f.Licence.Source != NoSource {
		return sighting{}, false
	}
	s := from(at(f.NoLicenceSince))
	if no != nil {
		s.code = no.Code
		if f.NoLicenceSince.IsZero() {
			s = refusedBy(no)
		}
	}
	if a := &f.Attempt; a.Cause != NoCause && (no == nil || !a.At.Before(no.At)) {
		s.code = a.Code
	}
	return s, true
}

// seeSessionMissing is there only while no No explains why there is no session.
func seeSessionMissing(f *Facts) (sighting, bool) {
	if !f.Session.Required {
		return sighting{}, false
	}
	for c := range f.Refusals.by {
		if no := f.Refusals.find(Cause(c)); no != nil && no.Channel == SessionChannel {
			return sighting{}, false
		}
	}
	if !f.Session.ValidUntil.IsZero() {
		return fromSet(f.Session.ValidUntil)
	}
	return fromSet(f.Session.SilentSince)
}

// seeSilence begins when the next answer is overdue, under the name that the
// newest Silence gives it, but counts from the last Yes.
func seeSilence(c Cause, f *Facts) (sighting, bool) {
	due := until(f.Licence.Due)
	s := sighting{begin: due, end: never, anchor: at(f.Licence.ProvenAt), due: due}
	return s, f.Licence.Source != FromLicenceFile && c == f.Silence.Kind.cause()
}

// remedyFor is what the conflict calls for, else what the cause does. A
// temporary licence is not renewed but replaced.
func remedyFor(c Cause, code Code, f *Facts) Remedy {
	if c == Expired && f.Licence.Temporary {
		return EnterKey
	}
	if code != 0 {
		if x := find(code); x != nil && x.Remedy != NoRemedy {
			return x.Remedy
		}
	}
	return causeRemedy[c]
}

// causeRemedy is what helps against a cause that no conflict explains.
var causeRemedy = [causeCount]Remedy{
	Suspended:         ContactVendor,
	Inactive:          ContactVendor,
	Expired:           RenewLicence,
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
