//go:build unix

package fleet

import (
	"bytes"
	"flag"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

var svg = flag.String("svg", "", "write the drawing of the heavy simulation to this file")

// A million installations for a week, all scenarios, take less than a minute of processor time and little memory.
func TestMillion(t *testing.T) {
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		t.Skip("set LEASEHOLD_HEAVY=1 to simulate a million installations")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, used := time.Now(), processorTime(t)
	r := simulate(t, Config{})
	elapsed := time.Since(start)
	used = processorTime(t) - used
	runtime.ReadMemStats(&after)
	check(t, r)
	t.Logf("%v, %v of processor time, %d MB from the system", elapsed.Round(time.Millisecond), used, after.Sys>>20)
	if used > time.Minute {
		t.Errorf("took %v", used)
	}
	if grown := (after.Sys - before.Sys) >> 20; grown > 64 {
		t.Errorf("took %d MB", grown)
	}
	if *svg != "" {
		var b bytes.Buffer
		if err := r.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(*svg, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// processorTime returns what the process has used; unlike elapsed time, it does not depend on what else runs.
func processorTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
