package heartbeat

import (
	"net"
	"strings"
	"testing"
)

func TestLocalAddressesLeaveLoopbackOut(t *testing.T) {
	for addr := range strings.FieldsSeq(localAddresses()) {
		ip, _, err := net.ParseCIDR(addr)
		if err != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			t.Errorf("%s leads to no other computer: %v", addr, err)
		}
	}
}

func TestNetworkChanges(t *testing.T) {
	now := ""
	n := Network{Addresses: func() string { return now }}
	for i, step := range []struct {
		failing   bool
		addresses string
		changed   bool
	}{
		{false, "a", false},
		{true, "a", false}, // the first look
		{true, "a", false},
		{true, "", false}, // gone is no reason to call
		{true, "a", true},
		{true, "b", true},
		{true, "b", false},
		{false, "c", false},
		{true, "d", false}, // a first look again
	} {
		now = step.addresses
		if got := n.Changed(step.failing); got != step.changed {
			t.Errorf("step %d: changed %v", i, got)
		}
	}
}
