package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// root is the repository, from this package.
const root = "../../.."

// TestMutantsAreOfThisCode: the list must not rot.
func TestMutantsAreOfThisCode(t *testing.T) {
	const least = 30
	if len(mutants) < least {
		t.Errorf("%d mutants, at least %d are wanted", len(mutants), least)
	}
	for _, m := range mutants {
		code, err := os.ReadFile(filepath.Join(root, m.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if n := strings.Count(string(code), m.old); n != 1 {
			t.Errorf("%s: the text of the rule %q occurs %d times: %q", m.file, m.rule, n, m.old)
		}
		if m.old == m.broken {
			t.Errorf("%s: the rule %q is not broken", m.file, m.rule)
		}
	}
}

// within is the processor time in which the stories or the model notice a mutant.
// A machine that does other work as well takes longer by the clock.
const within = 2 * time.Minute

// TestMutants breaks one rule after the other and wants each to be noticed within
// two minutes of processor time, by the stories, or before them by the model of
// package clock where the rule is one of the clock. It takes an hour, so it runs by
// hand:
//
//	LEASEHOLD_MUTANTS=1 go test -timeout 3h -v -run TestMutants$ ./agent/internal/world
//	LEASEHOLD_MUTANTS='seat|clock' …    only those whose file or rule it matches
//	LEASEHOLD_MUTANTS=keeper …          only those that have a keeper, which takes minutes
func TestMutants(t *testing.T) {
	which := os.Getenv("LEASEHOLD_MUTANTS")
	if which == "" {
		t.Skip("LEASEHOLD_MUTANTS=1 breaks the code's rules one by one, which takes an hour")
	}
	if which == "1" {
		which = "."
	}
	wanted, err := regexp.Compile(which)
	if err != nil {
		t.Fatalf("LEASEHOLD_MUTANTS is a regular expression: %v", err)
	}
	noticed := map[string]int{}
	all := 0
	for _, m := range mutants {
		kept := which == "keeper" && m.keeper != ""
		if !kept && !wanted.MatchString(m.file) && !wanted.MatchString(m.rule) {
			continue
		}
		all++
		v, err := judge(t, m.file, m.old, m.broken, m.keeper)
		switch {
		case err != nil:
			t.Errorf("%s, %s: %v", m.file, m.rule, err)
		case v.by == "":
			t.Errorf("SURVIVED in %3.0f s  %s: %s", v.took.Seconds(), m.file, m.rule)
		default:
			noticed[v.by]++
			t.Logf("killed by %s in %3.0f s  %s: %s\n\t%s", v.by, v.took.Seconds(), m.file, m.rule, v.how)
		}
	}
	t.Logf("%d, of which were noticed by %v", all, noticed)
}

// A verdict says which judge has noticed a mutant, what it said, and in how much
// processor time.
type verdict struct {
	by, how string
	took    time.Duration
}

// judge has the judges try a mutant.
func judge(t *testing.T, file, old, broken, keeper string) (v verdict, err error) {
	dir := t.TempDir()
	abs, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		return v, err
	}
	code, err := os.ReadFile(abs)
	if err != nil {
		return v, err
	}
	mutant, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{abs: mutant}})
	if err != nil {
		return v, err
	}
	if err := errors.Join(os.WriteFile(mutant, []byte(strings.Replace(string(code), old, broken, 1)), 0o600), os.WriteFile(overlay, list, 0o600)); err != nil {
		return v, err
	}
	type judge struct {
		name, pkg string
		args      []string
	}
	judges := []judge{{"the world", "./agent/internal/world", []string{"-test.run=^TestStories$", "-rapid.shrinktime=1s"}}}
	if strings.HasPrefix(file, "agent/internal/clock/") {
		judges = append([]judge{{"the model", "./agent/internal/clock", []string{"-test.run=onest", "-rapid.nofailfile"}}}, judges...)
	}
	if keeper != "" {
		pkg, test, _ := strings.Cut(keeper, " ")
		judges = []judge{{keeper, pkg, []string{"-test.run=" + test}}}
	}
	for _, j := range judges {
		program := filepath.Join(dir, "judge.test")
		build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, "-overlay", overlay, j.pkg)
		build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0") // see bound
		if out, err := build.CombinedOutput(); err != nil {
			return v, fmt.Errorf("the mutant does not compile: %w: %s", err, out)
		}
		said, took, failed := try(t.Context(), program, filepath.Join(root, j.pkg), j.args)
		v.took += took
		if failed {
			v.by, v.how = j.name, said
			return v, nil
		}
	}
	return v, nil
}

// try runs a judge until it has had its processor time, and reports what it said if
// it has noticed something. The system ends it, which is no notice: the stories go on
// for as long by the clock as a machine with much other work may take.
func try(ctx context.Context, program, dir string, args []string) (said string, took time.Duration, failed bool) {
	const clock = 5 * within
	ctx, cancel := context.WithTimeout(ctx, clock)
	defer cancel()
	limited := []string{"-c", `ulimit -t "$0" && exec "$@"`, strconv.Itoa(int(within.Seconds())), program, "-test.failfast"}
	cmd := exec.CommandContext(ctx, "sh", append(limited, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LEASEHOLD_WORLD="+clock.String(), "LEASEHOLD_MUTANTS=", "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState != nil {
		took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	return complaint(string(out)), took, ok && exit.ExitCode() > 0 // else a signal has ended it
}

// complaint finds in a test's output what went wrong.
func complaint(text string) string {
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "OK, passed") && (strings.Contains(line, "panic:") || strings.Contains(line, "_test.go:")) {
			const most = 300
			line = strings.TrimSpace(line)
			return line[:min(len(line), most)]
		}
	}
	return ""
}
