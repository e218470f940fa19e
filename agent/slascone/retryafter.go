package slascone

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter is the longest pause a server can ask for.
const MaxRetryAfter = 24 * time.Hour

// retryAfter reads a Retry-After header in both its forms, seconds (with a
// fraction, as some gateways send it) and HTTP date. What is not understood or
// negative is zero; what is too long is cut to [MaxRetryAfter]. A date counts
// from the server's own Date where there is one, so that a wrong local clock
// does not matter.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	// ParseFloat knows forms that are no number of seconds, such as "infinity".
	if strings.Trim(v, "0123456789.") == "" {
		s, _ := strconv.ParseFloat(v, 64) // too large is infinite, unreadable is 0
		return time.Duration(min(s, MaxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return min(max(at.Sub(now), 0), MaxRetryAfter)
}
