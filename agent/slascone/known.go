package slascone

import "time"

// Rejected, see docs/designs.md: Freshness from the nonce alone.

// Known is what the caller already accepted; it orders answers in time. The
// zero Known accepts an answer of any age.
type Known struct {
	// NotBefore is the newest server time accepted so far. An older answer is
	// [Stale]. The service writes whole seconds, so where one of the two times
	// has no fraction, only a whole second counts as older.
	NotBefore time.Time
	// Latest is the latest that the server's clock can show now: NotBefore plus
	// the time since that answer. Between the two, the unsigned Date of a
	// conflict is believed.
	Latest time.Time
	// Outdated, if set, judges signed answers instead of NotBefore, which then is
	// for conflicts only: it says whether one of that time is from before, and
	// which accepted one says so.
	Outdated func(t time.Time) (accepted time.Time, outdated bool)
}

// outdates reports whether an answer of server time at is too old.
func (k Known) outdates(at time.Time) bool {
	if k.NotBefore.Nanosecond() != 0 && at.Nanosecond() != 0 {
		return at.Before(k.NotBefore)
	}
	return k.NotBefore.Sub(at) >= time.Second
}

// outdatedBy is outdates for a signed answer, with what it is older than.
func (k Known) outdatedBy(at time.Time) (accepted time.Time, outdated bool) {
	if k.Outdated != nil {
		return k.Outdated(at)
	}
	return k.NotBefore, k.outdates(at)
}

// within returns an unsigned time as far as it can be believed. A 409 has no
// signed time, and one that is too late would outlaw every later Yes. A date
// that is missing or too early tells nothing: the answer is then undated, and
// at is no more than what it cannot be older than.
func (k Known) within(date time.Time) (at time.Time, undated bool) {
	at = date
	if at.After(k.Latest) {
		at = k.Latest
	}
	if at.Before(k.NotBefore) {
		at = k.NotBefore
	}
	return at, at.IsZero() || k.outdates(date)
}
