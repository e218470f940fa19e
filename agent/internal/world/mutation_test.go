package world

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// TestMutants breaks one rule after the other and wants each to be noticed within
// two minutes of stories. It takes an hour, so it runs by hand:
//
//	LEASEHOLD_MUTANTS=1 go test -timeout 3h -v -run TestMutants$ ./agent/internal/world
//	LEASEHOLD_MUTANTS='seat|clock' …    only those whose file or rule it matches
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
	killed, all := 0, 0
	for _, m := range mutants {
		if !wanted.MatchString(m.file) && !wanted.MatchString(m.rule) {
			continue
		}
		all++
		began := time.Now()
		by, how, err := judge(t, m.file, m.old, m.broken, m.keeper)
		switch {
		case err != nil:
			t.Errorf("%s, %s: %v", m.file, m.rule, err)
		case by == "":
			t.Errorf("SURVIVED  %s: %s", m.file, m.rule)
		default:
			killed++
			t.Logf("killed by %s in %.0f s  %s: %s\n\t%s", by, time.Since(began).Seconds(), m.file, m.rule, how)
		}
	}
	t.Logf("%d of %d were noticed", killed, all)
}

// judge tries the judges on a mutant, and returns which one has noticed, and what it said.
func judge(t *testing.T, file, old, broken, keeper string) (by, how string, err error) {
	dir := t.TempDir()
	abs, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		return "", "", err
	}
	code, err := os.ReadFile(abs)
	if err != nil {
		return "", "", err
	}
	mutant, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{abs: mutant}})
	if err != nil {
		return "", "", err
	}
	if err := errors.Join(os.WriteFile(mutant, []byte(strings.Replace(string(code), old, broken, 1)), 0o600), os.WriteFile(overlay, list, 0o600)); err != nil {
		return "", "", err
	}
	type tried struct {
		name string
		args []string
	}
	judges := []tried{{"the world", []string{"-run", "^TestStories$", "./agent/internal/world", "-rapid.shrinktime=1s"}}}
	if strings.HasPrefix(file, "agent/internal/clock/") {
		judges = append([]tried{{"the model", []string{"-run", "onest", "./agent/internal/clock", "-rapid.nofailfile"}}}, judges...)
	}
	if keeper != "" {
		pkg, test, _ := strings.Cut(keeper, " ")
		judges = []tried{{keeper, []string{"-run", test, pkg}}}
	}
	for _, j := range judges {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
		cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-overlay", overlay}, j.args...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "LEASEHOLD_WORLD=2m", "LEASEHOLD_MUTANTS=")
		out, err := cmd.CombinedOutput()
		cancel()
		switch text := string(out); {
		case strings.Contains(text, "[build failed]"), strings.Contains(text, "[setup failed]"):
			return "", "", errors.New("the mutant does not compile: " + text)
		case err != nil:
			return j.name, said(text), nil
		}
	}
	return "", "", nil
}

// said finds in a test's output what went wrong.
func said(text string) string {
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "OK, passed") && (strings.Contains(line, "panic:") || strings.Contains(line, "_test.go:")) {
			const most = 300
			line = strings.TrimSpace(line)
			return line[:min(len(line), most)]
		}
	}
	return ""
}
