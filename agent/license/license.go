// Package license is the domain model: what a verified licence grants.
//
// A [License] is immutable and safe for concurrent use. Application code
// receives one from the agent; it cannot make one, because making one takes
// the proof that a signature was checked, and that proof is internal to this
// module. Whether the licence holds right now is not answered here but by the
// policy engine (package enforcement).
package license

import (
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// License is what a verified document grants. The zero value is no licence.
type License struct {
	doc *document
}

type document struct {
	Terms
	proof verified.Proof

	features, limitations, variables, choices index
}

func init() { //nolint:gochecknoinits // how verified makers get at an unexported constructor
	verified.Make = func(proof verified.Proof, terms any) any { return newLicense(proof, *terms.(*Terms)) }
}

// newLicense returns the licence that a verified document describes, or the zero
// License when proof proves nothing. It takes ownership of t.
func newLicense(proof verified.Proof, t Terms) License {
	if !proof.Valid() {
		return License{}
	}
	d := &document{Terms: t, proof: proof}
	d.features = newIndex(len(t.Features), func(i int) key { return key{t.Features[i].ID, t.Features[i].Name} })
	d.limitations = newIndex(len(t.Limitations), func(i int) key { return key{t.Limitations[i].ID, t.Limitations[i].Name} })
	d.variables = newIndex(len(t.Variables), func(i int) key { return key{t.Variables[i].ID, t.Variables[i].Name} })
	d.choices = newIndex(len(t.Choices), func(i int) key { return key{t.Choices[i].ID, t.Choices[i].Name} })
	return License{d}
}

// nothing is what the zero License says. It is never written to.
var nothing document

func (l License) document() *document {
	if l.doc == nil {
		return &nothing
	}
	return l.doc
}

// IsZero reports whether l is no licence at all.
func (l License) IsZero() bool { return l.doc == nil }

// Terms returns everything the document said, as a copy of the caller's own.
func (l License) Terms() Terms {
	t := l.document().Terms
	t.Features = slices.Clone(t.Features)
	t.Limitations = slices.Clone(t.Limitations)
	for i := range t.Limitations {
		x := &t.Limitations[i]
		x.Value, x.Remaining, x.Balance = copied(x.Value), copied(x.Remaining), copied(x.Balance)
		x.ResetPeriodDays = copied(x.ResetPeriodDays)
	}
	t.Variables = slices.Clone(t.Variables)
	t.Choices = slices.Clone(t.Choices)
	for i := range t.Choices {
		t.Choices[i].Values = slices.Clone(t.Choices[i].Values)
	}
	t.Users = slices.Clone(t.Users)
	t.TokenLimit, t.FloatingTokenLimit, t.UserLimit = copied(t.TokenLimit), copied(t.FloatingTokenLimit), copied(t.UserLimit)
	t.Releases, t.LatestRelease = slices.Clone(t.Releases), copied(t.LatestRelease)
	t.SessionPeriodMinutes, t.HeartbeatPeriodDays, t.FreerideDays = copied(t.SessionPeriodMinutes), copied(t.HeartbeatPeriodDays), copied(t.FreerideDays)
	return t
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// FromFile reports whether the licence came from a licence file, which says
// nothing of what happened on line.
func (l License) FromFile() bool {
	return l.document().proof.Source() == verified.LicenseFile
}

// FromActivation reports whether the licence came from an activation's answer.
func (l License) FromActivation() bool {
	return l.document().proof.Source() == verified.Activation
}

// IssuedAt returns the server time at which the document was produced
// (created_date_utc of an answer, modified_date_utc of a licence file).
func (l License) IssuedAt() time.Time {
	return l.document().proof.Issued()
}

// Key returns the licence key, empty for the zero License.
func (l License) Key() string {
	return l.document().Key
}

// TokenKey returns the seat that the server assigned, empty when none is known.
func (l License) TokenKey() string {
	return l.document().TokenKey
}

// ClientID returns the client that the document is bound to, empty when it
// names none.
func (l License) ClientID() string {
	return l.document().ClientID
}

// Expires returns the licence's end; ok is false for a perpetual licence.
func (l License) Expires() (end time.Time, ok bool) {
	if l.document().Terms.Expires.IsZero() {
		return time.Time{}, false
	}
	return l.document().Terms.Expires, true
}

// Verdict is what the document itself says of the licence, without a clock.
type Verdict struct {
	Active, Expired, Valid, VersionValid bool
	Dates                                DateValidity
}

// Verdict returns what the document says of the licence.
func (l License) Verdict() Verdict {
	return Verdict{l.document().Active, l.document().Expired, l.document().Valid, l.document().VersionValid, l.document().DateValidity}
}

// Granted reports whether the document says that the licence is fine: active,
// within its dates, covering the version, and valid as a whole.
func (v Verdict) Granted() bool {
	return v.Active && !v.Expired && v.Valid && v.VersionValid && v.Dates != DateNotYetValid && v.Dates != DateExpired
}

// Starts returns the licence's first instant, zero when it has none.
func (l License) Starts() time.Time {
	return l.document().Terms.Starts
}

// Temporary reports whether the licence is a guest's or a trial's.
func (l License) Temporary() bool { return l.document().Terms.Temporary }

// ReleaseLimit returns the highest release that the licence covers, empty when
// it covers all.
func (l License) ReleaseLimit() string {
	return l.document().Terms.ReleaseLimit
}

// Covers reports whether the licence covers a release of the application, by the
// rule of [enforcement.Compliant], which is the service's own: so that an update
// can be refused before it is installed. A licence without a limit covers every
// release, one that is no licence none. Of the running release the server may
// think otherwise, see [License.Verdict]; its word counts.
func (l License) Covers(version string) bool {
	return !l.IsZero() && enforcement.Compliant(l.ReleaseLimit(), version)
}

// NewerRelease returns the vendor's latest release; ok is false when the
// server does not tell of one that is newer than the application.
func (l License) NewerRelease() (s Shipment, ok bool) {
	if !l.document().Terms.NewerRelease || l.document().LatestRelease == nil {
		return Shipment{}, false
	}
	return *l.document().LatestRelease, true
}

// Opens reports whether key, as a person typed it, leads to this licence: the
// licence key, the seat's token key, or the key from the vendor's former
// system. Case does not count.
func (l License) Opens(key string) bool {
	return key != "" &&
		(strings.EqualFold(key, l.document().Key) || strings.EqualFold(key, l.document().TokenKey) || strings.EqualFold(key, l.document().LegacyKey))
}

// ForUsers reports whether the licence counts users, and not devices.
func (l License) ForUsers() bool { return l.document().ClientType == Users }

// Floating reports whether the licence is used through sessions.
func (l License) Floating() bool {
	return l.document().ProvisioningMode == Floating
}

// SessionPeriod returns how long a floating seat is held without renewal; zero
// when the licence does not say.
func (l License) SessionPeriod() time.Duration {
	return units(l.document().SessionPeriodMinutes, time.Minute)
}

// HeartbeatPeriod returns how often the vendor wants to hear from a client;
// zero when the licence does not say.
func (l License) HeartbeatPeriod() time.Duration {
	return units(l.document().HeartbeatPeriodDays, 24*time.Hour)
}

// Freeride returns how long the server lets the installation go without an
// answer; ok is false when the licence does not say.
func (l License) Freeride() (d time.Duration, ok bool) {
	if l.document().FreerideDays == nil {
		return 0, false
	}
	return units(l.document().FreerideDays, 24*time.Hour), true
}

// Feature looks a feature up by ID (any case) or by exact name; ok is false
// when the licence does not know it. It does not allocate, but where an ID is
// longer than a UUID by far or has other letters.
func (l License) Feature(name string) (f Feature, ok bool) {
	d := l.document()
	if i := d.features.find(name); i >= 0 {
		return d.Terms.Features[i], true
	}
	return Feature{}, false
}

// Limitation looks a limitation up as [License.Feature] does.
func (l License) Limitation(name string) (found Limitation, ok bool) {
	d := l.document()
	if i := d.limitations.find(name); i >= 0 {
		return d.Terms.Limitations[i], true
	}
	return Limitation{}, false
}

// Variable looks a variable up as [License.Feature] does.
func (l License) Variable(name string) (v Variable, ok bool) {
	d := l.document()
	if i := d.variables.find(name); i >= 0 {
		return d.Terms.Variables[i], true
	}
	return Variable{}, false
}

// Choice looks a constrained variable up as [License.Feature] does. Its Values
// must not be changed.
func (l License) Choice(name string) (c Choice, ok bool) {
	d := l.document()
	if i := d.choices.find(name); i >= 0 {
		return d.Terms.Choices[i], true
	}
	return Choice{}, false
}

// Features returns all features in the document's order.
func (l License) Features() []Feature {
	return slices.Clone(l.document().Terms.Features)
}

// Limitations returns all limitations in the document's order. What they point
// to must not be changed.
func (l License) Limitations() []Limitation {
	return slices.Clone(l.document().Terms.Limitations)
}

// units turns a count from the wire into a duration; absent and negative
// counts are zero, and counts no calendar can hold are capped.
func units(n *int, unit time.Duration) time.Duration {
	const century = 100 * 366 * 24 * time.Hour
	switch {
	case n == nil || *n <= 0:
		return 0
	case *n > int(century/unit):
		return century
	}
	return time.Duration(*n) * unit
}
