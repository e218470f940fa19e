package agent

import (
	"fmt"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A licence with a week's freeride that was last confirmed on Friday is confirmed
// within Monday's working hours, at a time that many starts do not put off; one
// that has no time for that, or whose policy would tell of it, at once.
func TestMondayMorning(t *testing.T) {
	for _, tt := range []struct {
		name    string
		license slasconetest.License
		policy  *enforcement.Policy
		off     time.Duration
		atOnce  bool
	}{
		{name: "a week's freeride", license: slasconetest.License{Freeride: new(7)}, off: 66 * time.Hour},
		{name: "lenient", license: slasconetest.License{Freeride: new(7)}, policy: enforcement.Lenient(), off: 66 * time.Hour},
		{name: "no freeride", off: 66 * time.Hour, atOnce: true},
		{name: "a freeride of nothing", license: slasconetest.License{Freeride: new(0)}, off: 66 * time.Hour, atOnce: true},
		{name: "the second half", license: slasconetest.License{Freeride: new(5)}, off: 66 * time.Hour, atOnce: true},
		{name: "strict", license: slasconetest.License{Freeride: new(7)}, policy: enforcement.Strict(), off: 66 * time.Hour, atOnce: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hours := map[int]bool{}
			devices := 12
			if tt.atOnce {
				devices = longer(3, 12) // there is no spread to be seen
			}
			for device := range devices {
				inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
					w.cfg.DeviceID = fmt.Sprintf("device-%d", device)
					w.cfg.Policy = tt.policy
					a, _ := w.activated(tt.license)
					w.close(a)
					w.sleep(tt.off)
					w.line.requests()
					monday := time.Now()
					var called []time.Time
					for len(called) == 0 && time.Since(monday) < 9*time.Hour {
						a := w.open()
						if d := a.Decision(); !tt.atOnce && d.State != enforcement.Active {
							t.Errorf("the user is told of %v", d)
						}
						w.start(a)
						w.sleep(25 * time.Minute)
						w.close(a)
						called = w.line.requests()
					}
					if len(called) != 1 {
						t.Fatalf("%d calls in the working day", len(called))
					}
					after := called[0].Sub(monday)
					if limit := 8 * time.Hour; after > limit || tt.atOnce && after > time.Minute {
						t.Errorf("called after %v", after)
					}
					hours[int(after/time.Hour)] = true
				})
			}
			if !tt.atOnce && len(hours) < 4 {
				t.Errorf("twelve devices called in %d different hours", len(hours))
			}
		})
	}
}
