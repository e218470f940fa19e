package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The numbers of the header are those of the schema.
func TestHeaderAgreesWithSchema(t *testing.T) {
	var schema struct {
		States   map[string]int `json:"states"`
		Failures []struct {
			Kind   string `json:"kind"`
			Number int    `json:"number"`
		} `json:"failures"`
		Limits map[string]int `json:"limits"`
	}
	if err := json.Unmarshal(protocol.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"OK": 0, "ABI_VERSION": 1}
	for name, n := range schema.States {
		want[strings.ToUpper(name)] = n
	}
	for _, f := range schema.Failures {
		want[strings.ToUpper(f.Kind)] = f.Number
	}
	got := map[string]int{}
	header := read(t, "leasehold.h")
	for _, m := range regexp.MustCompile(`(?m)^#define LEASEHOLD_([A-Z_]+) +(-?\d+)`).FindAllStringSubmatch(header, -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		got[m[1]] = n
	}
	for name, n := range want {
		if v, ok := got[name]; !ok || v != n {
			t.Errorf("LEASEHOLD_%s is %d (there: %v), want %d", name, v, ok, n)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("the schema does not know LEASEHOLD_%s", name)
		}
	}
	internal := read(t, "internal/host/host.h")
	for name, n := range map[string]int{"LH_AGENTS": schema.Limits["agents"], "LH_BACKLOG": schema.Limits["backlog"]} {
		if !regexp.MustCompile(`#define ` + name + ` +` + strconv.Itoa(n) + `\b`).MatchString(internal) {
			t.Errorf("%s is not %d", name, n)
		}
	}
	if schema.Limits["line_bytes"] != 8<<20 || !strings.Contains(internal, "#define LH_LONGEST (8 << 20)") {
		t.Error("the longest text is not that of the protocol")
	}
	if schema.Limits["max_timeout_ms"] != 600000 || schema.Limits["default_timeout_ms"] != 30000 || !strings.Contains(header, "at most 600000; 0\n * means the default of 30000") {
		t.Error("the header does not tell the deadlines of the protocol")
	}
}

// What the header declares is what is exported, and nothing else.
func TestExportsAreTheHeaders(t *testing.T) {
	var declared, exported []string
	for _, m := range regexp.MustCompile(`(?m)^LEASEHOLD_API [^(]*?(leasehold_\w+)\(`).FindAllStringSubmatch(read(t, "leasehold.h"), -1) {
		declared = append(declared, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(leasehold_\w+);`).FindAllStringSubmatch(read(t, "exports.map"), -1) {
		exported = append(exported, m[1])
	}
	slices.Sort(declared)
	if len(declared) != 9 || !slices.Equal(declared, exported) {
		t.Errorf("declared %v\nexported %v", declared, exported)
	}
}

// The library and all bindings have one version.
func TestVersionsMoveTogether(t *testing.T) {
	want := regexp.MustCompile(`const version = "(.+)"`).FindStringSubmatch(read(t, "version.go"))[1]
	for file, pattern := range map[string]string{
		"bindings/cpp/CMakeLists.txt":               `(?m)^project\(\S+ VERSION (\S+)`,
		"bindings/csharp/src/Leasehold.csproj":      `<Version>(.+)</Version>`,
		"bindings/java/pom.xml":                     `(?s)<artifactId>leasehold</artifactId>\s*<version>(.+?)</version>`,
		"bindings/node/package.json":                `(?m)^  "version": "(.+)"`,
		"bindings/python/pyproject.toml":            `(?m)^version = "(.+)"`,
		"bindings/python/src/leasehold/__init__.py": `__version__ = "(.+)"`,
		"bindings/rust/Cargo.toml":                  `(?m)^version = "(.+)"`,
	} {
		got := regexp.MustCompile(pattern).FindStringSubmatch(read(t, file))
		if got == nil || got[1] != want {
			t.Errorf("%s has the version %q, want %s", file, got, want)
		}
	}
}
