// Package seeding decides when a licence key that an administrator laid down is to
// be activated: once, and only while no licence is held or may be.
package seeding

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/agent/internal/installation"
	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

// job is how the plan of activations is told from those of others.
const job = "seeding"

// Seeding is that decision. Make it with [New]. It is safe for concurrent use.
type Seeding struct {
	Config
	mu      sync.Mutex
	history heartbeat.History
}

// Config is what Seeding needs. All fields but Key are required.
type Config struct {
	Key     string // empty: none was laid down
	Ledger  *ledger.Ledger
	Install *installation.Installation
	Plan    func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan
	Logger  logging.Logger
}

// New returns what decides.
func New(c Config) *Seeding { return &Seeding{Config: c} }

// mark stands for the key and the client in the installation's record.
func (s *Seeding) mark() string {
	sum := sha256.Sum256([]byte(s.Key + "\x00" + s.Install.ClientID))
	return hex.EncodeToString(sum[:8])
}

// Waits reports whether the key is to be activated.
func (s *Seeding) Waits() bool {
	if s.Key == "" {
		return false
	}
	k := s.Ledger.Known()
	return k.License.IsZero() && !k.OnlyVouched() && k.Files.Waiting == "" && !s.Install.Seeded(s.mark())
}

// Next says when it is to be activated; zero for never.
func (s *Seeding) Next(now time.Time) time.Time {
	if !s.Waits() {
		return time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan().Next(now)
}

func (s *Seeding) plan() heartbeat.Plan { return s.Plan(s.history, heartbeat.Schedule{}, job) }

// Activated notes that the first activation is over, whichever key it was of. What
// the user gives back afterwards stays given back.
func (s *Seeding) Activated(ctx context.Context) {
	if s.Key == "" || s.Install.Seeded(s.mark()) {
		return
	}
	if err := s.Install.RememberSeed(context.WithoutCancel(ctx), s.mark()); err != nil {
		s.Logger.Warn("it is not kept that the pre-seeded key was activated", "err", err)
	}
}

// Failed notes that the key could not be activated, for the plan of the next try.
// refused says that the server did not want it.
func (s *Seeding) Failed(err error, refused bool) {
	s.Logger.Warn("the pre-seeded licence key could not be activated", "err", err)
	now := s.Ledger.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused {
		s.history = s.history.Answered(now, false, chance.Float64())
		return
	}
	s.history = s.history.Failed(s.plan(), now, 0, chance.Float64())
}
