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
)

// License is what a verified document grants. The zero value is no licence.
type License struct {
	doc *document
}

type document struct {
	Terms
	proof    verified.Proof
	features map[string]int // by lower-case ID and by name
}

// New returns the licence that a verified document describes, or the zero
// License when proof proves nothing. It takes ownership of t.
func New(proof verified.Proof, t Terms) License {
	if !proof.Valid() {
		return License{}
	}
	d := &document{Terms: t, proof: proof, features: make(map[string]int, 2*len(t.Features))}
	for i, f := range t.Features {
		// The ID wins where one feature is named like another's ID.
		if _, taken := d.features[f.Name]; !taken {
			d.features[f.Name] = i
		}
	}
	for i, f := range t.Features {
		d.features[strings.ToLower(f.ID)] = i
	}
	return License{d}
}

// IsZero reports whether l is no licence at all.
func (l License) IsZero() bool { return l.doc == nil }

// Terms returns everything the document said, as a copy the caller may keep.
func (l License) Terms() Terms {
	if l.doc == nil {
		return Terms{}
	}
	t := l.doc.Terms
	t.Features = slices.Clone(t.Features)
	t.Limitations = slices.Clone(t.Limitations)
	t.Variables = slices.Clone(t.Variables)
	t.Choices = slices.Clone(t.Choices)
	t.Users = slices.Clone(t.Users)
	return t
}

// FromFile reports whether the licence came from a licence file, which says
// nothing of what happened on line.
func (l License) FromFile() bool {
	return l.doc != nil && l.doc.proof.Source() == verified.LicenceFile
}

// FromActivation reports whether the licence came from an activation's answer.
func (l License) FromActivation() bool {
	return l.doc != nil && l.doc.proof.Source() == verified.Activation
}

// IssuedAt returns the server time at which the document was produced
// (created_date_utc of an answer, modified_date_utc of a licence file).
func (l License) IssuedAt() time.Time {
	if l.doc == nil {
		return time.Time{}
	}
	return l.doc.proof.Issued()
}

// Key returns the licence key, empty for the zero License.
func (l License) Key() string {
	if l.doc == nil {
		return ""
	}
	return l.doc.Key
}

// TokenKey returns the seat that the server assigned, empty when none is known.
func (l License) TokenKey() string {
	if l.doc == nil {
		return ""
	}
	return l.doc.TokenKey
}

// ClientID returns the client that the document is bound to, empty when it
// names none.
func (l License) ClientID() string {
	if l.doc == nil {
		return ""
	}
	return l.doc.ClientID
}

// Expires returns the licence's end; ok is false for a perpetual licence.
func (l License) Expires() (end time.Time, ok bool) {
	if l.doc == nil || l.doc.Terms.Expires.IsZero() {
		return time.Time{}, false
	}
	return l.doc.Terms.Expires, true
}

// Verdict is what the document itself says of the licence, without a clock.
type Verdict struct {
	Active, Expired, Valid, VersionValid bool
	Dates                                DateValidity
}

// Verdict returns what the document says of the licence.
func (l License) Verdict() Verdict {
	if l.doc == nil {
		return Verdict{}
	}
	return Verdict{l.doc.Active, l.doc.Expired, l.doc.Valid, l.doc.VersionValid, l.doc.DateValidity}
}

// Granted reports whether the document says that the licence is fine: active,
// within its dates, covering the version, and valid as a whole.
func (v Verdict) Granted() bool {
	return v.Active && !v.Expired && v.Valid && v.VersionValid && v.Dates == DateValid
}

// Starts returns the licence's first instant, zero when it has none.
func (l License) Starts() time.Time {
	if l.doc == nil {
		return time.Time{}
	}
	return l.doc.Terms.Starts
}

// Temporary reports whether the licence is a guest's or a trial's.
func (l License) Temporary() bool { return l.doc != nil && l.doc.Terms.Temporary }

// ReleaseLimit returns the highest release that the licence covers, empty when
// it covers all.
func (l License) ReleaseLimit() string {
	if l.doc == nil {
		return ""
	}
	return l.doc.Terms.ReleaseLimit
}

// NewerRelease returns the vendor's latest release; ok is false when the
// server does not tell of one that is newer than the application.
func (l License) NewerRelease() (s Shipment, ok bool) {
	if l.doc == nil || !l.doc.Terms.NewerRelease || l.doc.LatestRelease == nil {
		return Shipment{}, false
	}
	return *l.doc.LatestRelease, true
}

// Opens reports whether key, as a person typed it, leads to this licence: the
// licence key, the seat's token key, or the key from the vendor's former
// system. Case does not count.
func (l License) Opens(key string) bool {
	return l.doc != nil && key != "" &&
		(strings.EqualFold(key, l.doc.Key) || strings.EqualFold(key, l.doc.TokenKey) || strings.EqualFold(key, l.doc.LegacyKey))
}

// Floating reports whether the licence is used through sessions.
func (l License) Floating() bool {
	return l.doc != nil && l.doc.ProvisioningMode == Floating
}

// SessionPeriod returns how long a floating seat is held without renewal; zero
// when the licence does not say.
func (l License) SessionPeriod() time.Duration {
	if l.doc == nil {
		return 0
	}
	return units(l.doc.SessionPeriodMinutes, time.Minute)
}

// HeartbeatPeriod returns how often the vendor wants to hear from a client;
// zero when the licence does not say.
func (l License) HeartbeatPeriod() time.Duration {
	if l.doc == nil {
		return 0
	}
	return units(l.doc.HeartbeatPeriodDays, 24*time.Hour)
}

// Freeride returns how long the server lets the installation go without an
// answer; ok is false when the licence does not say.
func (l License) Freeride() (d time.Duration, ok bool) {
	if l.doc == nil || l.doc.FreerideDays == nil {
		return 0, false
	}
	return units(l.doc.FreerideDays, 24*time.Hour), true
}

// Feature looks a feature up by ID (any case) or by exact name; ok is false
// when the licence does not know it. It does not allocate when name is an
// exact name or a lower-case ID.
func (l License) Feature(name string) (f Feature, ok bool) {
	if l.doc == nil {
		return Feature{}, false
	}
	i, ok := l.doc.features[name]
	if !ok {
		if i, ok = l.doc.features[strings.ToLower(name)]; !ok {
			return Feature{}, false
		}
	}
	return l.doc.Terms.Features[i], true
}

// Features returns all features in the document's order.
func (l License) Features() []Feature {
	if l.doc == nil {
		return nil
	}
	return slices.Clone(l.doc.Terms.Features)
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
