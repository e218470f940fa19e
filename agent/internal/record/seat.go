package record

import (
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// defaultSessionPeriod is for a floating licence that does not name its period.
const defaultSessionPeriod = 5 * time.Minute

// SessionPeriod is for how long a licence gives a floating seat.
func SessionPeriod(l license.License) time.Duration {
	if period := l.SessionPeriod(); period > 0 {
		return period
	}
	return defaultSessionPeriod
}

// SeatPeriod is for how long the seat is given: as the licence says, or less
// where the server has given less.
func (k *Known) SeatPeriod() time.Duration {
	period := SessionPeriod(k.License)
	if given := k.Facts.Session.ValidUntil.Sub(k.Seat.Contact.AnsweredAt); k.Seat.Held() && given > 0 {
		period = min(period, given)
	}
	return period
}

// DoubtedAt is when an answer about the seat gave reason to ask about the
// licence, which was not done since; zero when there is none.
func (k *Known) DoubtedAt(now time.Time) time.Time {
	at := k.Seat.Contact.AnsweredAt
	if !k.Facts.Session.Required || !at.After(k.Contact.AnsweredAt) || at.After(now) {
		return time.Time{}
	}
	if k.Seat.Held() && !k.Facts.Session.ValidUntil.After(at) {
		return at // over when it was given: this clock runs ahead
	}
	if k.refusedBesideSeat() {
		return at // a heartbeat tells how the licence is
	}
	return time.Time{}
}

// refusedBesideSeat reports whether an answer about the seat said no to more than the
// seat. It takes kilobytes of stack, which who asks each minute is to be spared.
func (k *Known) refusedBesideSeat() bool {
	about := k.Facts.WithoutSession()
	for no := range about.Refusals.All() {
		if no.Channel == enforcement.SessionChannel {
			return true
		}
	}
	return false
}

// SeatedAt reports whether a floating seat is held at the trusted time now.
func (k *Known) SeatedAt(now time.Time) bool {
	return k.Seat.Held() && now.Before(k.Facts.Session.ValidUntil)
}

// Seat is a floating session. The server's answer names neither licence nor
// client, so it is bound by being kept here.
type Seat struct {
	SessionID  string            `json:"session_id"`
	LicenseKey string            `json:"licence_key"`
	Evidence   slascone.Evidence `json:"evidence,omitzero"`
	Checkout   time.Duration     `json:"checkout,omitempty"`
	Unwanted   bool              `json:"unwanted,omitempty"` // the server says that this licence takes no sessions
	Contact    heartbeat.History `json:"contact,omitzero"`
	Given      Given             `json:"given,omitzero"`
}

// Held reports whether the server has given the seat, and nobody has given it back.
func (s Seat) Held() bool { return !s.Evidence.IsZero() }

// MissesSession reports whether the application may not run without a session: of
// a floating licence, or of one for users that has had one, as the vendor's own
// clients open them for users of any licence. A file takes none, nor does a
// licence of which the server says so.
func (k *Known) MissesSession() bool {
	if k.License.FromFile() || k.Seat.Unwanted {
		return false
	}
	return k.License.Floating() || k.License.ForUsers() && k.Facts.Session.Required
}

// AsksForSession reports whether a session is asked for: of any licence for
// users as well, if the user is known.
func (k *Known) AsksForSession(userID string) bool {
	return !k.License.FromFile() && (k.License.Floating() || k.License.ForUsers() && userID != "")
}

// Of reports whether the seat is one of l's. The service writes IDs in either
// case.
func (s Seat) Of(l license.License) bool { return strings.EqualFold(s.LicenseKey, l.Key()) }
