package agent

import (
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestFeatures(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		policy := enforcement.Standard()
		policy.Features = map[string]enforcement.State{"view": enforcement.ReadOnly, "beta": enforcement.Active}
		w.cfg.Policy = policy
		a, lic := w.activated(slasconetest.License{Freeride: new(7), HeartbeatPeriod: new(1), Features: []slasconetest.Feature{
			{Name: "edit"}, {Name: "view"}, {Name: "beta"}, {Name: "off", Disabled: true},
			{Name: "trial", Expires: time.Now().Add(5 * day)},
		}})
		for _, tt := range []struct {
			after   time.Duration
			state   enforcement.State
			allowed []string
		}{
			{0, enforcement.Active, []string{"edit", "view", "beta", "trial"}},
			{4 * day, enforcement.Grace, []string{"edit", "view", "trial"}},
			{6 * day, enforcement.Grace, []string{"edit", "view"}},
			{8 * day, enforcement.ReadOnly, []string{"view"}},
			{30 * day, enforcement.Locked, nil},
		} {
			var coming []string // as it was told at the moment before
			for _, f := range a.FeaturesAt(bubbleEpoch.Add(tt.after)) {
				if f.Allowed {
					coming = append(coming, f.Name)
				}
			}
			if !slices.Equal(coming, tt.allowed) {
				t.Errorf("FeaturesAt(%v) = %v, want %v", tt.after, coming, tt.allowed)
			}
			w.sleep(time.Until(bubbleEpoch.Add(tt.after)))
			if got := a.Decision().State; got != tt.state {
				t.Fatalf("after %v: %v", tt.after, got)
			}
			want := make(map[string]bool)
			for _, name := range tt.allowed {
				want[name] = true
			}
			for _, f := range lic.Features {
				if a.Allows(f.Name) != want[f.Name] || a.Allows(f.ID) != want[f.Name] {
					t.Errorf("after %v (%v): %s by name %v, by ID %v", tt.after, tt.state, f.Name, a.Allows(f.Name), a.Allows(f.ID))
				}
				if got, known := a.Feature(f.Name); !known || got.Allowed != want[f.Name] || got.ID != f.ID {
					t.Errorf("after %v: Feature(%q) = %+v, %v", tt.after, f.Name, got, known)
				}
			}
			if got := a.Features(); len(got) != len(lic.Features) || allowed(got) != len(tt.allowed) {
				t.Errorf("after %v: %v", tt.after, got)
			}
		}
		for year, want := range map[int]int{1: 4, 1677: 4, 2261: 0, 2262: 0, 9999: 0} {
			if got := a.FeaturesAt(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)); allowed(got) != want {
				t.Errorf("year %d: %v", year, got)
			}
		}
		if f, known := a.Feature("none"); f.Allowed || known || a.Allows("none") || a.Allows("") {
			t.Error("an unknown feature is allowed or known")
		}
	})
}

func allowed(list []Feature) (n int) {
	for _, f := range list {
		if f.Allowed {
			n++
		}
	}
	return n
}

// bubbleEpoch is when every bubble's time begins.
var bubbleEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Dates that 64 bits of nanoseconds cannot hold are dates all the same.
func TestFeatureExpiryLongAgo(t *testing.T) {
	for year, want := range map[int]bool{1500: false, 1601: false, 1677: false, 1900: false, 2261: true, 2262: true, 9999: true} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			expires := time.Date(year, 6, 1, 12, 0, 0, 0, time.UTC)
			a, _ := w.activated(slasconetest.License{Features: []slasconetest.Feature{{Name: "f", Expires: expires}}})
			if f, known := a.Feature("f"); f.Allowed != want || !known {
				t.Errorf("expired in %d: allowed %v, known %v", year, f.Allowed, known)
			}
		})
	}
}
