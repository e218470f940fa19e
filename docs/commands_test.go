package docs

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestCommandsAreKnown runs each command line of the tool that a page shows in a
// block of sh, with --help appended: the tool refuses a command or an option
// that it does not know, and does nothing otherwise.
func TestCommandsAreKnown(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("builds the tool, and there is no go command here:", err)
	}
	tool := filepath.Join(t.TempDir(), "leasehold")
	if runtime.GOOS == "windows" {
		tool += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", tool, "../cmd/leasehold").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	known := 0
	for _, b := range blocks(t, "sh") {
		for line := range strings.Lines(b.text) {
			line, _, _ = strings.Cut(line, " #")
			args := strings.Fields(line)
			if len(args) == 0 || args[0] != "leasehold" {
				continue
			}
			args = slices.DeleteFunc(args[1:], func(a string) bool { return strings.ContainsAny(a, "…&>|") })
			if out, err := exec.CommandContext(t.Context(), tool, append(args, "--help")...).CombinedOutput(); err != nil {
				t.Errorf("%s: %q: %v\n%s", b.page, line, err, out)
			}
			known++
		}
	}
	if known == 0 {
		t.Error("no page shows a command")
	}
}
