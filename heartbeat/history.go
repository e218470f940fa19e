package heartbeat

import "time"

// A History is how the contacts of one job have gone: what the next one is planned from, see [Plan.Next], and what
// outlives the process. Its instants are trusted time. The zero History is one without a contact.
type History struct {
	// AnsweredAt is when the server last answered, Yes or No; zero if it never did.
	AnsweredAt time.Time `json:"answered_at,omitzero"`

	// Denied says that the last answer was a No, and Denials counts the Noes in a row since the process began. The server
	// is asked again at once after a start, because the user may have put it right, and then after half an hour to an
	// hour, doubled with each No up to the schedule's interval.
	Denied  bool `json:"denied,omitempty"`
	Denials int  `json:"-"`

	// Missed says that the machine was off when the contact before that answer was due, as it is when it runs in office
	// hours only.
	Missed bool `json:"missed,omitempty"`

	// Failures counts the contacts without an answer since AnsweredAt, FailingSince is the time of the first and
	// FailedAt that of the last. Urgent counts those among them after which an answer was urgent, see [Plan.Next].
	Failures     int       `json:"failures,omitempty"`
	Urgent       int       `json:"urgent,omitempty"`
	FailingSince time.Time `json:"failing_since,omitzero"`
	FailedAt     time.Time `json:"failed_at,omitzero"`

	// RetryAfter is how long the server asked to be left alone with the last failure; zero if it did not.
	RetryAfter time.Duration `json:"retry_after,omitempty"`

	// Random is a number in [0, 1), a new one for each contact. It spreads what follows failures and wakes, and is kept
	// so that asking again gives the same plan.
	Random float64 `json:"random,omitempty"`
}

// Answered returns the history after the server answered Yes or No, for a job that has no plan; see
// [Plan.Answered].
func (h History) Answered(now time.Time, yes bool, random float64) History {
	done := History{AnsweredAt: now, Denied: !yes, Random: random}
	if !yes {
		done.Denials = h.Denials + 1
	}
	return done
}

// Failed returns the history after a contact without an answer. The plan is the one that was made from h: it knows
// whether an answer was urgent, and may disregard h's last answer.
func (h History) Failed(plan Plan, now time.Time, retryAfter time.Duration, random float64) History {
	done := plan.Failed(now, retryAfter, random).History
	done.AnsweredAt, done.Denied, done.Denials = h.AnsweredAt, h.Denied, h.Denials
	return done
}
