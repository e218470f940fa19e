package world

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README names each kind of step and each truth, and no others.
func TestReadmeIsWhole(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	known := map[string]bool{}
	for _, w := range weights {
		known[string(w.verb)] = true
		if !strings.Contains(readme, "`"+string(w.verb)+"`") {
			t.Errorf("README.md does not say where it belongs that %q", w.verb)
		}
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(b)
	}
	for _, m := range regexp.MustCompile(`func \(w \*world\) (must\w+)\(`).FindAllStringSubmatch(code.String(), -1) {
		if !strings.Contains(readme, "`"+m[1]+"`") {
			t.Errorf("README.md does not say what %s checks", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(must\\w+)`").FindAllStringSubmatch(readme, -1) {
		if !strings.Contains(code.String(), "func (w *world) "+m[1]+"(") {
			t.Errorf("README.md names %s, which there is not", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`([a-z][^`]* [^`]* [^`]*)`").FindAllStringSubmatch(readme, -1) {
		if !known[m[1]] {
			t.Errorf("README.md names %q, which is no kind of step", m[1])
		}
	}
}
