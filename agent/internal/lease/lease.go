package lease

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

// A Lease is this client's hold on a licence. Make it with [New].
type Lease struct {
	Config
	begun atomic.Bool // a heartbeat of this process was answered
}

// Config is what a Lease needs. All fields are required, but may be zero where
// their comments say so.
type Config struct {
	Ledger    *ledger.Ledger
	Client    *slascone.Client
	Policy    *enforcement.Policy
	Self      Self
	Types     Types
	Suspended enforcement.Code // the conflict that tells of a suspension; 0: none
	// Nameless: there is no device ID, so the server is never asked.
	Nameless bool

	// Plan makes the plan of a job from its history.
	Plan func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan
	// Noticed is called before a heartbeat is planned, with whether calls fail: a
	// network that has come back may make the plan another.
	Noticed func(now time.Time, failing bool)
	// Remember keeps which device the licence is taken on.
	Remember func(context.Context) error
	Logger   logging.Logger

	// Silent is told of each call that got no answer, and Recovered of the first
	// answer after that. They must not call the Lease.
	Silent    func(why *slascone.SilenceError, first bool)
	Recovered func(silentFor time.Duration)
}

// Self is what the server is told of this client. ClientID, Version and
// OperatingSystem are required.
type Self struct {
	ClientID        string
	ClientName      string   // for people to recognise the installation by
	Description     string   // the application's name
	Version         string   // of the application
	Tags            []string // of the installation, in the vendor's list
	UserID, GroupID string
	OperatingSystem string
}

// Types are the vendor's types of the first and the last heartbeat of a process;
// empty: none.
type Types struct{ Start, Exit string }

// New returns a Lease on what the ledger knows.
func New(c Config) *Lease { return &Lease{Config: c} }
