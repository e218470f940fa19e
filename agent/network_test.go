package agent

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestNetworkChanges(t *testing.T) {
	now := ""
	n := network{addresses: func() string { return now }}
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
		if got := n.changed(step.failing); got != step.changed {
			t.Errorf("step %d: changed %v", i, got)
		}
	}
}

func TestAnExtraTryWhenTheNetworkIsBack(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.Licence{Freeride: new(7)})
		var addresses atomic.Value
		addresses.Store("home")
		a.network.addresses = func() string { return addresses.Load().(string) }
		w.start(a)
		w.srv.Outage(true)
		addresses.Store("")
		for a.knowledge().Contact.Failures < 3 {
			w.sleep(10 * time.Minute)
		}
		w.line.requests()
		w.srv.Outage(false)
		addresses.Store("train")
		back := time.Now()
		for a.knowledge().Contact.Failures > 0 {
			w.sleep(10 * time.Second)
			if time.Since(back) > time.Hour {
				break
			}
		}
		if took := time.Since(back); took > 3*time.Minute {
			t.Errorf("the server was asked %v after the network was back", took)
		}
		w.close(a)
	})
}

func TestLocalAddressesLeaveLoopbackOut(t *testing.T) {
	for addr := range strings.FieldsSeq(localAddresses()) {
		ip, _, err := net.ParseCIDR(addr)
		if err != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			t.Errorf("%s leads to no other computer: %v", addr, err)
		}
	}
}
