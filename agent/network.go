package agent

import (
	"net"
	"slices"
	"strings"
	"time"
)

// network notices that the computer has come to another network, or back to
// one, by its addresses. It is looked at only while the server does not answer,
// whenever the heartbeat runner wakes.
type network struct {
	addresses func() string // nil: this computer's
	seen      string        // while the server did not answer; guarded by the runner, which asks one at a time
	failing   bool
}

// changed reports whether the addresses are others than at the last look, and
// there are any.
func (n *network) changed(failing bool) bool {
	if !failing {
		n.failing = false
		return false
	}
	look := n.addresses
	if look == nil {
		look = localAddresses
	}
	now := look()
	changed := n.failing && now != n.seen && now != ""
	n.seen, n.failing = now, true
	return changed
}

// localAddresses lists the addresses that lead to other computers.
func localAddresses() string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var texts []string
	for _, addr := range list {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
			texts = append(texts, ip.String())
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// noticeNetwork lets a heartbeat be tried at once when the network seems to be
// back.
func (a *Agent) noticeNetwork(now time.Time, failing bool) {
	if a.network.changed(failing) {
		a.log.Info("the network has changed; the licence server is tried again")
		a.woken.Store(now.UnixNano())
	}
}
