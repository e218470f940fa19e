package record

import (
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// ErrNotActivated is returned by what needs a licence when none is held.
var ErrNotActivated = errors.New("no licence is held; activate with a licence key first")

// Known is a record with what its evidence proves.
type Known struct {
	Record
	License  license.License
	SeatLost error // why the server took the floating seat away
	// Counted is the running time of this process up to which that without a
	// floating seat is counted.
	Counted time.Duration
}

// ServerTime says what the server's clock was at the last answer and where it
// can be at the trusted time now at most.
func (k *Known) ServerTime(now time.Time) slascone.Known {
	proven := k.ProvenOnline()
	seen := Latest(proven, k.Accepted())
	if !proven.IsZero() && !k.ReceivedAt.IsZero() {
		now = proven.Add(max(now.Sub(k.ReceivedAt), 0))
	}
	return slascone.Known{NotBefore: seen, Latest: Latest(seen, now)}
}

// Accepted is the newest signed time that is confirmed, also in a record from
// before that was told apart.
func (k *Known) Accepted() time.Time { return Latest(k.Clock.Confirmed, k.Seen) }

// ProvenOnline is the server time of the last Yes, zero without one.
func (k *Known) ProvenOnline() time.Time {
	if k.Evidence.IsZero() {
		return k.Vouched
	}
	return k.License.IssuedAt()
}

// OnlyVouched reports whether the licence is only vouched for: its evidence is out
// of reach.
func (k *Known) OnlyVouched() bool {
	return k.Evidence.IsZero() && k.Files.License == "" && !k.Vouched.IsZero()
}

// Rank is the server time that decides between this knowledge and a copy of the record
// that is somewhere else: the newest that is confirmed, as a lead ranks nothing.
// What only vouches for that copy must not outrank it, unless the server has said
// No since.
func (k *Known) Rank() time.Time {
	if !k.OnlyVouched() {
		return k.Clock.Confirmed
	}
	var no time.Time
	for refusal := range k.Facts.Refusals.All() {
		no = Latest(no, refusal.At)
	}
	return no
}

// vouchedFacts is what is known of a licence whose evidence is out of reach: that
// the server is said to have said Yes at provenAt. Nothing signed says so, hence
// it counts like one whose freeride is over: what was made with the application
// stays readable, and whoever forges the witness gains no more.
func vouchedFacts(provenAt time.Time) enforcement.License {
	return enforcement.License{Source: enforcement.FromHeartbeat, ProvenAt: provenAt, Due: provenAt, FreerideSet: true}
}

// Latest returns the later of two instants.
func Latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
