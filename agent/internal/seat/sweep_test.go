package seat

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
)

// What a window that died has left is given back by the next one that takes a
// seat; not by one that lives, nor what is checked out, nor where the server
// cannot be asked.
func TestSweep(t *testing.T) {
	for name, tt := range map[string]struct {
		checkout time.Duration
		lives    bool
		outage   bool
		later    time.Duration
		left     bool
	}{
		"it died":                               {},
		"it lives":                              {lives: true, left: true},
		"checked out":                           {checkout: time.Hour, left: true},
		"checked out, and that is over":         {checkout: time.Hour, later: 2 * time.Hour},
		"it died, and the server does not hear": {outage: true, left: true},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				folder := t.TempDir()
				died := sit(h, folder, 1)
				h.Licensed(floating)
				if err := died.Take(t.Context(), tt.checkout, false); err != nil {
					t.Fatal(err)
				}
				left := died.seated()
				if !tt.lives {
					died.Leave()
				}
				time.Sleep(tt.later)
				next := sit(h, folder, 2)
				h.Server.Outage(tt.outage)
				if err := next.take(); (err == nil) == tt.outage {
					t.Fatal(err)
				}
				known, open := false, false
				for _, w := range next.Ledger.Known().Windows {
					known = known || w.Window == 1
				}
				for _, s := range h.Server.Sessions() {
					open = open || s.ID == left.SessionID
				}
				if known != tt.left || open != tt.left {
					t.Errorf("its seat is in the record: %v, at the server: %v", known, open)
				}
			})
		})
	}
}
