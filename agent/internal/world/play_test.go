package world

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// figures are what was played, for the report.
var figures struct {
	worlds, steps atomic.Int64
	seconds       atomic.Int64 // of simulated time, of all installations
	running       atomic.Int64 // of them with the application open and the machine awake

	mu     sync.Mutex
	played map[string]int // how often each kind of step was played, and each kind of fault
}

// TestStories plays a minute of stories, with the named ones before it: on two cores
// half a minute each in this process and in a second one, as go test ./... is to be
// over within a minute. With
// LEASEHOLD_WORLD this process plays for as long as that says. They are the same
// stories each time, unless LEASEHOLD_WORLD_SEED says with which to begin; and no more
// of them in a process than LEASEHOLD_WORLD_STORIES, which is a number. It is long
// because it reads what is asked for.
func TestStories(t *testing.T) {
	budget, paired := time.Minute, runtime.NumCPU() > 1 && !testing.Short()
	if text := os.Getenv("LEASEHOLD_WORLD"); text != "" {
		paired = false
		var err error
		if budget, err = time.ParseDuration(text); err != nil {
			t.Fatalf("LEASEHOLD_WORLD is how long to play, such as 10m: %v", err)
		}
	}
	if testing.Short() {
		budget = time.Second
	}
	one(t)
	signingKeys()
	bothKeys()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("LEASEHOLD_WORLD_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatalf("LEASEHOLD_WORLD_SEED is a number: %v", err)
	}
	if again := flag.Lookup("rapid.seed"); given("rapid.seed") { // one story, as a failure asked for
		if seed, err = strconv.ParseUint(again.Value.String(), 10, 64); err != nil {
			t.Fatal(err)
		}
		budget, paired = 0, false
	}
	var second *pair
	if paired {
		budget = budget/2 - time.Since(started)
		second = begin(t, budget, seed+pairSeeds)
	}
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, home)
	}
	patience := time.Minute
	if text := flag.Lookup("rapid.shrinktime"); given("rapid.shrinktime") {
		if patience, err = time.ParseDuration(text.Value.String()); err != nil {
			t.Fatal(err)
		}
	}
	most, err := strconv.Atoi(cmp.Or(os.Getenv("LEASEHOLD_WORLD_STORIES"), strconv.Itoa(math.MaxInt)))
	if err != nil {
		t.Fatalf("LEASEHOLD_WORLD_STORIES is a number: %v", err)
	}
	began := time.Now()
	for n := 0; n == 0 || n < most && time.Since(began) < budget && !t.Failed(); n, seed = n+1, seed+1 {
		s := drawStory(t, seed)
		failure := play(t, s, nil)
		if failure == "" {
			continue
		}
		short, why := shorter(s, failure, patience, func(s story) string { return play(t, s, nil) })
		t.Errorf("seed %d: %s\n\n%v\nAgain: go test ./agent/internal/world -count=1 -run TestStories -rapid.seed=%d", seed, why, short, seed)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("outside its folder the agent has left %v, %v", left, err)
	}
	took := time.Since(began)
	if told := os.Getenv(envPair); told != "" {
		tell(t, told, took)
		return
	}
	if second != nil {
		took += second.end(t)
	}
	report(t, took)
}

// given reports whether a flag is on the command line.
func given(name string) (ok bool) {
	flag.Visit(func(f *flag.Flag) { ok = ok || f.Name == name })
	return ok
}

// drawStory draws the story of a seed.
func drawStory(t *testing.T, seed uint64) (s story) {
	setFlag(t, "rapid.checks", "1")
	setFlag(t, "rapid.nofailfile", "true")
	setFlag(t, "rapid.seed", strconv.FormatUint(seed, 10))
	all := stories()
	rapid.Check(quietly{t}, func(rt *rapid.T) { s = all.Draw(rt, "story") })
	return s
}

// quietly keeps rapid from saying for each story that it was drawn.
type quietly struct{ *testing.T }

func (quietly) Logf(string, ...any) {}

func setFlag(t *testing.T, name, value string) {
	before := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, before) })
}

// play plays one story and returns what did not hold, empty when all did.
// It writes into the diary, if there is one.
func play(t *testing.T, s story, d *diary) (failure string) {
	folder, err := os.MkdirTemp(memory(), "world") //nolint:usetesting // thousands of them, each gone with its story
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w, err := newWorld(t, s.setting, folder)
		if err != nil {
			failure = err.Error()
			return
		}
		if w.diary = d; d != nil {
			d.began = began
		}
		at := 0
		defer func() {
			if v := recover(); v != nil {
				failure = fmt.Sprintf("at step %d of %d: panic: %v\n%s", at, len(s.steps), v, debug.Stack())
			}
			w.close()
		}()
		for i, x := range s.steps {
			at = i + 1
			w.do(x)
			w.noteStep(x)
			w.mustHoldAfter()
			figures.steps.Add(1)
			count(x)
			if w.failure != "" {
				break
			}
		}
		if w.failure == "" {
			at++
			w.mustEndWell()
		}
		if failure = w.failure; failure != "" {
			failure = fmt.Sprintf("at step %d of %d: %s", at, len(s.steps), failure)
		}
		figures.worlds.Add(1)
		figures.seconds.Add(int64(w.now().Sub(began).Seconds()) * int64(len(w.machines)))
	})
	return failure
}

// memory is a file system that does not wait for a disk, where there is one: what
// is durable is proven elsewhere.
func memory() string {
	const linux = "/dev/shm"
	if info, err := os.Stat(linux); err == nil && info.IsDir() {
		return linux
	}
	return ""
}

// count adds a step to the figures.
func count(s step) {
	figures.mu.Lock()
	defer figures.mu.Unlock()
	if figures.played == nil {
		figures.played = map[string]int{}
	}
	figures.played[string(s.do)]++
	switch s.do {
	case fault:
		figures.played[faults[s.n].says]++
	case ringBad:
		figures.played[ringSays(s.n)]++
	}
}

// report tells what was played, and how often each kind of step and of fault was in
// a minute.
func report(t *testing.T, took time.Duration) {
	const year = 365 * 24 * 3600
	t.Logf("%d worlds, %d steps, %.1f installation-years, of which %.0f days awake with the application open, in %.1f minutes",
		figures.worlds.Load(), figures.steps.Load(), float64(figures.seconds.Load())/year, float64(figures.running.Load())/24/3600, took.Minutes())
	var lines []string
	line := func(indent, what string) {
		lines = append(lines, fmt.Sprintf("%s%6.1f %s", indent, float64(figures.played[what])/took.Minutes(), what))
	}
	for _, w := range weights {
		line("", string(w.verb))
		switch w.verb {
		case fault:
			for _, f := range faults {
				line("       ", f.says)
			}
		case ringBad:
			for n := 1; n <= 4; n++ {
				line("       ", ringSays(n))
			}
		}
	}
	t.Logf("in a minute\n\t%s", strings.Join(lines, "\n\t"))
	if !bound() {
		t.Log("not played: a folder that can be read only, as the rights of files do not bind this process (root with CGO_ENABLED=1, or not Linux)")
	}
	if !canFill() {
		t.Log("not played in this process: full disks, as files cannot be kept from growing here (not Linux, or go test without -count=1)")
	}
}

// synctestWait lets time pass in a bubble and whatever it brings happen.
func synctestWait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
