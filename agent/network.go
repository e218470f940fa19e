package agent

import (
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// network is looked at only by the heartbeat runner, whenever it wakes while
// the server does not answer.
type network struct {
	addresses func() string // in tests; nil: this computer's
	watch     heartbeat.Network
}

func (n *network) changed(failing bool) bool {
	n.watch.Addresses = n.addresses
	return n.watch.Changed(failing)
}

// noticeNetwork lets a heartbeat be tried at once when the network seems to be
// back.
func (a *Agent) noticeNetwork(now time.Time, failing bool) {
	if a.network.changed(failing) {
		a.log.Info("the network has changed; the licence server is tried again")
		a.woken.Store(now.UnixNano())
	}
}
