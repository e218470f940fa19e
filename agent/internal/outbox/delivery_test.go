package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// posted is an Outbox of a client that holds a licence of the server.
func posted(t *testing.T, h *roomtest.House) *Outbox {
	t.Helper()
	h.Open(0)
	h.Licensed(slasconetest.License{})
	o := New(Config{
		Ledger: h.Ledger, Client: h.Client, ClientID: roomtest.ClientID, Folder: t.TempDir(), Logger: slog.New(slog.DiscardHandler), Plan: h.Plan,
		Ended: func() bool { return false }, Rejected: func(Rejected) {}, Damaged: func(error) {}, Unlasting: func() error { return nil },
	})
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// An entry that the server refuses for what it is is dropped and told of, and the
// rest is delivered, before it and after it; in an outage all of it waits.
func TestDeliver(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o, srv := posted(t, h), h.Server
		unknown := "00000000-0000-4000-8000-000000000000"
		add := func() {
			t.Helper()
			use := func(name string) Entry {
				return Entry{Kind: UsageEntry, Name: name, Amount: decimal.NewFromInt(1), At: o.Ledger.Now()}
			}
			if err := o.Add(t.Context(), use("a"), use("b"), Entry{Kind: MeasureEntry, Name: unknown, Value: "1", At: o.Ledger.Now()}, use("c")); err != nil {
				t.Fatal(err)
			}
		}
		add()
		srv.Outage(true)
		if dropped, err := o.Deliver(t.Context()); err == nil || len(dropped) != 0 || o.Pending() != 4 {
			t.Errorf("in an outage: %v, dropped %v, %d wait", err, dropped, o.Pending())
		}
		if at := o.Next(o.Ledger.Now()); at.IsZero() {
			t.Error("nothing is planned for what waits")
		}
		srv.Outage(false)
		time.Sleep(time.Hour)
		dropped, err := o.Deliver(t.Context())
		if err != nil || len(dropped) != 1 || dropped[0].Name != unknown || dropped[0].Kind != MeasureEntry || o.Pending() != 0 {
			t.Errorf("%v, dropped %v, %d wait", err, dropped, o.Pending())
		}
		if n := len(srv.Usages()); n != 3 {
			t.Errorf("the server has %d uses", n)
		}
		if at := o.Next(o.Ledger.Now()); !at.IsZero() {
			t.Errorf("with nothing queued a delivery is planned for %v", at)
		}
		if dropped, err := o.Deliver(context.Background()); err != nil || len(dropped) != 0 {
			t.Errorf("with nothing queued: %v, %v", err, dropped)
		}
	})
}

// What the server has taken is sent once, and then the delivery ends.
func TestADeliveryEnds(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		calls := 0
		h.Refuse = func(body string) bool {
			if strings.Contains(body, "export") {
				calls++
			}
			if calls > 1 {
				cancel() // else it might go on for ever
			}
			return false
		}
		o := posted(t, h)
		queue(t, o, uses(o, "export")...)
		if _, err := o.Deliver(ctx); err != nil || calls != 1 || o.Pending() != 0 || arrived(h.Server) != "export" {
			t.Errorf("%v, sent %d times, %d wait, the server has %q", err, calls, o.Pending(), arrived(h.Server))
		}
	})
}

// What a later version has queued stays for it, whatever is delivered before and
// after it, and nothing is planned for it.
func TestEntriesOfALaterVersionStay(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		later := []string{`{"kind":"heat","name":"a","amount":"1","at":"2026-01-01T00:00:00Z","x":1.50}`, `{"kind":"usage","name":["a"]}`, `[]`}
		j, err := o.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var features []string
		for i := range 3 * batchSize {
			features = append(features, fmt.Sprint("f", i))
		}
		for i, text := range later {
			if err := j.Append(t.Context(), []byte(text)); err != nil {
				t.Fatal(err)
			}
			queue(t, o, uses(o, features[i])...)
		}
		queue(t, o, uses(o, features[len(later):]...)...)
		if dropped, err := o.Deliver(t.Context()); err != nil || len(dropped) != 0 || o.Pending() != len(later) {
			t.Errorf("%v, dropped %v, %d wait", err, dropped, o.Pending())
		}
		if n := len(h.Server.Usages()); n != 3*batchSize {
			t.Errorf("the server has %d uses", n)
		}
		if at := o.Next(o.Ledger.Now()); !at.IsZero() {
			t.Errorf("a delivery of what this version cannot deliver is planned for %v", at)
		}
		claim, err := j.Claim()
		if err != nil {
			t.Fatal(err)
		}
		defer claim.Release()
		left, err := claim.Batch(t.Context(), 2*len(later))
		if err != nil || len(left) != len(later) {
			t.Fatalf("%d entries are left, %v", len(left), err)
		}
		for i, e := range left {
			if string(e.Data) != later[i] {
				t.Errorf("%s became %s", later[i], e.Data)
			}
		}
	})
}

// What the server has taken and the journal could not note, as on a full disk, is
// not sent again, and nothing else is until it is noted.
func TestWhatIsTakenIsNotSentAgain(t *testing.T) {
	for name, lost := range map[string]bool{"the journal is as it was": false, "it was lost meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o, full := posted(t, h), errors.New("no space left")
				queue(t, o, uses(o, "a")...)
				j, err := o.Open(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				claim, err := j.Claim()
				if err != nil {
					t.Fatal(err)
				}
				d := delivery{Outbox: o, claim: claim}
				batch, err := d.batch(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := d.settleBy(t.Context(), batch, func(context.Context) error { return full }); !errors.Is(err, full) {
					t.Errorf("error %v", err)
				}
				claim.Release()
				want := "b"
				if lost {
					if err := o.Erase(); err != nil {
						t.Fatal(err)
					}
					queue(t, o, uses(o, "c")...) // at the place that a had
					want = "b c"
				}
				queue(t, o, uses(o, "b")...)
				if _, err := o.Deliver(t.Context()); err != nil || o.Pending() != 0 || arrived(h.Server) != want || len(o.taken) != 0 {
					t.Errorf("%v, %d wait, the server has %q", err, o.Pending(), arrived(h.Server))
				}
			})
		})
	}
}

// A server that refuses what a load carries by a conflict about reports is asked
// for halves of it, not for each entry.
func TestFewer(t *testing.T) {
	for size, want := range map[int][2]int{200: {100, 1}, 3: {1, 1}, 2: {1, 1}} {
		if got := [2]int{fewer(size, carried), fewer(size, suspected)}; got != want {
			t.Errorf("of %d: %v, want %v", size, got, want)
		}
	}
}

// A load is of one kind, and has no analytical field twice.
func TestNextLoad(t *testing.T) {
	entry := func(kind, name string) journal.Entry {
		data, err := json.Marshal(Entry{Kind: kind, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		return journal.Entry{Data: data}
	}
	use, use2 := entry(UsageEntry, "a"), entry(UsageEntry, "b")
	field, field2 := entry(MeasureEntry, "f"), entry(MeasureEntry, "g")
	for _, tt := range []struct {
		batch         []journal.Entry
		kept, entries int
	}{
		{[]journal.Entry{use, use2, use}, 3, 3},
		{[]journal.Entry{use, field}, 1, 1},
		{[]journal.Entry{field, field2, entry(MeasureEntry, "F")}, 2, 2},
	} {
		if l := nextLoad(tt.batch); len(l.kept) != tt.kept || len(l.entries) != tt.entries {
			t.Errorf("%d of %d are a load, %d can be read", len(l.kept), len(tt.batch), len(l.entries))
		}
	}
}

// The witnesses are of the same kind, other names first, each once.
func TestWitnesses(t *testing.T) {
	var later []journal.Entry
	for _, e := range []Entry{{Kind: UsageEntry, Name: "A"}, {Kind: MeasureEntry, Name: "x"}, {Kind: UsageEntry, Name: "b"}, {Kind: UsageEntry, Name: "B"}, {Kind: UsageEntry, Name: "c"}} {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		later = append(later, journal.Entry{Data: data})
	}
	var names string
	for _, w := range witnesses(Entry{Kind: UsageEntry, Name: "a"}, later) {
		names += w.Name
	}
	if names != "bcA" {
		t.Errorf("in the order %s", names)
	}
}

// A call that fails for what it carried is told from one that fails for the
// licence or the network.
func TestBlame(t *testing.T) {
	o := New(Config{Suspended: 9001})
	conflict := func(id enforcement.Code) error {
		return &slascone.ConflictError{Conflict: slascone.Conflict{ID: int(id)}}
	}
	for name, tt := range map[string]struct {
		err  error
		want blame
	}{
		"a field that is not known":       {conflict(enforcement.AnalyticalFieldUnknown), carried},
		"a client that is not known":      {conflict(enforcement.ClientUnknown), elsewhere},
		"a suspension":                    {conflict(9001), elsewhere},
		"a conflict of a newer server":    {conflict(99999), suspected},
		"a gateway that understands none": {&slascone.SilenceError{Reason: slascone.BadRequest, Status: 400}, suspected},
		"what was not even sent":          {&slascone.SilenceError{Reason: slascone.BadRequest}, carried},
		"no connection":                   {&slascone.SilenceError{}, elsewhere},
		"a disk that is full":             {fmt.Errorf("no space left"), elsewhere},
	} {
		if got := o.blame(tt.err); got != tt.want || o.Blames(tt.err) != (tt.want != elsewhere) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
