package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// seeding is the activation of a key that an administrator laid down.
type seeding struct {
	mu      sync.Mutex
	history heartbeat.History
}

// seedMark stands for a key and a client in the installation's record.
func (a *Agent) seedMark() string {
	sum := sha256.Sum256([]byte(a.set.seeded.key + "\x00" + a.install.ClientID))
	return hex.EncodeToString(sum[:8])
}

// seedWaits reports whether a key was laid down that is to be activated: once,
// and only when no licence is held or may be.
func (a *Agent) seedWaits() bool {
	if a.set.seeded.key == "" {
		return false
	}
	k := a.knowledge()
	return k.License.IsZero() && !k.OnlyVouched() && k.Files.Waiting == "" && !a.install.Seeded(a.seedMark())
}

// nextSeeding says when the key is to be activated; zero for never.
func (a *Agent) nextSeeding(now time.Time) time.Time {
	if !a.seedWaits() {
		return time.Time{}
	}
	a.seeding.mu.Lock()
	defer a.seeding.mu.Unlock()
	return a.plan(a.seeding.history, heartbeat.Schedule{}, jobSeeding).Next(now)
}

// noteSeed keeps that the first activation is over, whichever key it was of, and
// returns what it is given. What the user gives back afterwards stays given back.
func (a *Agent) noteSeed(ctx context.Context, err error) error {
	if err != nil || a.set.seeded.key == "" || a.install.Seeded(a.seedMark()) {
		return err
	}
	if err := a.install.RememberSeed(context.WithoutCancel(ctx), a.seedMark()); err != nil {
		a.log.Warn("it is not kept that the pre-seeded key was activated", "err", err)
	}
	return nil
}

// seed activates the key. What comes of it is what the next try is planned from.
func (a *Agent) seed(ctx context.Context) error {
	_, err := a.Activate(ctx, a.set.seeded.key)
	if err == nil {
		return nil
	}
	a.log.Warn("the pre-seeded licence key could not be activated", "err", err)
	now := a.ledger.Now()
	a.seeding.mu.Lock()
	defer a.seeding.mu.Unlock()
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == KindConflict {
		a.seeding.history = a.seeding.history.Answered(now, false, rand.Float64())
		return err
	}
	plan := a.plan(a.seeding.history, heartbeat.Schedule{}, jobSeeding)
	a.seeding.history = a.seeding.history.Failed(plan, now, 0, rand.Float64())
	return err
}
