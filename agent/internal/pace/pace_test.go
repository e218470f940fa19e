package pace

import (
	"log/slog"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Failures make a job wait longer and longer; a machine that wakes, or a network
// that is back, does not wait.
func TestWhatMakesAJobDueSooner(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	now := start.Add(10 * time.Hour)
	failing := heartbeat.History{AnsweredAt: start, FailedAt: now, FailingSince: now.Add(-8 * time.Hour), Failures: 9, Random: 0.5}
	due := func(p *Pace) time.Duration {
		return p.Plan(failing, heartbeat.Schedule{}, "heartbeat").Next(now).Sub(now)
	}
	for name, tt := range map[string]struct {
		happens func(p *Pace)
		sooner  bool
	}{
		"nothing":          {func(*Pace) {}, false},
		"the machine woke": {func(p *Pace) { p.Woke(now.Add(time.Second)) }, true},
		"the network is as it was": {func(p *Pace) {
			p.Notice(now.Add(time.Second), true)
			p.Notice(now.Add(time.Second), true)
		}, false},
		"the network is back": {func(p *Pace) {
			p.Notice(now, true)
			p.Addresses = func() string { return "train" }
			p.Notice(now.Add(time.Second), true)
		}, true},
		"the network has changed, but the server answers": {func(p *Pace) {
			p.Notice(now, false)
			p.Addresses = func() string { return "train" }
			p.Notice(now.Add(time.Second), false)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Pace{Device: "d", Started: start, Logger: slog.New(slog.DiscardHandler), Addresses: func() string { return "home" }}
			before := due(p)
			tt.happens(p)
			if after := due(p); (after < before) != tt.sooner {
				t.Errorf("due in %v, before in %v", after, before)
			}
		})
	}
}

// The jobs of a device, and the devices of a vendor, are not due at one instant.
func TestJobsAndDevicesAreSpread(t *testing.T) {
	seeds := map[uint64]bool{}
	for _, device := range []string{"a", "b"} {
		for _, job := range []string{"heartbeat", "seat", "delivery"} {
			seeds[(&Pace{Device: device}).Plan(heartbeat.History{}, heartbeat.Schedule{}, job).Seed] = true
		}
	}
	if len(seeds) != 6 {
		t.Errorf("%d seeds", len(seeds))
	}
}
