package agent

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// toldOf are the bodies of the requests to an endpoint.
func toldOf(t *testing.T, w *world, e slasconetest.Endpoint) (bodies []map[string]any) {
	t.Helper()
	for _, r := range w.srv.Requests(e) {
		body := map[string]any{}
		if err := r.Decode(&body); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

func TestWhatTheVendorWantsToKnow(t *testing.T) {
	const start, exit = "0d7a8f3e-6d0d-4c1b-8f2d-6f6f0f3b7a11", "1e7a8f3e-6d0d-4c1b-8f2d-6f6f0f3b7a11"
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.srv.UpdateProduct(w.cfg.ProductID, func(p *slasconetest.Product) { p.HeartbeatTypes = []string{start, exit} })
		w.cfg.ClientName, w.cfg.Tags, w.cfg.GroupID = "desk 7", []string{"lab"}, "group-1"
		w.cfg.HeartbeatTypes = HeartbeatTypes{Start: start, Exit: exit}
		lic := w.srv.AddLicense(slasconetest.License{Freeride: new(7)})
		a := w.open()
		at := time.Now().Add(-time.Hour)
		if _, err := a.ActivateAt(w.Context(), lic.Key, at); err != nil {
			t.Fatal(err)
		}
		body := toldOf(t, w, slasconetest.Activation)[0]
		if body["client_name"] != "desk 7" || body["timestamp_utc"] != at.UTC().Format(time.RFC3339) || len(body["tags"].([]any)) != 1 || body["user_id"] != nil {
			t.Errorf("activation: %v", body)
		}
		w.start(a)
		w.sleep(5 * day)
		w.close(a)
		beats := toldOf(t, w, slasconetest.Heartbeat)
		if len(beats) < 4 {
			t.Fatalf("%d heartbeats", len(beats))
		}
		for i, body := range beats {
			var want any
			switch i {
			case 0:
				want = start
			case len(beats) - 1:
				want = exit
			}
			if body["heartbeat_type_id"] != want || body["group_id"] != "group-1" {
				t.Errorf("heartbeat %d of %d: %v", i, len(beats), body)
			}
		}

		// Who is off line is not kept waiting at the exit.
		a = w.open()
		w.line.set(func(l *line) { l.down = true })
		_, _ = a.Refresh(w.Context())
		w.start(a)
		w.sleep(time.Second)
		w.line.requests()
		w.close(a)
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("%d calls at the exit", n)
		}
	})
}

// A type that was removed from the vendor's account costs nobody the licence.
func TestHeartbeatTypeUnknown(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.HeartbeatTypes.Start = "0d7a8f3e-6d0d-4c1b-8f2d-6f6f0f3b7a11"
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
		before := a.License().IssuedAt()
		w.sleep(time.Hour)
		d, err := a.Refresh(w.Context())
		if err != nil || !a.License().IssuedAt().After(before) {
			t.Errorf("%v, %v", d, err)
		}
		expect(t, d, enforcement.Active, enforcement.NoCause)
	})
	c := Config{HeartbeatTypes: HeartbeatTypes{Exit: "exit"}}
	if err := c.HeartbeatTypes.check(); err == nil {
		t.Error("a type that is no UUID is taken")
	}
}
