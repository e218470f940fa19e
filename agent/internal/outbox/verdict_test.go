package outbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// uses are uses of features, one each.
func uses(o *Outbox, features ...string) (list []Entry) {
	for _, f := range features {
		list = append(list, Entry{Kind: UsageEntry, Name: f, Amount: decimal.NewFromInt(1), At: o.Ledger.Now()})
	}
	return list
}

// queue adds entries.
func queue(t *testing.T, o *Outbox, entries ...Entry) {
	t.Helper()
	if err := o.Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
}

// arrived are the features whose uses the server has, one for each report.
func arrived(s *slasconetest.Server) string {
	var names []string
	for _, u := range s.Usages() {
		names = append(names, u.Feature)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func names(dropped []Rejected) string {
	var list []string
	for _, r := range dropped {
		list = append(list, r.Name)
	}
	return strings.Join(list, " ")
}

// An entry that is refused in words that leave open whose fault it is, is dropped
// only when the server takes a later one of its kind, and then refuses it again.
func TestVerdict(t *testing.T) {
	for name, tt := range map[string]struct {
		refuse           []string // the gateway, what contains one of them
		queued           string
		dropped, arrived string
		wait             int
	}{
		"the first":             {refuse: []string{"poison"}, queued: "poison a b c", dropped: "poison", arrived: "a b c"},
		"in the middle":         {refuse: []string{"poison"}, queued: "a b poison c", dropped: "poison", arrived: "a b c"},
		"the last":              {refuse: []string{"poison"}, queued: "a b poison", arrived: "a b", wait: 1},
		"alone":                 {refuse: []string{"poison"}, queued: "poison", wait: 1},
		"two of different name": {refuse: []string{"poison1", "poison2"}, queued: "poison1 a poison2 b", dropped: "poison1 poison2", arrived: "a b"},
		"all":                   {refuse: []string{""}, queued: "a b c", wait: 3},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				on := false
				h.Refuse = func(body string) bool {
					return on && slices.ContainsFunc(tt.refuse, func(s string) bool { return strings.Contains(body, s) })
				}
				o := posted(t, h)
				on = true
				queue(t, o, uses(o, strings.Fields(tt.queued)...)...)
				dropped, err := o.Deliver(t.Context())
				if (err != nil) != (tt.wait > 0) || err != nil && !o.Blames(err) {
					t.Errorf("error %v", err)
				}
				if got := names(dropped); got != tt.dropped || o.Pending() != tt.wait {
					t.Errorf("dropped %q, %d wait", got, o.Pending())
				}
				if got := arrived(h.Server); got != tt.arrived {
					t.Errorf("the server has %q", got)
				}
			})
		})
	}
}

// An entry that is taken after its witness is not dropped: the server was at fault.
func TestAnEntryIsAcquitted(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		queue(t, o, uses(o, "a", "b", "c")...)
		h.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultStatus, Status: 400, Times: 2})
		dropped, err := o.Deliver(t.Context())
		if err != nil || len(dropped) != 0 || o.Pending() != 0 || arrived(h.Server) != "a b c" {
			t.Errorf("%v, dropped %v, %d wait, the server has %q", err, dropped, o.Pending(), arrived(h.Server))
		}
	})
}

// While one kind waits for a verdict, others are delivered.
func TestOneKindWaits(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		h.Refuse = func(body string) bool { return strings.Contains(body, "f1e1d000") }
		o := posted(t, h)
		field := Entry{Kind: MeasureEntry, Name: "f1e1d000-0000-4000-8000-000000000000", Value: "1", At: o.Ledger.Now()}
		queue(t, o, slices.Concat(uses(o, "a"), []Entry{field}, uses(o, "b"))...)
		dropped, err := o.Deliver(t.Context())
		if err == nil || len(dropped) != 0 || o.Pending() != 1 || arrived(h.Server) != "a b" {
			t.Errorf("%v, dropped %v, %d wait, the server has %q", err, dropped, o.Pending(), arrived(h.Server))
		}
	})
}

// An entry is given up only after it was refused for long and often.
func TestRefusalPatience(t *testing.T) {
	for name, tt := range map[string]struct {
		every time.Duration
		tries int
		wait  int
	}{
		"often, not for long": {time.Hour, 20, 1},
		"long, not often":     {RefusalPatience, RefusalTimes, 1},
		"long and often":      {RefusalPatience, RefusalTimes + 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				h.Refuse = func(body string) bool { return strings.Contains(body, "poison") }
				o := posted(t, h)
				queue(t, o, uses(o, "poison")...)
				var dropped []Rejected
				for range tt.tries {
					dropped, _ = o.Deliver(t.Context())
					time.Sleep(tt.every)
				}
				if o.Pending() != tt.wait || len(dropped) != 1-tt.wait {
					t.Errorf("%d wait, dropped %v", o.Pending(), dropped)
				}
			})
		})
	}
}

// A conflict that is about the licence keeps all, after one call.
func TestAConflictElsewhereKeepsAll(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		queue(t, o, uses(o, "a", "b", "c")...)
		h.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.LicenseInactive), Times: 1})
		dropped, err := o.Deliver(t.Context())
		roomtest.Refused(t, err, enforcement.LicenseInactive)
		if len(dropped) != 0 || o.Pending() != 3 || arrived(h.Server) != "" {
			t.Errorf("dropped %v, %d wait, the server has %q", dropped, o.Pending(), arrived(h.Server))
		}
	})
}
