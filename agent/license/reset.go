package license

import "time"

// NextReset returns when a limitation's consumption starts anew after now, in
// UTC; ok is false when it never does, or when the document does not tell
// since when a period of days runs.
func (l Limitation) NextReset(now time.Time) (at time.Time, ok bool) {
	year, month, _ := now.UTC().Date()
	switch l.ResetMode {
	case ResetFirstDayOfMonth:
		month++
	case ResetFirstOfQuarter:
		month += 3 - (month-1)%3
	case ResetFirstOfYear:
		year, month = year+1, time.January
	default:
		return time.Time{}, false
	}
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), true
}

// Unlimited reports whether the limitation sets no bound.
func (l Limitation) Unlimited() bool { return l.Value == nil }
