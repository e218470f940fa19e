package record

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// What a window takes out of a record it puts back, and the seats of other
// windows stay as they are.
func TestWindowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kept := drawRecord(t)
		window := rapid.IntRange(0, 4).Draw(t, "window")
		if window == 1 && len(kept.Windows) == 0 {
			kept.Seat = Seat{} // else the first window takes the shared one over
		}
		shared := kept.WithWindow(0)
		if window > 0 {
			shared.Seat, shared.Facts = Seat{}, kept.Facts.WithoutSession()
		}
		used := shared.ForWindow(window)
		if got := used.WithWindow(window).ForWindow(window); !reflect.DeepEqual(got.Seat, used.Seat) || got.Facts != used.Facts {
			t.Errorf("window %d has %+v and then %+v", window, used.Seat, got.Seat)
		}
		back := used.WithWindow(window)
		for n := range 5 {
			if got, want := seatOf(back, n), seatOf(shared, n); !reflect.DeepEqual(got, want) {
				t.Errorf("the seat of window %d is %+v after window %d, and was %+v", n, got, window, want)
			}
		}
	})
}

// A shared seat that is left from before windows were numbered is the first
// one's, and no other's.
func TestSharedSeatGoesToTheFirstWindow(t *testing.T) {
	kept := Record{Seat: Seat{SessionID: "s", LicenseKey: "k"}}
	if got := kept.ForWindow(1); got.Seat.SessionID != "s" {
		t.Errorf("the first window has %+v", got.Seat)
	}
	if got := kept.ForWindow(2); got.Seat.SessionID != "" {
		t.Errorf("the second window has %+v", got.Seat)
	}
}

func seatOf(r *Record, window int) Seat {
	if window == 0 {
		return r.Seat
	}
	for _, w := range r.Windows {
		if w.Window == window {
			return w.Seat
		}
	}
	return Seat{}
}

func drawRecord(t *rapid.T) Record {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	draw := func(name string) Seat {
		s := Seat{SessionID: rapid.StringMatching("[a-z]{1,4}").Draw(t, name), LicenseKey: "k"}
		if rapid.Bool().Draw(t, name+" held") {
			s.Evidence = slascone.Evidence{Kind: slascone.KindSession, Body: []byte(s.SessionID)}
		}
		return s
	}
	r := Record{Seat: draw("shared"), Facts: enforcement.Facts{}.Silent(enforcement.SilentNetwork, at)}
	for n := 1; n <= 4; n++ {
		if rapid.Bool().Draw(t, "window open") {
			w := WindowSeat{Window: n, Seat: draw("window"), Session: enforcement.Session{ProvenAt: at, ValidUntil: at.Add(time.Duration(n) * time.Minute)}}
			if rapid.Bool().Draw(t, "refused") {
				w.Refusals = enforcement.Facts{}.No(enforcement.No{Endpoint: enforcement.EndpointSessionOpen, Code: enforcement.SessionsPerClientExhausted, At: at}).Refusals
			}
			r.Windows = append(r.Windows, w)
		}
	}
	return r
}

// The time without a seat is one for all windows: a new window goes on with it,
// and a seat that any of them takes ends it.
func TestWindowsShareTheTimeWithoutASeat(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := new(Record)
	r = r.ForWindow(1)
	r.Facts = r.Facts.WithSession(at)
	r.Facts.Session.Missing, r.Facts.Session.CountedAt = 3*time.Hour, at.Add(3*time.Hour)
	r = r.WithWindow(1)
	second := r.ForWindow(2)
	if got := second.Facts.Session.Missing; got != 3*time.Hour {
		t.Errorf("the second window begins with %v", got)
	}
	second.Facts = second.Facts.WithSession(at).SessionYes(at.Add(4*time.Hour), at.Add(5*time.Hour))
	if got := second.WithWindow(2).ForWindow(3).Facts.Session.Missing; got != 0 {
		t.Errorf("after a seat the third window begins with %v", got)
	}
}

// A window is remembered for its seat, for that the server wants none, and for what
// was refused to it; not when there is nothing to remember.
func TestWhatAWindowIsRememberedFor(t *testing.T) {
	full := enforcement.No{Endpoint: enforcement.EndpointSessionOpen, Code: enforcement.SessionsPerClientExhausted, At: spring}
	for name, tt := range map[string]struct {
		change func(*Record)
		kept   int
	}{
		"nothing":          {func(*Record) {}, 0},
		"a seat":           {func(r *Record) { r.Seat.SessionID = "s" }, 1},
		"none is wanted":   {func(r *Record) { r.Seat.Unwanted = true }, 1},
		"what was refused": {func(r *Record) { r.Facts = r.Facts.No(full) }, 1},
	} {
		r := new(Record).ForWindow(2)
		r.Facts = r.Facts.WithSession(spring)
		tt.change(r)
		kept := r.WithWindow(2)
		if len(kept.Windows) != tt.kept {
			t.Errorf("%s: kept are %+v", name, kept.Windows)
		}
		if again := kept.ForWindow(2); again.Seat.SessionID != r.Seat.SessionID || again.Seat.Unwanted != r.Seat.Unwanted || again.Facts.Refusals != r.Facts.Refusals {
			t.Errorf("%s: the window finds %+v, %+v", name, again.Seat, again.Facts.Refusals)
		}
		if other := kept.ForWindow(3); other.Seat.SessionID != "" || other.Seat.Unwanted || other.Facts.Refusals != (enforcement.Refusals{}) {
			t.Errorf("%s: another window finds %+v, %+v", name, other.Seat, other.Facts.Refusals)
		}
	}
}
