package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	designRow  = regexp.MustCompile(`(?m)^\| ([^|]+) \| [^|]+ \|$`)
	designLink = regexp.MustCompile(`(?m)^\s*// Rejected, see docs/designs\.md: (.+)\.$`)
)

// Whoever is tempted by a design that was rejected reads so where it would go: each
// has its line in the code, and each such line has an entry.
func TestRejectedDesignsAreToldInTheCode(t *testing.T) {
	page, err := os.ReadFile("designs.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{} // whether a line of the code names it
	for _, m := range designRow.FindAllStringSubmatch(string(page), -1) {
		if m[1] != "rejected" {
			told[strings.ReplaceAll(m[1], "`", "")] = false
		}
	}
	if len(told) < 20 {
		t.Fatalf("designs.md has %d entries only", len(told))
	}
	err = filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range designLink.FindAllStringSubmatch(string(code), -1) {
			if _, ok := told[m[1]]; !ok {
				t.Errorf("%s: designs.md has no entry %q", path, m[1])
			}
			told[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for entry, ok := range told {
		if !ok {
			t.Errorf("no line of the code is \"// Rejected, see docs/designs.md: %s.\"", entry)
		}
	}
}
