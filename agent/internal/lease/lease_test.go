package lease

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

const client = roomtest.ClientID

// desk is a Lease with a server, and what its hooks were told.
type desk struct {
	*Lease
	*testing.T
	house     *roomtest.House
	srv       *slasconetest.Server
	silent    []bool // of each call without an answer, whether it was the first
	recovered []time.Duration
	noticed   []bool
	stuck     error // why the licence cannot be removed
}

// atDesk runs a test in a bubble, where time passes when all wait for it.
func atDesk(t *testing.T, test func(*testing.T, *desk)) {
	t.Helper()
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		d := &desk{T: t, house: h, srv: h.Server}
		h.Store = sticky{h.Store, d}
		d.open()
		test(t, d)
	})
}

// open makes the Lease, as a process does when it starts.
func (d *desk) open() {
	d.Helper()
	d.house.Open(0)
	d.Lease = New(Config{
		Ledger: d.house.Ledger, Client: d.house.Client, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler),
		Self:      Self{ClientID: client, Version: roomtest.Version, OperatingSystem: "linux/amd64"},
		Plan:      d.house.Plan,
		Noticed:   func(_ time.Time, failing bool) { d.noticed = append(d.noticed, failing) },
		Remember:  func(context.Context) error { return nil },
		Silent:    func(_ *slascone.SilenceError, first bool) { d.silent = append(d.silent, first) },
		Recovered: func(after time.Duration) { d.recovered = append(d.recovered, after) },
	})
}

// sticky is a store that nothing can be removed from, if the desk says so.
type sticky struct {
	storage.Store
	d *desk
}

func (s sticky) Outlived() error { return s.d.stuck }

// activated takes a licence that the server has just been given.
func (d *desk) activated(l slasconetest.License) slasconetest.License {
	d.Helper()
	l = d.srv.AddLicense(l)
	if err := d.Activate(d.Context(), l.Key, time.Time{}); err != nil {
		d.Fatal(err)
	}
	return l
}

func (d *desk) known() record.Known { return *d.Ledger.Known() }

// refusedWith fails the test unless err is a conflict with that ID.
func (d *desk) refusedWith(err error, id enforcement.Code) {
	d.Helper()
	roomtest.Refused(d.T, err, id)
}

// silence returns why a call got no answer.
func silence(err error) slascone.Reason { return roomtest.Silence(err) }
