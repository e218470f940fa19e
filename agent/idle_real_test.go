package agent

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// TestIdleInRealTime measures what an agent that waits for its next heartbeat costs,
// in real time on Linux. It runs for LEASEHOLD_IDLE, such as 10m.
func TestIdleInRealTime(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("LEASEHOLD_IDLE"))
	if err != nil {
		t.Skip("measures in real time; set LEASEHOLD_IDLE=10m to run it")
	}
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{Freeride: new(7)})
	before := runtime.NumGoroutine()
	a := newAgent(t, configFor(t, srv))
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	time.Sleep(35 * time.Second) // what a start does is over, and so are the server's connections
	srv.Close()
	first := procSelf(t)
	time.Sleep(length)
	last := procSelf(t)
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	t.Logf("in %v: %d ms of processor time, %d voluntary context switches of all threads, %d goroutines beside the test's %d, heap %.2f MB",
		length, last.cpuMillis-first.cpuMillis, last.switches-first.switches, runtime.NumGoroutine()-before, before, float64(mem.HeapAlloc)/1e6)
	if d := a.Decision(); d.State != 0 {
		t.Errorf("the state became %v", d.State)
	}
}

type procUse struct{ cpuMillis, switches int }

// procSelf reads what the kernel has counted for this process.
func procSelf(t *testing.T) (use procUse) {
	t.Helper()
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var user, system int
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	use.cpuMillis = (user + system) * 10 // in ticks of 10 ms
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		status, err := os.ReadFile("/proc/self/task/" + task.Name() + "/status")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "voluntary_ctxt_switches:"); ok {
				var n int
				if _, err := fmt.Sscan(rest, &n); err == nil {
					use.switches += n
				}
			}
		}
	}
	return use
}
