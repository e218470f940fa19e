package slascone

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	const gmt = http.TimeFormat
	date := func(d time.Duration) string { return noon.Add(d).Format(gmt) }
	for name, test := range map[string]struct {
		header, date string
		want         time.Duration
	}{
		"absent":            {"", "", 0},
		"seconds":           {"120", "", 2 * time.Minute},
		"zero":              {"0", "", 0},
		"blanks":            {" 5 ", "", 5 * time.Second},
		"fraction":          {"1.5", "", 1500 * time.Millisecond},
		"negative":          {"-5", "", 0},
		"a day":             {"86400", "", 24 * time.Hour},
		"longer":            {"86401", "", 24 * time.Hour},
		"huge":              {"99999999999999999999999", "", 24 * time.Hour},
		"very huge":         {"1" + string(make0(400)), "", 24 * time.Hour},
		"infinity":          {"inf", "", 0},
		"not a number":      {"NaN", "", 0},
		"exponent":          {"1e3", "", 0},
		"hexadecimal":       {"0x10", "", 0},
		"dots":              {"1.2.3", "", 0},
		"words":             {"soon", "", 0},
		"with unit":         {"5s", "", 0},
		"date":              {date(90 * time.Second), "", 90 * time.Second},
		"date, past":        {date(-time.Hour), "", 0},
		"date, far":         {date(1000 * time.Hour), "", 24 * time.Hour},
		"date, ANSI":        {noon.Add(time.Minute).Format(time.ANSIC), "", time.Minute},
		"date, server's":    {date(time.Hour + 30*time.Second), date(time.Hour), 30 * time.Second},
		"date, bad Date":    {date(30 * time.Second), "yesterday", 30 * time.Second},
		"seconds with Date": {"30", date(time.Hour), 30 * time.Second},
	} {
		h := http.Header{}
		h.Set("Retry-After", test.header)
		h.Set("Date", test.date)
		if got := retryAfter(h, noon); got != test.want {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
	if got := retryAfter(http.Header{}, noon); got != 0 {
		t.Errorf("no header: %v", got)
	}
}

func make0(n int) []byte {
	zeros := make([]byte, n)
	for i := range zeros {
		zeros[i] = '0'
	}
	return zeros
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Tue, 10 Mar 2026 12:01:30 GMT", "Tue, 10 Mar 2026 12:00:00 GMT")
	f.Add("1e309", "")
	f.Add("..", "x")
	f.Fuzz(func(t *testing.T, after, date string) {
		if got := retryAfter(http.Header{"Retry-After": {after}, "Date": {date}}, noon); got < 0 || got > MaxRetryAfter {
			t.Errorf("%v", got)
		}
	})
}
