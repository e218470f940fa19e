package agent

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestAnExtraTryWhenTheNetworkIsBack(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{Freeride: new(7)})
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
