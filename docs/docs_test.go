// Package docs holds the documentation to the code: each block of Go stands in
// a file that is compiled, each command line is one that the tool knows, each
// policy and configuration is read, and each link leads somewhere.
package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// pages are the documents that the tests read, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, pattern := range []string{"*.md", "../README.md", "../SECURITY.md", "../CONTRIBUTING.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			list[path] = string(text)
		}
	}
	if len(list) < 5 {
		t.Fatalf("found %d pages only", len(list))
	}
	return list
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// blocks are the fenced blocks of a language in all pages.
func blocks(t *testing.T, language string) (list []struct{ page, text string }) {
	t.Helper()
	for page, text := range pages(t) {
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if m[1] == language {
				list = append(list, struct{ page, text string }{page, m[2]})
			}
		}
	}
	if len(list) == 0 {
		t.Fatalf("no page has a block of %s", language)
	}
	return list
}

// plain takes out what a block in a document may have otherwise than the code:
// blanks at either end of a line, and empty lines.
func plain(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// TestGoIsCompiled wants each block of Go to stand, word for word, in a file of
// the repository that go vet and go test compile.
func TestGoIsCompiled(t *testing.T) {
	var compiled strings.Builder
	for _, pattern := range []string{"*_test.go", "../agent/*example*_test.go", "../agent/slascone/slasconetest/*example*_test.go", "../agent/*/example*_test.go", "../agent/agenttest/*_test.go", "../examples/headless/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			compiled.WriteString(plain(string(text)))
		}
	}
	for _, b := range blocks(t, "go") {
		if !strings.Contains(compiled.String(), plain(b.text)) {
			t.Errorf("%s: no compiled file has this:\n%s", b.page, b.text)
		}
	}
}

// TestPoliciesAreRead loads each policy that a page shows or links to.
func TestPoliciesAreRead(t *testing.T) {
	files, err := filepath.Glob("policies/*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d policies, %v", len(files), err)
	}
	text := pages(t)["policies.md"]
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := enforcement.ParsePolicy(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if again, err := p.MarshalJSON(); err != nil || string(again) == `"standard"` {
			t.Errorf("%s: says nothing of its own (%v)", file, err)
		}
		slash := filepath.ToSlash(file)
		for _, name := range []string{slash, strings.TrimSuffix(slash, ".json") + ".svg"} {
			if !strings.Contains(text, "("+name+")") {
				t.Errorf("policies.md does not show %s", name)
			}
		}
	}
	for _, b := range blocks(t, "json") {
		if strings.Contains(b.text, `"base"`) {
			if _, err := enforcement.ParsePolicy([]byte(b.text)); err != nil {
				t.Errorf("%s: %v", b.page, err)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinksLeadSomewhere follows each relative link, to its heading if it names one.
func TestLinksLeadSomewhere(t *testing.T) {
	for page, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(m[1], "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			data, err := os.ReadFile(target)
			if err != nil {
				if info, stat := os.Stat(target); stat == nil && info.IsDir() {
					continue
				}
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if heading != "" && !headings(string(data))[heading] {
				t.Errorf("%s: %s has no heading #%s", page, target, heading)
			}
		}
	}
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// headings are the anchors that GitHub makes of a page's headings.
func headings(text string) map[string]bool {
	list := map[string]bool{}
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			title = notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			list[strings.ReplaceAll(title, " ", "-")] = true
		}
	}
	return list
}
