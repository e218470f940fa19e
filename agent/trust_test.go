package agent

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Off line for good reason: the clock is wrong at one start, and right a minute later.
func TestAClockThatIsWrongAtOneStart(t *testing.T) {
	for _, off := range []time.Duration{-30 * 365 * day, -9 * time.Hour, day, 55 * day, 54 * 365 * day} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(30), Expires: time.Now().AddDate(1, 0, 0)})
			w.close(a)
			w.line.set(func(l *line) { l.down = true })
			w.sleep(5 * day)
			w.moveClock(off)
			a = w.open()
			w.start(a)
			w.sleep(time.Minute)
			if state := a.Decision().State; off < -5*day && state != enforcement.Grace {
				t.Errorf("%v off: %v", off, a.Decision())
			}
			w.moveClock(0)
			w.sleep(time.Minute)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			w.sleep(25 * time.Hour)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		})
	}
}

// The vendor's server runs ahead for an hour.
func TestAServerThatIsAhead(t *testing.T) {
	for _, ahead := range []time.Duration{10 * day, 55 * day, 365 * day} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(30)})
			w.sleep(time.Minute)
			w.srv.Advance(ahead)
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Error(err)
			}
			w.sleep(time.Hour)
			w.srv.Advance(-ahead)
			for range 2 {
				if _, err := a.Heartbeat(w.Context()); err != nil {
					t.Errorf("%v ahead, and right again: %v", ahead, err)
				}
				expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
				w.close(a)
				w.sleep(time.Minute)
				a = w.open()
			}
			if off := time.Until(a.Now()).Abs(); off > time.Minute {
				t.Errorf("trusted time is off by %v", off)
			}
		})
	}
}
