package clock

import "time"

// KeptEvery is how often the line is kept in the long run: no more running time
// than that is ever unkept.
const KeptEvery = 15 * time.Minute

// NextKept is when the line is to be kept next, as running time since the start, when it was last kept after that much:
// at the start, after 1, 2, 4 and 8 minutes, and then every 15. So the start costs a program that is often started
// little, and a kill loses no more than a quarter of an hour, which is then charged.
func NextKept(last time.Duration) time.Duration {
	for next := time.Minute; next < KeptEvery; next *= 2 {
		if last < next {
			return next
		}
	}
	return last.Truncate(KeptEvery) + KeptEvery
}
