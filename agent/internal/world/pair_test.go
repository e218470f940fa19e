package world

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

const (
	envPair = "LEASEHOLD_WORLD_PAIR" // the file that the second process tells its figures in

	// pairSeeds is by how much the seeds of the second process are larger: more than
	// half a minute plays. .ci/run plays the same stories and more.
	pairSeeds = 1000
)

// pair is a second process that plays stories: in one process only one can be played
// at a time, as a seed is one story only while nothing else runs.
type pair struct {
	cmd  *exec.Cmd
	out  io.Reader
	told string
}

// tally is what a process has played.
type tally struct {
	Worlds, Steps, Seconds, Running int64
	Played                          map[string]int
	Took                            time.Duration
}

// begin starts the second process, before this one fills a disk. It ends with the test.
func begin(t *testing.T, budget time.Duration, seed uint64) *pair {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{told: filepath.Join(t.TempDir(), "tally")}
	args := []string{"-test.run=^TestStories$", "-test.timeout=0"}
	if given("rapid.shrinktime") {
		args = append(args, "-rapid.shrinktime="+flag.Lookup("rapid.shrinktime").Value.String())
	}
	p.cmd = exec.CommandContext(t.Context(), self, args...)
	p.cmd.Env = append(os.Environ(), envPair+"="+p.told, "LEASEHOLD_WORLD="+budget.String(), "LEASEHOLD_WORLD_SEED="+strconv.FormatUint(seed, 10))
	if p.out, err = p.cmd.StdoutPipe(); err == nil { // a pipe, as a file would be full when every disk is
		p.cmd.Stderr = p.cmd.Stdout
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for the second process, says what failed in it, adds its figures to those
// of this process, and returns for how long it has played.
func (p *pair) end(t *testing.T) time.Duration {
	t.Helper()
	said, err := io.ReadAll(p.out)
	if waited := p.cmd.Wait(); err == nil {
		err = waited
	}
	if err != nil {
		t.Errorf("the second process: %v\n%s", err, bytes.TrimSpace(said))
	}
	var played tally
	if text, err := os.ReadFile(p.told); err != nil {
		t.Errorf("%v\n%s", err, said)
	} else if err := json.Unmarshal(text, &played); err != nil {
		t.Error(err)
	}
	figures.worlds.Add(played.Worlds)
	figures.steps.Add(played.Steps)
	figures.seconds.Add(played.Seconds)
	figures.running.Add(played.Running)
	figures.mu.Lock()
	defer figures.mu.Unlock()
	if figures.played == nil {
		figures.played = map[string]int{}
	}
	for what, n := range played.Played {
		figures.played[what] += n
	}
	return played.Took
}

// tell is what the second process ends with.
func tell(t *testing.T, path string, took time.Duration) {
	t.Helper()
	figures.mu.Lock()
	defer figures.mu.Unlock()
	text, err := json.Marshal(tally{
		figures.worlds.Load(), figures.steps.Load(), figures.seconds.Load(), figures.running.Load(), figures.played, took,
	})
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}
