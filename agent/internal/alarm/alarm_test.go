package alarm

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestWarnings(t *testing.T) {
	since := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	grace := func(length time.Duration) *enforcement.Decision {
		return &enforcement.Decision{State: enforcement.Grace, Since: since, Until: since.Add(length)}
	}
	for _, tt := range []struct {
		d    *enforcement.Decision
		want []time.Duration
	}{
		{grace(10 * day), []time.Duration{5 * day, 8 * day, 9 * day}},
		{grace(36 * time.Hour), []time.Duration{18 * time.Hour, 28*time.Hour + 48*time.Minute, 12 * time.Hour}},
		{grace(day), []time.Duration{12 * time.Hour, 19*time.Hour + 12*time.Minute}},
		{grace(4 * time.Hour), []time.Duration{2 * time.Hour, 3*time.Hour + 12*time.Minute}},
		{&enforcement.Decision{State: enforcement.Grace, Since: since}, nil},
		{&enforcement.Decision{State: enforcement.Grace, Until: since}, nil},
		{&enforcement.Decision{State: enforcement.ReadOnly, Since: since, Until: since.Add(10 * day)}, nil},
		{&enforcement.Decision{State: enforcement.Active, Since: since, Until: since.Add(10 * day)}, nil},
	} {
		var got []time.Duration
		for _, at := range warnings(tt.d) {
			got = append(got, at.Sub(since))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("warnings of %v: %v, want %v", tt.d, got, tt.want)
		}
	}
}

// Each warning is told once, a new deadline begins anew, and several that have
// passed unheard are one.
func TestWarnOnce(t *testing.T) {
	since := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	d := &enforcement.Decision{State: enforcement.Grace, Since: since, Until: since.Add(10 * day)}
	var al Alarm
	told := 0
	for h := range 10 * 24 {
		if al.Warn(d, since.Add(time.Duration(h)*time.Hour)) {
			told++
		}
	}
	if told != 3 {
		t.Errorf("%d warnings, want 3", told)
	}
	later := &enforcement.Decision{State: enforcement.Grace, Since: since, Until: since.Add(11 * day)}
	if !al.Warn(later, since.Add(10*day)) || al.Warn(later, since.Add(10*day)) {
		t.Error("a new deadline is not told of once")
	}
	if al.Warn(&enforcement.Decision{State: enforcement.Active}, since.Add(10*day)) {
		t.Error("an active licence warns")
	}
}

func TestAlarmRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var al Alarm
		now := time.Now()
		rung := 0
		far := &enforcement.Decision{Next: enforcement.Change{At: now.Add(30 * day)}}
		al.Set(far, now) // not started
		al.Start(func() { rung++ })
		al.Set(far, now)
		al.Set(&enforcement.Decision{Next: enforcement.Change{At: now.Add(time.Hour)}}, now) // replaces it
		sleep(time.Hour + time.Second)
		if rung != 1 {
			t.Errorf("rung %d times, want 1", rung)
		}
		al.Set(far, time.Now())
		sleep(longestAlarm + time.Second)
		if rung != 2 {
			t.Errorf("rung %d times: a far instant is looked at again within a day", rung)
		}
		al.Set(&enforcement.Decision{}, time.Now())
		sleep(40 * day)
		if rung != 2 {
			t.Error("rings for nothing")
		}
		al.Set(far, time.Now())
		al.Stop()
		al.Set(far, time.Now())
		sleep(40 * day)
		if rung != 2 {
			t.Error("rings after it was stopped")
		}
	})
}

const day = 24 * time.Hour

func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
