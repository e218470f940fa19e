package benchmarks

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// bar is what the agent may add to a program of net/http and JSON, in bytes: more
// would not round to 1.95 MB. A file grows by whole pages.
const bar = 1_955_000

// TestTheAgentIsNoLargerThanItMayBe holds the bar.
func TestTheAgentIsNoLargerThanItMayBe(t *testing.T) {
	if testing.Short() {
		t.Skip("links two programs")
	}
	added := fileSize(t, linked(t, "linux", "leasehold", "-s -w")) - fileSize(t, linked(t, "linux", "base", "-s -w"))
	t.Logf("%.2f MB", float64(added)/1e6)
	if added > bar {
		t.Errorf("the agent adds %d bytes, %d are allowed", added, bar)
	}
}

// TestSizeTable prints the tables of docs/size.md:
//
//	LEASEHOLD_TABLE=1 go test -count 1 -v -run SizeTable
func TestSizeTable(t *testing.T) {
	if os.Getenv("LEASEHOLD_TABLE") == "" {
		t.Skip("LEASEHOLD_TABLE=1 runs it")
	}
	var b strings.Builder
	for _, system := range []string{"linux", "windows", "darwin"} {
		base := fileSize(t, linked(t, system, "base", "-s -w"))
		fmt.Fprintf(&b, "| %s |", system)
		plain := 0.0
		for _, program := range []string{"leasehold", "usage", "files", "preseed"} {
			mb := float64(fileSize(t, linked(t, system, program, "-s -w"))-base) / 1e6
			fmt.Fprintf(&b, " %.2f |", mb-plain)
			if plain == 0 {
				plain = mb
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	base, full := symbols(t, linked(t, "linux", "base", "")), symbols(t, linked(t, "linux", "leasehold", ""))
	total := 0
	byGroup := map[string]int{}
	for name, size := range full {
		if more := size - base[name]; more != 0 && !strings.HasPrefix(name, "go:func.") { // tables grow with the rest
			byGroup[groupOf(name)] += more
			total += more
		}
	}
	file := fileSize(t, linked(t, "linux", "leasehold", "-s -w")) - fileSize(t, linked(t, "linux", "base", "-s -w"))
	for _, g := range slices.SortedFunc(maps.Keys(byGroup), func(a, b string) int { return byGroup[b] - byGroup[a] }) {
		fmt.Fprintf(&b, "| %s | %.0f |\n", g, float64(byGroup[g])/float64(total)*float64(file)/1e3)
	}
	t.Log("\n" + b.String())
}

// groups are what belongs together, by the beginnings of the packages' names.
var groups = []struct {
	name     string
	packages []string
}{
	{"the keyring: D-Bus, and what it needs of the standard library", []string{"github.com/godbus", "github.com/zalando", "os/exec", "os/user", "encoding/binary", "reflect", "syscall"}},
	{"what is kept: the sealed record, in the keyring and in files", []string{"github.com/leasehold-dev/leasehold/storage", "github.com/gofrs", "compress", "golang.org/x/sys", "crypto"}},
	{"the server: calls, signatures, proxies", []string{"github.com/leasehold-dev/leasehold/agent/slascone", "github.com/leasehold-dev/leasehold/agent/internal/proxy", "github.com/leasehold-dev/leasehold/agent/internal/armor", "net", "encoding/json"}},
	{"the policy engine, with 90 conflicts", []string{"github.com/leasehold-dev/leasehold/enforcement"}},
	{"the schedule, with cron", []string{"github.com/leasehold-dev/leasehold/heartbeat", "github.com/robfig"}},
	{"floating seats", []string{"github.com/leasehold-dev/leasehold/agent/internal/seat"}},
	{"the device ID", []string{"github.com/leasehold-dev/leasehold/agent/device", "github.com/leasehold-dev/leasehold/agent/internal/installation", "github.com/denisbrodbeck", "github.com/google"}},
	{"keys and settings as they were pasted", []string{"github.com/leasehold-dev/leasehold/agent/internal/pasted"}},
	{"amounts (decimal)", []string{"github.com/shopspring", "math/big"}},
	{"the agent, its licence, its clock and its record", []string{"github.com/leasehold-dev/leasehold/agent"}},
}

func groupOf(symbol string) string {
	symbol = strings.TrimPrefix(strings.TrimPrefix(symbol, "type:.eq."), "go:itab.*")
	for _, g := range groups {
		for _, p := range g.packages {
			if rest, ok := strings.CutPrefix(symbol, p); ok && (rest == "" || rest[0] == '.' || rest[0] == '/' || strings.Contains(p, "github.com")) {
				return g.name
			}
		}
	}
	return "the rest of the standard library"
}

// symbols returns the sizes of what is in a program's file.
func symbols(t *testing.T, program string) map[string]int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "tool", "nm", "-size", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	const largest = 1 << 20 // what is larger is memory that the file does not hold
	sizes := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || strings.ContainsAny(fields[2], "bBU") {
			continue
		}
		if size, err := strconv.Atoi(fields[1]); err == nil && size < largest {
			sizes[strings.Join(fields[3:], " ")] += size
		}
	}
	return sizes
}

// linked builds one of the programs below size/, for amd64.
func linked(t *testing.T, system, name, flags string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags="+flags, "-o", program, "./size/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
