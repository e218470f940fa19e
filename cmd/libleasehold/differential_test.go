//go:build cgo

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/cmd/libleasehold/internal/host"
	"github.com/leasehold-dev/leasehold/storage"
)

// reader is an agent as the host and as Go see it, under a wall clock that the
// test sets.
type reader struct {
	agent  *agent.Agent
	handle uint64
	wall   *atomic.Int64 // Unix nanoseconds
	names  []string
}

func newReader(t *testing.T) reader {
	srv := slasconetest.New(slasconetest.Config{})
	t.Cleanup(func() { srv.Close() })
	start := time.Now().UTC().Truncate(time.Second)
	const id = "0b1fc938-f29b-4e83-a424-2d447f20fc7e"
	license := srv.AddLicense(slasconetest.License{
		Freeride: new(7), Expires: start.Add(40 * 24 * time.Hour),
		Features: []slasconetest.Feature{
			{ID: id, Name: "always"}, {Name: "off", Disabled: true}, {Name: "Größe ändern"},
			{Name: "three days", Expires: start.Add(72 * time.Hour)},
			{Name: "an hour", Expires: start.Add(time.Hour)},
		},
	})
	r := reader{wall: new(atomic.Int64)}
	r.wall.Store(time.Now().UnixNano())
	caller.server.Preset(agent.Config{
		ServerURL: srv.URL, ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: agent.Signature{PublicKey: []byte(srv.PublicKeyPEM())},
		App:       agent.App{Name: "Sketch", Version: "1.4.2"}, DeviceID: "device-1",
		StateDir: t.TempDir(), Store: storage.KindFile,
		Now: func() time.Time { return time.Unix(0, r.wall.Load()) },
	})
	read := func() (monotonic, wall int64) {
		monotonic, _ = host.Clocks()
		return monotonic, r.wall.Load()
	}
	testClocks.Store(&read)
	t.Cleanup(func() { testClocks.Store(nil) })
	result, failure := caller.server.Call(t.Context(), 0, "open", []byte(`{"start": false}`))
	if failure != nil {
		t.Fatal(failure)
	}
	var opened protocol.Opened
	if err := json.Unmarshal(result, &opened); err != nil {
		t.Fatal(err)
	}
	r.handle = opened.Agent
	r.agent = caller.server.Agent(r.handle)
	t.Cleanup(func() { caller.server.Call(t.Context(), r.handle, "close", nil) })
	if _, failure := caller.server.Call(t.Context(), r.handle, "activate", fmt.Appendf(nil, `{"key": %q}`, license.Key)); failure != nil {
		t.Fatal(failure)
	}
	for _, f := range r.agent.License().Features() {
		r.names = append(r.names, f.ID, f.Name, strings.ToUpper(f.ID))
	}
	r.names = append(r.names, "ALWAYS", "nothing", "", strings.Repeat("x", 1000), strings.Replace(id, "0", "1", 1), "größe ändern")
	srv.Outage(true)
	return r
}

// compare compares what the host reads at a wall time with what Go says.
func (r reader) compare(t interface {
	Helper()
	Errorf(string, ...any)
}, wall time.Time) {
	t.Helper()
	r.wall.Store(wall.UnixNano())
	for _, hostFirst := range []bool{true, false} {
		for _, name := range r.names {
			// Whoever comes first after an instant judges anew; either must be right.
			var goes, reads bool
			ask := func() { goes = r.agent.Allows(name) }
			look := func() {
				monotonic, _ := host.Clocks()
				n := host.AllowsAt(r.handle, name, monotonic, wall.UnixNano())
				if reads = n == 1; n < 0 {
					t.Errorf("at %v %.40q: failure %d", wall, name, n)
				}
			}
			if hostFirst {
				look()
				ask()
			} else {
				ask()
				look()
			}
			if reads != goes {
				t.Errorf("at %v the host reads %v for %.40q, Go says %v (%v)", wall, reads, name, goes, r.agent.Decision())
			}
		}
	}
	monotonic, _ := host.Clocks()
	if got, want := host.StateAt(r.handle, monotonic, wall.UnixNano()), int(r.agent.Decision().State); got != want {
		t.Errorf("at %v the host reads state %d, Go says %d", wall, got, want)
	}
}

// instants are all at which something changes by itself.
func (r reader) instants() (list []time.Time) {
	for _, x := range r.agent.Forecast() {
		list = append(list, x.At)
	}
	for _, f := range r.agent.License().Features() {
		if !f.Expires.IsZero() {
			list = append(list, f.Expires)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// The host reads what Go says before, at and after every instant to come. A wall
// clock that is moved by less than 40 ms against the monotonic one is noticed with
// the next question only, so the steps here are longer.
func TestHostReadsWhatGoSays(t *testing.T) {
	r := newReader(t)
	r.compare(t, time.Now())
	list := r.instants()
	if len(list) < 6 {
		t.Fatalf("the story has only %d instants", len(list))
	}
	before := host.Asked()
	reads := 0
	for _, at := range list {
		for _, d := range []time.Duration{-time.Second, -100 * time.Millisecond, 0, 100 * time.Millisecond, time.Second, time.Minute} {
			r.compare(t, at.Add(d))
			reads += 2*len(r.names) + 1
		}
	}
	// Each move of the clock is worth a question, and no read beside it.
	if asked := host.Asked() - before; asked == 0 || asked > int64(len(list)*6*3) {
		t.Errorf("%d of %d reads asked", asked, reads)
	}
}

// Nor does any game with the clock make a difference.
func TestHostReadsWhatGoSaysUnderAClockThatIsPlayedWith(t *testing.T) {
	r := newReader(t)
	steps := []time.Duration{
		100 * time.Millisecond, time.Second, 2 * time.Second, time.Minute, 4*time.Minute + 59*time.Second, 5 * time.Minute, 6 * time.Minute,
		time.Hour, 24 * time.Hour, 25 * time.Hour, 8 * 24 * time.Hour, 60 * 24 * time.Hour, 3650 * 24 * time.Hour,
	}
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Now()
		for range rapid.IntRange(1, 12).Draw(t, "moves") {
			d := rapid.SampledFrom(steps).Draw(t, "by")
			if rapid.Bool().Draw(t, "back") {
				d = -d
			}
			wall = wall.Add(d)
			r.compare(t, wall)
		}
	})
}
