package agent

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// As the vendor's own client does, a session is opened for a user whatever the
// licence; a server that takes none for it says so, and nothing is missed.
func TestSessionsOfUsers(t *testing.T) {
	named := slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "jo@example.com"}}, Freeride: new(7)}
	asked := func(w *world) int { return len(w.srv.Requests(slasconetest.SessionOpen)) }
	t.Run("named, and the server takes none", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.cfg.UserID, w.cfg.Heartbeat = "jo@example.com", "@every 4h"
			id := w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12000})
			a, _ := w.activated(named)
			e := w.listen(a)
			w.start(a)
			w.sleep(time.Minute)
			if asked(w) != 1 {
				t.Errorf("asked %d times", asked(w))
			}
			w.sleep(2 * day)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			if refused, _ := take[SeatRefused](e); len(refused) != 0 {
				t.Errorf("told of %v", refused)
			}
			if changes, _ := take[StateChanged](e); len(changes) != 0 {
				t.Errorf("changes: %v", changes)
			}
			if n := asked(w); n < 2 || n > 20 {
				t.Errorf("asked %d times in two days of a heartbeat each 4 h", n)
			}

			// The vendor makes it a licence with sessions.
			w.srv.ClearFault(id)
			w.srv.UpdateLicense(a.License().Key(), func(l *slasconetest.License) { l.Floating, l.SessionPeriod = true, new(10) })
			w.sleep(8 * time.Hour)
			if !a.Session().Held {
				t.Errorf("no session: %+v, %v", a.Session(), a.Decision())
			}
			w.close(a)
		})
	})
	t.Run("floating", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.cfg.UserID = "jo@example.com"
			lic := named
			lic.Floating, lic.SessionPeriod = true, new(10)
			a, _ := w.activated(lic)
			expect(t, a.Decision(), enforcement.Active, enforcement.SessionMissing)
			w.start(a)
			w.sleep(time.Minute)
			if !a.Session().Held {
				t.Errorf("no session: %v", a.Decision())
			}
			w.close(a)
		})
	})
	t.Run("without a user nobody asks", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{})
			w.start(a)
			w.sleep(day)
			if asked(w) != 0 {
				t.Errorf("asked %d times for a licence of devices", asked(w))
			}
		})
	})
}
