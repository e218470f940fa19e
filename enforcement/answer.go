package enforcement

import (
	"strings"
	"time"
)

// Flags are what a verified 200 says besides the licence. All false: the
// server holds the licence for valid.
type Flags struct {
	// Inactive: is_license_active is false.
	Inactive bool
	// Expired: is_license_expired is true, or date_validity is 2.
	Expired bool
	// NotYetValid: date_validity is 1.
	NotYetValid bool
	// VersionNotCovered: is_software_version_valid is false.
	VersionNotCovered bool
	// Invalid: is_license_valid is false. Without any other flag about the licence it counts as Inactive.
	Invalid bool
	// UserInactive: is_active is false for this user in license_users.
	UserInactive bool
}

// No is a verified conflict, or another verified refusal.
type No struct {
	// Endpoint is the one endpoint that answered.
	Endpoint Endpoint
	// Code is the conflict's ID, 0 if the refusal came otherwise.
	Code Code
	// Cause, if set, is what the caller knows the refusal to mean, whatever the
	// catalogue says of Code: Suspended, for which no ID is published, or
	// ConnectionLimit when a session answer says is_session_valid=false.
	Cause Cause
	// Key is the licence key the call was about; empty: the one that is held.
	Key string
	// At is the server time of the answer. Where the answer told none, it is the
	// server time that the answer cannot be older than, zero if not known.
	At time.Time
	// ReceivedAt is the trusted time at which an answer came that told no server
	// time; zero for one that did. The refusal counts from it, but as its clock
	// may be wrong, it does not order the answer among others: against a Yes At
	// does, and of the refusals that stand this one is the newest.
	ReceivedAt time.Time
}

// since is when the refusal is dated.
func (n No) since() time.Time {
	if n.ReceivedAt.IsZero() {
		return n.At
	}
	return n.ReceivedAt
}

// Held reports whether a licence is held for this device: there is evidence,
// the server has not taken the seat back since, and the evidence is this
// device's own.
func (f Facts) Held() bool {
	_, gone := f.Refusals.Of(NotActivated)
	return f.License.Source != NoSource && !gone && f.Device.MismatchSince.IsZero()
}

// Yes folds in a verified 200 of an activation or a heartbeat, or a verified
// licence file (with no flags).
//
// It replaces the evidence and outranks the refusals that are not newer: those
// of the licence channel, and what a session call said about the licence as a
// whole. Flags become refusals, whose ladders go on counting from the first
// time they were raised. Server times are compared in whole seconds, as a
// conflict's time is known no better; what arrives later wins within one.
//
// A Yes that is older than evidence from the same kind of source changes
// nothing. A Yes for another licence key starts afresh.
func (f Facts) Yes(l License, flags Flags) Facts {
	if l.Source == NoSource {
		return f
	}
	l.ProvenAt, l.Due = canonical(l.ProvenAt), canonical(l.Due)
	l.Starts, l.Expires = canonical(l.Starts), canonical(l.Expires)
	onLine := l.Source != FromLicenseFile
	sameKind := f.License.Source != NoSource && onLine == (f.License.Source != FromLicenseFile)
	otherKey := f.License.Source != NoSource && !sameKey(l.Key, f.License.Key)
	if sameKind && l.ProvenAt.Before(f.License.ProvenAt) && (onLine || !otherKey) {
		return f
	}
	if otherKey {
		f.Refusals, f.AnsweredAt = Refusals{}, time.Time{}
		f.Session = Session{Required: f.Session.Required, CountedAt: l.ProvenAt, StartedAt: f.Session.StartedAt}
	}
	earlier := f.Refusals
	for x := range earlier.All() {
		if !newer(x.At, l.ProvenAt) && (x.Channel == LicenseChannel || !ofSeat(x.Cause)) {
			f.Refusals.drop(x.Cause)
		}
	}
	for _, no := range [...]struct {
		cause Cause
		said  bool
	}{
		{Inactive, flags.Inactive || flags == Flags{Invalid: true, UserInactive: flags.UserInactive}},
		{Expired, flags.Expired},
		{NotYetValid, flags.NotYetValid},
		{VersionNotCovered, flags.VersionNotCovered},
		{UserInactive, flags.UserInactive},
	} {
		if no.said {
			x := Refusal{Cause: no.cause, Since: l.ProvenAt, At: l.ProvenAt, Version: judged(no.cause, l.JudgedVersion)}
			f.Refusals.Set(repeated(earlier.by[no.cause], x))
		}
	}
	if !newer(f.AnsweredAt, l.ProvenAt) {
		f.AnsweredAt = time.Time{}
	}
	f.License = l
	f.NoLicenseSince, f.Attempt, f.Device = time.Time{}, Refusal{}, Device{}
	if onLine {
		f.Silence, f.Clock = Silence{}, Clock{Mark: l.ProvenAt}
	}
	return f
}

// No folds in a verified conflict. A No never removes the evidence. One about a
// licence key other than the one held, or older than the Yes, changes nothing
// but the Silence.
//
// A conflict that concerns only the call, by [Code.CauseAt], leaves no refusal.
// [Unreachable] says which of them show all the same that the server is there, so that
// the next answer is due later.
//
// Of the refusals that session calls met only the newest stands: the server gives one
// reason at a time.
func (f Facts) No(n No) Facts {
	f.refuse(n)
	return f
}

// refuse is No. It is long because it is a table: each sort of conflict changes
// other facts.
func (f *Facts) refuse(n No) {
	n.At, n.ReceivedAt = canonical(n.At), canonical(n.ReceivedAt)
	undated := !n.ReceivedAt.IsZero()
	if undated && n.At.IsZero() {
		n.At = f.License.ProvenAt
	}
	f.Silence = Silence{}
	held := f.Held()
	if held && n.Key != "" && !sameKey(n.Key, f.License.Key) {
		return
	}
	cause := n.Cause
	if cause == NoCause || cause >= causeCount || cause.Silent() {
		cause = n.Code.CauseAt(n.Endpoint, held)
	}
	f.answered(n, cause)
	if n.Endpoint == EndpointSessionOpen && f.Session.Required {
		f.Session.Refused = 0
		if cause == NoCause {
			f.Session.Refused = n.Code
		}
	}
	if cause == NoCause {
		return
	}
	x := Refusal{Cause: cause, Code: n.Code, Since: n.since(), At: n.At, Version: judged(cause, f.Software.Version)}
	if undated {
		x.At = f.newestRefusal(n.At)
	}
	if !held && n.Endpoint == EndpointActivation {
		if !f.Attempt.At.After(x.At) {
			f.Attempt = repeated(f.Attempt, x)
		}
		return
	}
	yes := f.License.ProvenAt
	if n.Endpoint == EndpointSessionOpen {
		x.Channel = SessionChannel
		if ofSeat(cause) || yes.Before(f.Session.ProvenAt) {
			yes = f.Session.ProvenAt
		}
	}
	earlier, _ := f.Refusals.Of(cause)
	if newer(yes, n.At) || earlier.At.After(x.At) {
		return
	}
	for other := range f.Refusals.All() {
		switch {
		case other.Cause == cause || !other.ofSession() || !x.ofSession():
		case newer(other.At, x.At):
			return // the server has given another reason since
		default:
			f.Refusals.drop(other.Cause)
		}
	}
	f.Refusals.Set(repeated(earlier, x))
	if x.Channel == SessionChannel {
		f.Session = f.Session.ended(n.since())
	}
}

// answered folds in that the server was reached if n, with that cause, shows it:
// a No to a call about the licence of the evidence, newer than that.
func (f *Facts) answered(n No, cause Cause) {
	contact := EndpointActivation | EndpointHeartbeat
	switch {
	case !contact.Has(n.Endpoint), cause == NoCause && find(n.Code) != nil: // see Unreachable
	case f.License.Source == NoSource, n.Key != "" && !sameKey(n.Key, f.License.Key), newer(f.License.ProvenAt, n.At):
	case n.since().After(f.License.ProvenAt) && n.since().After(f.AnsweredAt):
		f.AnsweredAt = n.since()
	}
}

// newestRefusal is the server time of the newest refusal that stands, at least t.
func (f *Facts) newestRefusal(t time.Time) time.Time {
	if f.Attempt.At.After(t) {
		t = f.Attempt.At
	}
	for x := range f.Refusals.All() {
		if x.At.After(t) {
			t = x.At
		}
	}
	return t
}

// Silent folds in a call without an answer at trusted time at.
func (f Facts) Silent(kind SilenceKind, at time.Time) Facts {
	if kind == NoSilence {
		return f
	}
	if f.Silence.Kind == NoSilence {
		f.Silence.Since = canonical(at)
	}
	f.Silence.Kind = kind
	return f
}

// SessionYes folds in a verified Yes to opening or renewing a session: the
// server time of the answer, and the end of the session. It outranks the
// refusals of the session channel that are not newer. One that is older than
// the last changes nothing.
func (f Facts) SessionYes(provenAt, validUntil time.Time) Facts {
	provenAt = canonical(provenAt)
	if provenAt.Before(f.Session.ProvenAt) {
		return f
	}
	for x := range f.Refusals.All() {
		if x.Channel == SessionChannel && !newer(x.At, provenAt) {
			f.Refusals.drop(x.Cause)
		}
	}
	f.Session = Session{
		Required: true, ProvenAt: provenAt, ValidUntil: canonical(validUntil), CountedAt: provenAt, StartedAt: f.Session.StartedAt,
	}
	f.Silence = Silence{}
	return f
}

// SessionClosed folds in that the session was given back at trusted time at.
// From then on it is missing, unless WithoutSession says that none is needed. A
// refusal of the session channel stays: a seat that was refused before is refused still.
func (f Facts) SessionClosed(at time.Time) Facts {
	if f.Session.ValidUntil.IsZero() {
		return f // there was none: the time without goes on
	}
	f.Session = f.Session.ended(at)
	return f
}

// WithSession folds in that the licence is floating, so that a session is
// needed. If that is new, the time without one counts from trusted time at.
func (f Facts) WithSession(at time.Time) Facts {
	if !f.Session.Required || f.Session.CountedAt.IsZero() {
		f.Session.CountedAt = canonical(at)
	}
	f.Session.Required = true
	return f
}

// WithoutSession folds in that no session is needed, because the licence is
// not floating or the application holds none: what session calls said about
// the seat no longer matters.
func (f Facts) WithoutSession() Facts {
	f.Session = Session{StartedAt: f.Session.StartedAt}
	for x := range f.Refusals.All() {
		if x.ofSession() {
			f.Refusals.drop(x.Cause)
		}
	}
	return f
}

// Forget folds in that the licence was given back or removed at trusted time
// at. The condition of the clock and the running software are kept, and the time
// that was spent without a session: to give a licence back and take it again does
// not begin it anew.
func (f Facts) Forget(at time.Time) Facts {
	kept := Session{StartedAt: f.Session.StartedAt}
	if f.Session.Required {
		kept.Missing = f.Session.ended(at).Missing
	}
	return Facts{NoLicenseSince: canonical(at), Clock: f.Clock, Software: f.Software, Session: kept}
}

// ofSeat reports whether a refusal with that cause, coming from a session
// call, is about the seat and not about the licence, so that only a session
// call can outrank it.
func ofSeat(c Cause) bool {
	return c == ConnectionLimit || c == SessionLimit || c == UserLimit || c == UserInactive
}

// ofSession reports whether a session call was refused a seat.
func (r Refusal) ofSession() bool { return r.Channel == SessionChannel && ofSeat(r.Cause) }

// repeated returns x, dated to the earlier refusal if that had the same cause.
// One that was received with a clock that ran ahead may be dated later than x.
func repeated(earlier, x Refusal) Refusal {
	if earlier.Cause == x.Cause && earlier.Since.Before(x.Since) {
		x.Since = earlier.Since
	}
	return x
}

// judged is the version that a refusal with that cause is about.
func judged(c Cause, version string) string {
	if c == VersionNotCovered {
		return version
	}
	return ""
}

// newer reports whether a is newer than b by at least a whole second.
func newer(a, b time.Time) bool { return a.Unix() > b.Unix() }

func sameKey(a, b string) bool { return strings.EqualFold(a, b) }
