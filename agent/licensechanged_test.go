package agent

import (
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestLicenseChanged(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Features: []slasconetest.Feature{{Name: "batch"}}})
		e := w.listen(a)
		changed := func() []LicenseChanged {
			w.sleep(time.Minute)
			if _, err := a.Heartbeat(t.Context()); err != nil {
				t.Fatal(err)
			}
			events, _ := take[LicenseChanged](e)
			return events
		}
		changed() // a heartbeat may tell more than an activation
		if events := changed(); len(events) != 0 {
			t.Errorf("an answer that says the same is told: %v", events)
		}
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) {
			l.Features = append(l.Features, slasconetest.Feature{Name: "pdf-export"})
		})
		events := changed()
		if len(events) != 1 || !slices.Equal(events[0].License.Features(), a.License().Features()) || !a.Allows("pdf-export") {
			t.Errorf("a new feature is told as %v", events)
		}
		if _, err := a.Deactivate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if events, _ := take[LicenseChanged](e); len(events) != 1 || !events[0].License.IsZero() {
			t.Errorf("the end of the licence is told as %v", events)
		}
	})
}
