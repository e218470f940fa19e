package installation

import (
	"strconv"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/device"
)

// TestOneHomeOnTwoMachines: each machine is told of once, and never again once it
// has activated, whichever did so last.
func TestOneHomeOnTwoMachines(t *testing.T) {
	dir := t.TempDir()
	start := func(id string, proven bool) (k *Installation, news *device.Drift) {
		t.Helper()
		k = open(t, dir)
		if err := k.Identify(t.Context(), Whose{DeviceID: id}); err != nil {
			t.Fatal(err)
		}
		news = k.SettleDrift(proven)
		k.NoteDrift(t.Context())
		return k, news
	}
	activate := func(k *Installation) {
		t.Helper()
		if err := k.RememberDevice(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	a, news := start("A", false)
	if news != nil || a.Drift() != nil {
		t.Errorf("the first device: %v, %v", news, a.Drift())
	}
	activate(a)
	for i := range 3 {
		b, news := start("B", false)
		if d := b.Drift(); d == nil || d.Kept != "A" || d.Current != "B" || (news != nil) != (i == 0) {
			t.Errorf("start %d of B: %v, told %v", i, d, news)
		}
		if a, news := start("a", true); a.Drift() != nil || news != nil {
			t.Errorf("start %d of A: %v, %v", i, a.Drift(), news)
		}
	}
	b, _ := start("B", false)
	activate(b)
	for _, id := range []string{"A", "B", "A"} {
		for _, proven := range []bool{true, false} {
			if k, news := start(id, proven); k.Drift() != nil || news != nil {
				t.Errorf("%s, proven %v: %v, %v", id, proven, k.Drift(), news)
			}
		}
	}
	if c, news := start("C", false); c.Drift() == nil || c.Drift().Kept != "B" || news == nil {
		t.Errorf("a third: %v, %v", c.Drift(), news)
	}
}

// A record of before there was a list: the device's own record decides.
func TestProvenHere(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	if _, err := k.change(t.Context(), func(in *kept) { in.DeviceID = "B" }); err != nil {
		t.Fatal(err)
	}
	if err := k.Identify(t.Context(), Whose{DeviceID: "A"}); err != nil {
		t.Fatal(err)
	}
	if k.SettleDrift(true) != nil || k.Drift() != nil {
		t.Error("a licence of this device is another's")
	}
}

func TestDevicesAreBounded(t *testing.T) {
	var in kept
	for i := range 3 * maxDevices {
		in.remember(strconv.Itoa(i))
	}
	if len(in.Devices) != maxDevices || in.Devices[0] != in.DeviceID {
		t.Errorf("%+v", in)
	}
}
