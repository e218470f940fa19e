package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/alarm"
	"github.com/leasehold-dev/leasehold/agent/internal/hub"
	"github.com/leasehold-dev/leasehold/agent/internal/installation"
	"github.com/leasehold-dev/leasehold/agent/internal/lease"
	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/pace"
	"github.com/leasehold-dev/leasehold/agent/internal/process"
	"github.com/leasehold-dev/leasehold/agent/internal/quota"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/seat"
	"github.com/leasehold-dev/leasehold/agent/internal/seeding"
	"github.com/leasehold-dev/leasehold/agent/internal/settling"
	"github.com/leasehold-dev/leasehold/agent/internal/turn"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

// Rejected, see docs/designs.md: A service or daemon beside the application.
// Rejected, see docs/designs.md: cgo in the library.
// Rejected, see docs/designs.md: Obfuscation and a search for debuggers.

// Agent enforces the licence of one application for one client. Make it with
// [New]; it must be closed. It is safe for concurrent use.
type Agent struct {
	set settings

	// The rooms, each with its own lock, if it has one.
	install *installation.Installation
	ledger  *ledger.Ledger
	turn    *turn.Turn
	lease   *lease.Lease
	seat    *seat.Holder
	outbox  reports
	quota   *quota.Quota
	events  hub.Hub[Event]

	premises
	background
	life
}

// premises are what New found.
type premises struct {
	log     Logger
	folder  string                 // of the product's files
	problem error                  // with what was kept
	unnamed error                  // why there is no device ID, when there is none
	reason  atomic.Pointer[string] // why the store is not the keyring
}

// background is what the work in the background goes by.
type background struct {
	alarm    alarm.Alarm
	pace     pace.Pace
	network  network
	process  *process.Process
	settling settling.Settling
	seeding  seeds
	failed   atomic.Pointer[Failure] // what the last call met; nil when it was answered
}

// New checks the configuration, finds the device ID, reads what is kept on this
// machine and decides from that. It does not touch the network and starts nothing.
// It waits at most 3 seconds for a keyring that does not answer.
//
// Without [Config.Store] such a keyring is no error: its record is kept in a file as
// well, and the decision is made from that. If the file is gone too, the licence
// counts as overdue since the last known answer, and [Diagnosis] names the problem.
//
// New writes nothing but an installation ID, and that only on a machine that has no
// ID of its own. A machine on which nothing can be read or written is no error
// either: the licence is then kept in memory for as long as the process runs, or
// until a place for it appears; [StoreChosen] says why. If such a machine has no ID
// of its own, calls to the server return an error that matches
// [device.ErrNoDeviceID], because a made-up ID would take another seat at every
// start.
//
// Errors name the setting and say what to put there. An error that matches
// [storage.ErrUnavailable] means that Config.Store asks for the keyring alone, and
// that the keyring does not answer.
func New(c Config) (*Agent, error) { return open(context.Background(), c) }

// open is New with a context for the stores. It is long because it opens one thing
// after the other, each from those before.
func open(ctx context.Context, c Config) (*Agent, error) {
	set, err := c.check()
	if err != nil {
		return nil, err
	}
	a := &Agent{set: set, events: newHub(), premises: premises{log: set.Logger}, life: life{done: make(chan struct{})}}
	a.tellSeeded()
	var first []Event
	base, err := set.openInstallation(ctx, func(e storage.Event) { a.storeEvent(e, &first) })
	if err != nil {
		return nil, err
	}
	a.folder = base.Folder()
	a.install = installation.New(base, set.Logger)
	err = a.install.Identify(ctx, set.whose())
	if errors.Is(err, device.ErrNoDeviceID) {
		a.unnamed, err = err, nil
	}
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	plan := a.pace.Plan
	a.seat = seat.New(seat.Config{
		Client: set.client, ClientID: a.install.ClientID, UserID: set.UserID, Suspended: set.SuspendedConflict, Folder: base.Folder(),
		PerProcess: set.SeatPerProcess, Manual: set.ManualSessions,
		Plan: plan, Logger: a.log,
		Refused: func(err error) { a.events.Publish(SeatRefused{Err: a.underway().failed(err)}) },
	})
	var store storage.Store
	if a.unnamed != nil {
		store = storage.NewMemory() // without a device ID nothing can be sealed, and nothing is learned
	} else {
		store, err = base.Sibling(ctx, storage.Identity{ISV: set.ISVID, Product: set.ProductID, Client: a.install.ClientID}, a.install.Identity.ID)
		if err != nil {
			return nil, fmt.Errorf("agent: %w", err)
		}
	}
	held, problem, err := a.openLedger(ctx, store)
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	a.ledger, a.seat.Ledger, a.turn = held, held, turn.New(held.Refresh)
	a.pace.Device, a.pace.Started, a.pace.Logger = a.install.Identity.ID, held.Started(), a.log
	a.furnish(plan)
	a.lease = a.openLease(plan)
	problem = errors.Join(a.unnamed, problem)
	if a.problem = problem; problem != nil {
		a.log.Warn("kept licence state cannot be used", "err", problem)
		first = append(first, StoreFailed{Err: problem})
	}
	k := held.Known()
	if drift := a.install.SettleDrift(!k.License.IsZero() || k.OnlyVouched()); drift != nil {
		first = append(first, DeviceChanged{Drift: *drift})
	}
	if clock := held.Reading(); !clock.RolledBackSince.IsZero() {
		first = append(first, ClockSuspect{Since: clock.RolledBackSince})
	}
	a.events.First(first)
	return a, nil
}

// planner tells when background work that repeats is due, see [pace.Pace.Plan].
type planner = func(heartbeat.History, heartbeat.Schedule, ...string) heartbeat.Plan

// openLedger opens the ledger in a store.
func (a *Agent) openLedger(ctx context.Context, store storage.Store) (l *ledger.Ledger, problem, err error) {
	return ledger.Open(ctx, ledger.Config{
		Store: store,
		Opener: record.Opener{
			Verifier: record.VerifiedBy(a.set.client), Reader: a.set.files, Keys: a.set.keys, ProductID: a.set.ProductID, ClientID: a.install.ClientID, UserID: a.set.UserID,
			Version: a.set.App.Version, Schedule: a.set.schedule,
		},
		Policy:  a.set.Policy,
		Wall:    a.set.Now,
		Logger:  a.log,
		Number:  a.seat.Number,
		Drifted: func() bool { return a.install.Drift() != nil },
		Changed: a.viewChanged,
		Unkept:  func(err error) { a.events.Publish(StoreFailed{Err: err}) },
	})
}

// openLease makes the room that holds the licence.
func (a *Agent) openLease(plan planner) *lease.Lease {
	return lease.New(lease.Config{
		Ledger: a.ledger, Client: a.set.client, Policy: a.set.Policy, Suspended: a.set.SuspendedConflict, Nameless: a.unnamed != nil,
		Self: lease.Self{
			ClientID: a.install.ClientID, ClientName: a.set.ClientName, Description: a.set.App.Name, Version: a.set.App.Version,
			Tags: a.set.Tags, UserID: a.set.UserID, GroupID: a.set.GroupID, OperatingSystem: operatingSystem(),
		},
		Types: lease.Types(a.set.HeartbeatTypes),
		Plan:  plan, Noticed: a.noticeNetwork, Remember: a.install.RememberDevice, Logger: a.log,
		Silent: func(why *slascone.SilenceError, first bool) {
			a.log.Info("licence server gave no answer", "call", a.turn.Name(), "reason", why.Reason.String(), "status", why.Status)
			if first {
				a.events.Publish(HeartbeatFailed{Err: a.underway().failed(why)})
			}
		},
		Recovered: func(silentFor time.Duration) { a.events.Publish(HeartbeatRecovered{SilentFor: silentFor}) },
	})
}

// furnish makes the rooms that what the vendor is told, and asked for, goes
// through, and those of the background.
func (a *Agent) furnish(plan planner) {
	a.outbox = a.set.openReports(outbox.Config{
		Ledger: a.ledger, Client: a.set.client, ClientID: a.install.ClientID, UserID: a.set.UserID, Suspended: a.set.SuspendedConflict, Folder: a.folder,
		Plan: plan, Ended: a.turn.Ended, Logger: a.log,
		Rejected: a.reportRejected,
		Damaged:  func(err error) { a.events.Publish(StoreFailed{Err: err}) },
		Unusable: a.unnamed, Unlasting: a.ledger.Unlasting,
	})
	a.process = process.New(process.Config{
		Ledger: a.ledger, Logger: a.log,
		Path: func() string { return strings.TrimSuffix(a.outbox.Path(), ".journal") + ".run" },
	})
	a.seeding = a.set.seeded.seeds(seeding.Config{Ledger: a.ledger, Install: a.install, Plan: plan, Logger: a.log})
	a.quota = quota.New(quota.Config{
		Ledger: a.ledger, Client: a.set.client, ClientID: a.install.ClientID, Offline: a.set.ConsumeOffline,
		Deliver: func(ctx context.Context) error { _, err := a.outbox.Deliver(ctx); return err },
		Recount: a.outbox.Recount,
		Add: func(ctx context.Context, use quota.Use) error {
			return a.outbox.Add(ctx, outbox.Entry{Kind: outbox.ConsumptionEntry, Name: use.LimitationID, Amount: use.Value, ID: use.ExternalID, At: use.At})
		},
		Unheard: func(err error) bool { return isUnheard(err) && !a.outbox.Blames(err) },
	})
}

// told reports whether a store's choice is among the events that are kept.
func told(kept []Event, choice StoreChosen) bool {
	return slices.ContainsFunc(kept, func(e Event) bool { had, ok := e.(StoreChosen); return ok && had == choice })
}

// storeEvent turns a store's event into one of the agent's. Before New is done
// nobody can listen, so those are kept in first.
func (a *Agent) storeEvent(e storage.Event, first *[]Event) {
	var event Event
	switch e.Type {
	case storage.EventSetAside:
		event = StoreFailed{Err: e.Err}
	case storage.EventUnlocked:
		event = StoreFailed{Err: fmt.Errorf("the licence is kept without file locks, so that two processes which learn something at once may keep only one of it: %w", e.Err)}
	default:
		chosen := StoreChosen{Kind: e.Store}
		if e.Err != nil {
			chosen.Reason = e.Err.Error()
		}
		if a.ledger == nil && told(*first, chosen) {
			return // the client's record is where the installation's is
		}
		reason := chosen.Reason
		a.reason.Store(&reason)
		event = chosen
	}
	if a.ledger == nil {
		*first = append(*first, event)
		return
	}
	a.events.Publish(event)
}
