// Package pace plans when the background jobs of one device are due: after the
// machine has slept, or when a network seems to be back, sooner than their
// histories would have it.
package pace

import (
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

// A Pace makes the plans. Its fields are set before it is used; then it is safe for
// concurrent use.
type Pace struct {
	Device    string    // its ID keeps devices from calling at one instant
	Started   time.Time // trusted time at which the process began
	Logger    logging.Logger
	Addresses func() string // of the computer; nil: as the system tells them

	network heartbeat.Network // only the runner looks at it
	woken   atomic.Int64      // when the machine last woke, trusted Unix nanoseconds; 0: not yet
}

// Plan makes the plan of a job from its history. seed tells the job from others.
func (p *Pace) Plan(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
	plan := heartbeat.Plan{
		Schedule: s,
		Seed:     heartbeat.Seed(append([]string{p.Device}, seed...)...),
		Started:  p.Started,
		History:  h,
	}
	if woken := p.woken.Load(); woken != 0 {
		plan = plan.Woken(time.Unix(0, woken).UTC())
	}
	return plan
}

// Woke notes that the machine was asleep until now.
func (p *Pace) Woke(now time.Time) { p.woken.Store(now.UnixNano()) }

// Notice looks at the network, for the runner before it plans a heartbeat. failing
// says that the server does not answer: if the network has changed since, calls
// are then tried at once.
func (p *Pace) Notice(now time.Time, failing bool) {
	p.network.Addresses = p.Addresses
	if p.network.Changed(failing) {
		p.Logger.Info("the network has changed; the licence server is tried again")
		p.Woke(now)
	}
}
