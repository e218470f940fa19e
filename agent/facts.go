package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// licenceFacts says what a licence means to the policy engine. judged is the
// application's version that the server looked at.
func (s *settings) licenceFacts(l license.License, judged string) enforcement.Licence {
	if l.IsZero() {
		return enforcement.Licence{}
	}
	f := enforcement.Licence{
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
		f.Source = enforcement.FromLicenceFile
		return f
	}
	if l.FromActivation() {
		f.Source = enforcement.FromActivation
	}
	f.Freeride, f.FreerideSet = l.Freeride()
	f.Due = s.scheduleFor(l).Due(f.ProvenAt)
	return f
}

// flags are what a 200 says against the licence.
func flags(l license.License, userID string) enforcement.Flags {
	v := l.Verdict()
	return enforcement.Flags{
		Inactive:          !v.Active,
		Expired:           v.Expired || v.Dates == license.DateExpired,
		NotYetValid:       v.Dates == license.DateNotYetValid,
		VersionNotCovered: !v.VersionValid,
		Invalid:           !v.Valid,
		UserInactive:      userSwitchedOff(l, userID),
	}
}

// scheduleFor returns how often to send a heartbeat: the vendor's cron spec,
// else the licence's period, else once a day.
func (s *settings) scheduleFor(l license.License) heartbeat.Schedule {
	if s.schedule != nil {
		return *s.schedule
	}
	if period := l.HeartbeatPeriod(); period > 0 {
		return every(period)
	}
	return heartbeat.Schedule{}
}

// silenceKind sorts the reasons for Silence by their remedy.
func silenceKind(r slascone.Reason) enforcement.SilenceKind {
	switch {
	case r == slascone.Unauthorized:
		return enforcement.SilentUnauthorized
	case r.Signature():
		return enforcement.SilentSignature
	}
	return enforcement.SilentNetwork
}

// notAfter takes back what a clock that ran ahead has dated, now that an answer
// has set it to now: such a date would hold the decision in the future.
func notAfter(f enforcement.Facts, now time.Time) enforcement.Facts {
	for _, t := range []*time.Time{&f.Software.Since, &f.Session.ProvenAt, &f.Session.SilentSince, &f.AnsweredAt} {
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
