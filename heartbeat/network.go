package heartbeat

import (
	"net"
	"slices"
	"strings"
)

// A Network notices that the computer has come to another network, or back to
// one, by its addresses. The zero Network is ready for use, by one goroutine at a
// time.
type Network struct {
	// Addresses returns the addresses that lead to other computers, as one text;
	// nil: this computer's.
	Addresses func() string

	seen    string // while the server did not answer
	failing bool
}

// Changed reports whether the computer has addresses, and other ones than at the
// last look. It looks only while failing, which says that the server does not answer.
func (n *Network) Changed(failing bool) bool {
	if !failing {
		n.failing = false
		return false
	}
	look := n.Addresses
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
