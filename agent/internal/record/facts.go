package record

import (
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// LicenseFacts says what a licence means to the policy engine. judged is the
// application's version that the server looked at.
func (o *Opener) LicenseFacts(l license.License, judged string) enforcement.License {
	if l.IsZero() {
		return enforcement.License{}
	}
	f := enforcement.License{
		Source:        enforcement.FromHeartbeat,
		Key:           l.Key(),
		ProvenAt:      l.IssuedAt(),
		Starts:        l.Starts(),
		Temporary:     l.Temporary(),
		ReleaseLimit:  l.ReleaseLimit(),
		JudgedVersion: judged,
	}
	f.Expires, _ = l.Expires()
	if l.FromFile() {
		f.Source = enforcement.FromLicenseFile
		return f
	}
	if l.FromActivation() {
		f.Source = enforcement.FromActivation
	}
	f.Freeride, f.FreerideSet = l.Freeride()
	f.Due = o.ScheduleFor(l).Due(f.ProvenAt)
	return f
}

// Flags are what a 200 says against the licence.
func (o *Opener) Flags(l license.License) enforcement.Flags {
	v := l.Verdict()
	return enforcement.Flags{
		Inactive:          !v.Active,
		Expired:           v.Expired || v.Dates == license.DateExpired,
		NotYetValid:       v.Dates == license.DateNotYetValid,
		VersionNotCovered: !v.VersionValid,
		Invalid:           !v.Valid,
		UserInactive:      userSwitchedOff(l, o.UserID),
	}
}

// ScheduleFor returns how often to send a heartbeat: the vendor's cron spec,
// else the licence's period, else once a day.
func (o *Opener) ScheduleFor(l license.License) heartbeat.Schedule {
	if o.Schedule != nil {
		return *o.Schedule
	}
	if period := l.HeartbeatPeriod(); period > 0 {
		return heartbeat.Nearest(period)
	}
	return heartbeat.Schedule{}
}

// SilenceKind sorts the reasons for Silence by their remedy.
func SilenceKind(r slascone.Reason) enforcement.SilenceKind {
	switch {
	case r == slascone.Unauthorized:
		return enforcement.SilentUnauthorized
	case r.Signature():
		return enforcement.SilentSignature
	case r == slascone.ProxyFailure:
		return enforcement.SilentProxy
	}
	return enforcement.SilentNetwork
}

// NotAfter takes back what a clock that ran ahead has dated, now that it is now:
// such a date would hold the decision in the future.
func NotAfter(f enforcement.Facts, now time.Time) enforcement.Facts {
	for _, t := range []*time.Time{
		&f.Software.Since, &f.Session.ProvenAt, &f.Session.CountedAt, &f.AnsweredAt, &f.Silence.Since,
		&f.NoLicenseSince, &f.Attempt.Since, &f.Device.MismatchSince,
	} {
		if t.After(now) {
			*t = now
		}
	}
	for x := range f.Refusals.All() {
		if x.Since.After(now) {
			x.Since = now
			f.Refusals.Set(x)
		}
	}
	return f
}

// Dropped takes back what was signed by a server whose clock ran ahead, now that
// it has answered at an earlier time: neither that evidence nor a refusal from
// then is newer than the answer.
func Dropped(f enforcement.Facts, at time.Time) enforcement.Facts {
	if f.License.ProvenAt.After(at) {
		f.License.ProvenAt = at
	}
	if f.Attempt.At.After(at) {
		f.Attempt.At = at
	}
	for x := range f.Refusals.All() {
		if x.At.After(at) {
			x.At = at
			f.Refusals.Set(x)
		}
	}
	return NotAfter(f, at)
}

// userSwitchedOff reports whether a licence lists the user as no longer active.
// A licence that does not list the user says nothing of them.
func userSwitchedOff(l license.License, userID string) bool {
	if userID == "" {
		return false
	}
	for _, u := range l.Terms().Users {
		if strings.EqualFold(u.ID, userID) {
			return !u.Active
		}
	}
	return false
}
