package lease

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

const client = "device-1"

// signingKey is shared: making one takes longer than the tests.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// desk is a Lease with a server, and what its hooks were told.
type desk struct {
	*Lease
	*testing.T
	srv       *slasconetest.Server
	store     storage.Store
	silent    []bool // of each call without an answer, whether it was the first
	recovered []time.Duration
	noticed   []bool
	stuck     error // why the licence cannot be removed
}

// atDesk runs a test in a bubble, where time passes when all wait for it.
func atDesk(t *testing.T, test func(*testing.T, *desk)) {
	t.Helper()
	signingKey()
	synctest.Test(t, func(t *testing.T) {
		srv, err := slasconetest.NewUnstarted(slasconetest.Config{Key: signingKey()})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		d := &desk{T: t, srv: srv, store: storage.NewMemory()}
		d.open()
		test(t, d)
	})
}

// open makes the Lease, as a process does when it starts.
func (d *desk) open() {
	d.Helper()
	keys := []*rsa.PublicKey{&signingKey().PublicKey}
	verifier, err := slascone.RSA(keys...)
	if err != nil {
		d.Fatal(err)
	}
	server, err := slascone.New(slascone.Config{
		ServerURL: "https://licences.example", ISVID: d.srv.ISV(), ProductID: d.srv.Products()[0].ID, ProvisioningKey: d.srv.ProvisioningKey(),
		Verifier: verifier, HTTPClient: d.srv.InProcess(),
	})
	if err != nil {
		d.Fatal(err)
	}
	l, problem, err := ledger.Open(d.Context(), ledger.Config{
		Store: sticky{d.store, d}, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
		Opener: record.Opener{Verifier: server, Reader: record.LicenseFiles{}, Keys: keys, ProductID: d.srv.Products()[0].ID, ClientID: client, Version: "1.4.2"},
	})
	if err != nil || problem != nil {
		d.Fatal(err, problem)
	}
	d.Lease = New(Config{
		Ledger: l, Client: server, Policy: enforcement.Standard(), Self: Self{ClientID: client, Version: "1.4.2", OperatingSystem: "linux/amd64"}, Logger: slog.New(slog.DiscardHandler),
		Plan: func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
			return heartbeat.Plan{Schedule: s, Seed: heartbeat.Seed(append([]string{client}, seed...)...), Started: l.Started(), History: h}
		},
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

func (d *desk) known() record.Known { return d.Ledger.Known() }

// refusedWith fails the test unless err is a conflict with that ID.
func (d *desk) refusedWith(err error, id enforcement.Code) {
	d.Helper()
	if c, ok := errors.AsType[*slascone.ConflictError](err); !ok || enforcement.Code(c.ID) != id {
		d.Errorf("error %v, want conflict %d", err, id)
	}
}

// silence returns why a call got no answer.
func silence(err error) slascone.Reason {
	if s, ok := errors.AsType[*slascone.SilenceError](err); ok {
		return s.Reason
	}
	return 0
}
