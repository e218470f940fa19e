package enforcement

import "time"

// instant is a time.Time without location and clock reading, small and quick
// to compare. The engine works in instants; never is later than any other.
type instant struct {
	sec  int64
	nsec int32
}

// never is the year 9999: the server writes it for "perpetual", and beyond it
// an instant has no JSON form.
var (
	neverTime = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)
	never     = instant{sec: neverTime.Unix()}
)

// zeroInstant is the zero time.Time: unknown, or since ever.
var zeroInstant = instant{sec: time.Time{}.Unix()}

// at returns t as an instant, at most never.
func at(t time.Time) instant {
	if sec := t.Unix(); sec < never.sec {
		return instant{sec, int32(t.Nanosecond())}
	}
	return never
}

// until returns t as an instant, where zero means never.
func until(t time.Time) instant {
	if t.IsZero() {
		return never
	}
	return at(t)
}

// time returns i as a UTC time, the zero time for never and for zeroInstant.
func (i instant) time() time.Time {
	if i == never || i == zeroInstant {
		return time.Time{}
	}
	return time.Unix(i.sec, int64(i.nsec)).UTC()
}

func (i instant) before(j instant) bool {
	return i.sec < j.sec || i.sec == j.sec && i.nsec < j.nsec
}

func (i instant) max(j instant) instant {
	if i.before(j) {
		return j
	}
	return i
}

func (i instant) min(j instant) instant {
	if j.before(i) {
		return j
	}
	return i
}

// add returns i plus d, at most never. A negative d counts as none.
func (i instant) add(d time.Duration) instant {
	if d <= 0 || i == never {
		return i
	}
	sum := instant{i.sec + int64(d/time.Second), i.nsec + int32(d%time.Second)}
	if sum.nsec >= int32(time.Second) {
		sum.sec, sum.nsec = sum.sec+1, sum.nsec-int32(time.Second)
	}
	return sum.min(never)
}

// canonical returns t in UTC and without a monotonic reading, so that equal
// instants are == and survive JSON.
func canonical(t time.Time) time.Time { return t.Round(0).UTC() }
