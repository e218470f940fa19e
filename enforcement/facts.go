package enforcement

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"
)

// Facts is what is known about the licence of this client, as opposed to
// which calls were made. It is a plain comparable value: two equal Facts give
// equal decisions. The methods Yes, No, Silent, SessionYes, SessionClosed and Forget
// fold an answer into it and return the result.
//
// The zero value knows nothing, which is not_activated.
//
// Instants are trusted time (see Clock) or server time. As JSON, Facts keeps everything but License and AwaitsActivation: they are rebuilt from the signed
// evidence, which is verified again whenever it is read, so that editing the
// JSON cannot make a licence.
type Facts struct {
	// License is what the evidence (the last Yes) says. After
	// Facts are read from JSON it is to be set; Yes is for a new answer.
	License License `json:"-"`
	// NoLicenseSince is when it was found that no licence is held; it dates
	// not_activated. Zero: it has always been so.
	NoLicenseSince time.Time `json:"no_licence_since,omitzero"`
	// Refusals are the verified Nos that no newer Yes has outranked.
	Refusals Refusals `json:"refusals,omitzero"`
	// Attempt is the newest refused activation while no licence was held: it
	// explains not_activated. A Yes removes it.
	Attempt Refusal `json:"attempt,omitzero"`
	// Silence is since when calls have gone without an answer.
	Silence Silence `json:"silence,omitzero"`
	// AnsweredAt is the newest No since the Yes that shows the server to be there,
	// zero if there was none: the silent causes count from it as from a Yes at
	// that instant. See [Unreachable] for which do. A newer Yes removes it.
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	// Session is the floating seat.
	Session Session `json:"session,omitzero"`
	// Clock is the condition of the computer's clock.
	Clock Clock `json:"clock,omitzero"`
	// Device says whether the evidence belongs to this device.
	Device Device `json:"device,omitzero"`
	// Software is the running application.
	Software Software `json:"software,omitzero"`
	// AwaitsActivation: a licence file was imported and takes an activation file,
	// which is then what helps against not_activated.
	AwaitsActivation bool `json:"-"`
}

// License is what the evidence says: the last Yes of the server, or a licence
// file. Its zero value means that nothing is proven for this device.
type License struct {
	// Source is where the evidence is from; NoSource: there is none.
	Source Source
	// Key is the licence key the evidence is about. Comparison ignores case.
	Key string
	// ProvenAt is the server time of the evidence.
	ProvenAt time.Time
	// Due is when the next answer is overdue, zero for never (licence files,
	// licences that are checked once). From Due on the
	// licence may count as unreachable, as the policy says, whether or not a call was
	// tried. A No that Facts.AnsweredAt tells of moves Due on by the time from
	// ProvenAt to it.
	Due time.Time
	// Freeride is how long after ProvenAt, or Facts.AnsweredAt if that is later,
	// the licence works without an answer. It counts only if FreerideSet;
	// otherwise the policy's DefaultFreeride does.
	Freeride    time.Duration
	FreerideSet bool
	// Starts and Expires bound the licence; zero, and any instant from the year
	// 9999 on, is no bound.
	Starts  time.Time
	Expires time.Time
	// Temporary: a guest or trial activation, which is replaced, not renewed.
	Temporary bool
	// ReleaseLimit is the highest release the licence covers, empty for all;
	// see [Compliant].
	ReleaseLimit string
	// JudgedVersion is the software version that the server judged on line when
	// it gave this evidence, empty if it judged none (licence files). For that
	// version the server's flag counts; for any other, ReleaseLimit.
	JudgedVersion string
}

// Source says where evidence is from.
type Source uint8

const (
	// NoSource: there is no evidence.
	NoSource Source = iota
	// FromHeartbeat: a verified 200 of a heartbeat.
	FromHeartbeat
	// FromActivation: a verified 200 of an activation.
	FromActivation
	// FromLicenseFile: a verified licence file. Nothing ages: no Due, no freeride.
	FromLicenseFile
)

var sourceNames = [...]string{"", "heartbeat", "activation", "licence_file"}

// String returns heartbeat, activation, licence_file, or the empty string for NoSource.
func (s Source) String() string { return nameOf(sourceNames[:], s, "Source") }

// MarshalText writes the source as String does, and fails for a value that is not a source.
func (s Source) MarshalText() ([]byte, error) { return marshalName(sourceNames[:], s, "source") }

// UnmarshalText reads what MarshalText writes.
func (s *Source) UnmarshalText(text []byte) error {
	return unmarshalName(sourceNames[:], s, "source", text)
}

// Channel is the kind of call a No came from, and so which Yes outranks it.
type Channel uint8

const (
	// LicenseChannel: activations, heartbeats and licence queries.
	LicenseChannel Channel = iota
	// SessionChannel: opening and renewing floating sessions.
	SessionChannel
)

var channelNames = [...]string{"licence", "session"}

// String returns licence or session.
func (c Channel) String() string { return nameOf(channelNames[:], c, "Channel") }

// MarshalText writes the channel as String does, and fails for a value that is not a channel.
func (c Channel) MarshalText() ([]byte, error) { return marshalName(channelNames[:], c, "channel") }

// UnmarshalText reads what MarshalText writes.
func (c *Channel) UnmarshalText(text []byte) error {
	return unmarshalName(channelNames[:], c, "channel", text)
}

// Refusal is a verified No.
type Refusal struct {
	// Cause is what the No said; NoCause: there is no refusal.
	Cause Cause `json:"cause"`
	// Code is the ID of the conflict, 0 when flags of a 200 said it.
	Code Code `json:"code,omitzero"`
	// Since is the server time of the first No, or the trusted time at which it
	// came if it told none: the anchor of the ladder. Repeated Nos keep it.
	Since time.Time `json:"since"`
	// At is the server time of the newest No, as far as it is known. It orders
	// the No among other answers.
	At time.Time `json:"at"`
	// Channel is the kind of call it came from.
	Channel Channel `json:"channel"`
	// Version is the software version that was refused (version_not_covered).
	Version string `json:"version,omitzero"`
}

// Refusals holds at most one Refusal per cause. As JSON it is a list in the
// order of causes.
type Refusals struct {
	by [causeCount]Refusal
}

// Of returns the refusal with that cause.
func (r *Refusals) Of(c Cause) (Refusal, bool) {
	if x := r.find(c); x != nil {
		return *x, true
	}
	return Refusal{}, false
}

// find returns the refusal with that cause, nil if there is none.
func (r *Refusals) find(c Cause) *Refusal {
	if c == NoCause || c >= causeCount || r.by[c].Cause == NoCause {
		return nil
	}
	return &r.by[c]
}

// Set keeps x as the refusal of its cause, in place of an earlier one. It
// ignores a Refusal without a cause.
func (r *Refusals) Set(x Refusal) {
	if x.Cause == NoCause || x.Cause >= causeCount {
		return
	}
	x.Since, x.At = canonical(x.Since), canonical(x.At)
	r.by[x.Cause] = x
}

// drop removes the refusal with that cause.
func (r *Refusals) drop(c Cause) {
	if c < causeCount {
		r.by[c] = Refusal{}
	}
}

// All yields the refusals in the order of causes.
func (r *Refusals) All() iter.Seq[Refusal] {
	return func(yield func(Refusal) bool) {
		for c := NoCause + 1; c < causeCount; c++ {
			if x := r.by[c]; x.Cause != NoCause && !yield(x) {
				return
			}
		}
	}
}

// MarshalJSON writes the list of refusals.
func (r Refusals) MarshalJSON() ([]byte, error) {
	list := make([]Refusal, 0, causeCount)
	for x := range r.All() {
		list = append(list, x)
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes. An unknown member or cause, a
// refusal without a cause, and two refusals of one cause are errors.
func (r *Refusals) UnmarshalJSON(data []byte) error {
	var list []Refusal
	if err := decodeStrict(data, &list); err != nil {
		return fmt.Errorf("enforcement: refusals: %w", err)
	}
	var got Refusals
	for i, x := range list {
		if x.Cause == NoCause {
			return fmt.Errorf("enforcement: refusals[%d] names no cause", i)
		}
		if _, twice := got.Of(x.Cause); twice {
			return fmt.Errorf("enforcement: refusals[%d] repeats the cause %s", i, x.Cause)
		}
		got.Set(x)
	}
	*r = got
	return nil
}

// Silence says since when calls have gone without an answer.
type Silence struct {
	// Since is the trusted time of the first call without an answer since the last answer.
	Since time.Time `json:"since"`
	// Kind is what the newest of them met.
	Kind SilenceKind `json:"kind"`
}

// SilenceKind distinguishes the failed calls that need different remedies.
type SilenceKind uint8

const (
	// NoSilence: the last call was answered, or none was made.
	NoSilence SilenceKind = iota
	// SilentNetwork: no connection, a time-out, a portal, 404, 429, 5xx, or an answer that is signed but not a fresh one to this client's call.
	SilentNetwork
	// SilentUnauthorized: 401 or 403.
	SilentUnauthorized
	// SilentSignature: an answer whose signature is missing or wrong.
	SilentSignature
	// SilentProxy: the proxy is not there, wants a sign-in or refuses, or its
	// setting is wrong.
	SilentProxy
)

var silenceNames = [...]string{"", "network", "unauthorized", "signature", "proxy"}

// String returns network, unauthorized, signature, proxy, or the empty string for NoSilence.
func (k SilenceKind) String() string { return nameOf(silenceNames[:], k, "SilenceKind") }

// MarshalText writes the kind as String does, and fails for a value that is not a kind.
func (k SilenceKind) MarshalText() ([]byte, error) {
	return marshalName(silenceNames[:], k, "kind of silence")
}

// UnmarshalText reads what MarshalText writes.
func (k *SilenceKind) UnmarshalText(text []byte) error {
	return unmarshalName(silenceNames[:], k, "kind of silence", text)
}

// cause is what overdue evidence is called after this kind of silence.
func (k SilenceKind) cause() Cause {
	switch k {
	case SilentUnauthorized:
		return Unauthorized
	case SilentSignature:
		return SignatureInvalid
	}
	return Unreachable
}

// Session is the floating seat of this instance of the application. Only running time counts as time without one; the application says how much of it there was before it was started, see Missing.
type Session struct {
	// Required: the licence is floating and the application must hold a session.
	Required bool `json:"required,omitzero"`
	// ProvenAt is the server time of the last Yes to an open or renew call.
	ProvenAt time.Time `json:"proven_at,omitzero"`
	// ValidUntil is the end of the session held last, zero if none was held
	// since the last one was closed. From then on the session is missing.
	ValidUntil time.Time `json:"valid_until,omitzero"`
	// Missing is for how long the application ran without a session until
	// CountedAt: since the last one ended or, if there was none, since the licence
	// was first held. Counting goes on from CountedAt. At every start and every wake
	// CountedAt is set to that instant and Missing stays, so that time switched off
	// or asleep does not count, and no restart begins anew.
	Missing   time.Duration `json:"missing,omitzero"`
	CountedAt time.Time     `json:"counted_at,omitzero"`
	// Refused is the conflict by which the last call for a session was refused for
	// a reason that is not the seat, 0 if it was not. It explains session_missing.
	// One outside the catalogue excuses the application from it: what a newer
	// release of the server says must not lock anyone.
	Refused Code `json:"refused,omitzero"`
	// StartedAt is when the application was started or the machine woke last. The
	// first step of session_missing comes no sooner after that than it does after the
	// anchor, and no other step comes before it: there must be time to ask for a seat. It
	// belongs to the process and is not kept.
	StartedAt time.Time `json:"-"`
}

// missingFrom is the instant from which the time without a session counts.
func (s *Session) missingFrom() time.Time {
	from := s.CountedAt.Add(-s.Missing)
	if s.ValidUntil.After(from) {
		return s.ValidUntil
	}
	return from
}

// counted returns the session with its time without one counted up to at, to be
// kept. The decisions that follow are the same. What was never counted begins
// there.
func (s Session) counted(at time.Time) Session {
	s.Missing = max(at.Sub(s.missingFrom()), 0)
	if s.CountedAt.IsZero() && s.ValidUntil.IsZero() {
		s.Missing = 0
	}
	s.CountedAt = canonical(at)
	return s
}

// ended returns the session after its end, which is at that time at the latest.
func (s Session) ended(at time.Time) Session {
	s = s.counted(at)
	s.ValidUntil = time.Time{}
	return s
}

// Clock is the condition of the computer's clock.
type Clock struct {
	// Mark is the latest instant that is known to have passed (the high-water
	// mark). Decide never judges at an earlier one. Zero: not kept here.
	Mark time.Time `json:"mark,omitzero"`
	// AheadOf is what trusted time would be without a jump of the wall clock that
	// nothing has confirmed yet; zero without one. An expiration date in between
	// has most likely not come: the clock is wrong.
	AheadOf time.Time `json:"-"`
	// RolledBackSince is when it was found that the clock had been turned back,
	// zero if it was not. A Yes removes it.
	RolledBackSince time.Time `json:"rolled_back_since,omitzero"`
}

// Device says whether the evidence belongs to this device.
type Device struct {
	// MismatchSince is when it was found that the evidence was given to another
	// device ID than this device has now, zero if it was not. A Yes removes it.
	MismatchSince time.Time `json:"mismatch_since,omitzero"`
}

// Software is the running application.
type Software struct {
	// Version is the application's version; empty: not known, not judged off line.
	Version string `json:"version,omitzero"`
	// Since is when this version was first seen running. It anchors
	// version_not_covered when the rule, not the server, finds the release not
	// covered.
	Since time.Time `json:"since,omitzero"`
}
