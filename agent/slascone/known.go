package slascone

import "time"

// Known is what the caller already accepted; it orders answers in time. The
// zero Known accepts an answer of any age.
type Known struct {
	// NotBefore is the newest server time accepted so far. An answer that is a
	// whole second or more older is [Stale]: the service writes whole seconds.
	NotBefore time.Time
	// Latest is the latest that the server's clock can show now: NotBefore plus
	// the time since that answer. Between the two, the unsigned Date of a
	// conflict is believed.
	Latest time.Time
}

// outdates reports whether an answer of server time at is too old.
func (k Known) outdates(at time.Time) bool { return k.NotBefore.Sub(at) >= time.Second }

// within returns an unsigned time as far as it can be believed. A 409 has no
// signed time, and one that is too late would outlaw every later Yes.
func (k Known) within(at time.Time) time.Time {
	if at.After(k.Latest) {
		at = k.Latest
	}
	if at.Before(k.NotBefore) {
		at = k.NotBefore
	}
	return at
}
