package record

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestCountSeatless(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const minute, hour = time.Minute, time.Hour
	for name, tt := range map[string]struct {
		session enforcement.Session
		ran     time.Duration
		now     time.Time
		slept   time.Duration
		want    time.Duration
	}{
		"nothing is needed":                   {enforcement.Session{}, hour, at.Add(hour), 0, 0},
		"nobody asked":                        {enforcement.Session{Required: true, CountedAt: at}, hour, at.Add(hour), 0, hour},
		"goes on":                             {enforcement.Session{Required: true, CountedAt: at, Missing: minute}, hour, at.Add(hour), 0, hour + minute},
		"held":                                {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(2 * hour)}, hour, at.Add(hour), 0, 0},
		"ran out on the way":                  {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(50 * minute)}, hour, at.Add(hour), 0, 10 * minute},
		"the clock is set forward":            {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(9 * hour), 0, minute},
		"set forward over the end of a seat":  {enforcement.Session{Required: true, CountedAt: at, ValidUntil: at.Add(hour)}, minute, at.Add(9 * hour), 0, minute},
		"the machine slept":                   {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(8*hour + minute), 8 * hour, minute},
		"the monotonic clock did not sleep":   {enforcement.Session{Required: true, CountedAt: at}, 8*hour + minute, at.Add(8*hour + minute), 8 * hour, minute},
		"the clock went back while it is off": {enforcement.Session{Required: true, CountedAt: at}, minute, at.Add(-hour), 0, minute},
	} {
		k := Known{Record: Record{Facts: enforcement.Facts{Session: tt.session}}}
		k.CountSeatless(tt.ran, tt.now, tt.slept)
		if got := k.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		k.CountSeatless(tt.ran, tt.now, 0)
		if got := k.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s, counted twice: %v, want %v", name, got, tt.want)
		}
	}
}

func TestGoOnCounting(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	known := func(missing time.Duration, proven time.Time) Known {
		return Known{Record: Record{Facts: enforcement.Facts{Session: enforcement.Session{Required: true, Missing: missing, ProvenAt: proven}}}}
	}
	for name, tt := range map[string]struct {
		kept, own Known
		want      time.Duration
	}{
		"this process has counted more":        {known(time.Minute, at), known(time.Hour, at), time.Hour},
		"the other process has counted more":   {known(time.Hour, at), known(time.Minute, at), time.Hour},
		"the other process has had a seat":     {known(0, at.Add(time.Minute)), known(time.Hour, at), 0},
		"this process has another licence now": {known(0, at), func() Known { k := known(time.Hour, at); k.Seat.LicenseKey = "other"; return k }(), 0},
	} {
		tt.kept.GoOnCounting(&tt.own)
		if got := tt.kept.Facts.Session.Missing; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A seat is held for as long as it was given, whichever of the two clocks was wrong.
func TestForHowLongASeatIsGiven(t *testing.T) {
	const period = 10 * time.Minute
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		server  time.Duration   // is ahead when it gives the seat
		undated bool            // it does not say when it did
		moved   []time.Duration // the trusted time, by answers
		twice   bool            // the last of these finds what the one before has done
		passed  time.Duration   // until then
		want    time.Duration   // the seat is held for, in trusted time
	}{
		"all is right":                                 {want: period},
		"the server is a little ahead":                 {server: 4 * time.Minute, want: period + 4*time.Minute},
		"the server is ahead":                          {server: 365 * 24 * time.Hour, want: period},
		"the server is ahead, which is not known when": {server: 365 * 24 * time.Hour, undated: true, want: period},
		"this computer was behind":                     {server: 30 * time.Minute, moved: []time.Duration{30 * time.Minute}, want: period + 30*time.Minute},
		"the server was ahead, and is":                 {server: 9 * time.Hour, moved: []time.Duration{9 * time.Hour}, want: period + 9*time.Hour},
		"the server was ahead, is, and is right":       {server: 9 * time.Hour, moved: []time.Duration{9 * time.Hour, -9 * time.Hour}, want: period},
		"two windows hear that it is right":            {server: 9 * time.Hour, moved: []time.Duration{9 * time.Hour, -9 * time.Hour, -9 * time.Hour}, twice: true, want: period},
		"an answer a minute later":                     {server: 9 * time.Hour, moved: []time.Duration{time.Second, -time.Second}, passed: time.Minute, want: period},
	} {
		t.Run(name, func(t *testing.T) {
			at := now
			k := Known{License: grant.License(verified.By(verified.Heartbeat, now), license.Terms{SessionPeriodMinutes: new(int(period / time.Minute))})}
			k.Seat.Evidence.Body = []byte("x")
			given := slascone.Session{Modified: now.Add(tt.server), ValidUntil: now.Add(tt.server + period)}
			if tt.undated {
				given.Modified = time.Time{}
			}
			k.Facts.Session.ValidUntil = k.SeatGiven(given, 0, at)
			for i, by := range tt.moved {
				if !tt.twice || i < len(tt.moved)-1 {
					at = at.Add(tt.passed + by)
				}
				k.MoveSeat(by, at)
			}
			if got := k.Facts.Session.ValidUntil.Sub(now); (got - tt.want).Abs() > time.Minute {
				t.Errorf("held for %v, want %v", got, tt.want)
			}
		})
	}
}

// The server need not say how long a seat is: then it is as long as it was asked
// for, else as the licence says, else until its end by this clock.
func TestLengthOfASeatThatIsNotTold(t *testing.T) {
	const hour = time.Hour
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		modified time.Duration // from now; 0: not told
		until    time.Duration // likewise
		checkout time.Duration
		period   int // of the licence, in minutes; 0: none
		want     time.Duration
	}{
		"told":                             {modified: 9 * hour, until: 10 * hour, checkout: 2 * hour, period: 10, want: hour},
		"asked for":                        {until: 10 * hour, checkout: 2 * hour, period: 10, want: 2 * hour},
		"over when it was given":           {modified: 10 * hour, until: 10 * hour, checkout: 2 * hour, period: 10, want: 2 * hour},
		"over before that":                 {modified: 11 * hour, until: 10 * hour, period: 10, want: 10 * time.Minute},
		"the licence's":                    {until: 10 * hour, period: 10, want: 10 * time.Minute},
		"nobody says":                      {until: 10 * hour, want: 10 * hour},
		"nobody says, and over long since": {until: -hour, want: -hour},
	} {
		terms := license.Terms{}
		if tt.period > 0 {
			terms.SessionPeriodMinutes = &tt.period
		}
		k := Known{License: grant.License(verified.By(verified.Heartbeat, now), terms)}
		given := slascone.Session{ValidUntil: now.Add(tt.until)}
		if tt.modified != 0 {
			given.Modified = now.Add(tt.modified)
		}
		if got := k.SeatGiven(given, tt.checkout, now).Sub(now); got != tt.want {
			t.Errorf("%s: held for %v, want %v", name, got, tt.want)
		}
	}
}

// An answer moves the end of a seat whose giving is known, and of no other.
func TestAnAnswerMovesNoOtherSeat(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	given := Given{At: now, Length: time.Hour, Until: now.Add(9 * time.Hour)}
	for name, tt := range map[string]struct {
		held  bool
		given Given
		want  time.Duration
	}{
		"held, and how it was given is known":  {true, given, 3 * time.Hour},
		"held, by a version that did not note": {true, Given{}, time.Hour},
		"given back":                           {false, given, time.Hour},
	} {
		k := Known{Record: Record{Seat: Seat{SessionID: "s", Given: tt.given}}}
		if tt.held {
			k.Seat.Evidence = evidence
		}
		k.Facts.Session.ValidUntil = now.Add(time.Hour)
		k.MoveSeat(2*time.Hour, now.Add(2*time.Hour))
		if got := k.Facts.Session.ValidUntil.Sub(now); got != tt.want {
			t.Errorf("%s: until %v from now, want %v", name, got, tt.want)
		}
	}
}
