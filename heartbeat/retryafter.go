package heartbeat

import (
	"net/http"
	"strings"
	"time"
)

// MaxRetryAfter bounds what a server can ask for with Retry-After.
const MaxRetryAfter = 24 * time.Hour

// ParseRetryAfter reads the value of a Retry-After header (RFC 9110, section 10.2.3): a number of seconds or an HTTP date,
// which is taken relative to now. The result lies between 0 and [MaxRetryAfter]; a date in the past gives 0. It reports
// false if the value is missing or is neither.
func ParseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		return seconds(value), true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), MaxRetryAfter), true
}

// seconds reads digits of any number.
func seconds(digits string) time.Duration {
	var d time.Duration
	for _, digit := range digits {
		d = d*10 + time.Duration(digit-'0')*time.Second
		if d >= MaxRetryAfter {
			return MaxRetryAfter
		}
	}
	return d
}
