package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/leasehold-dev/leasehold/"

// floors names, for each package of the library, the packages of this module
// that it may build on, and with them what those may. What is not listed must not
// be imported: nothing points up, and neighbours do not know one another.
var floors = map[string][]string{
	"enforcement":                  {},
	"internal/given":               {},
	"internal/logging":             {},
	"internal/namedfile":           {},
	"storage":                      {"storage/internal/durable", "internal/given", "internal/logging"},
	"storage/internal/durable":     {},
	"storage/journal":              {"storage", "storage/internal/durable"},
	"storage/filelock":             {"storage/internal/durable", "internal/given"},
	"heartbeat":                    {"internal/given", "internal/logging"},
	"agent/internal/chance":        {},
	"agent/internal/clock":         {},
	"agent/internal/phrase":        {},
	"agent/internal/armor":         {"agent/internal/pasted"},
	"agent/internal/alarm":         {"enforcement"},
	"agent/internal/grant":         {"agent/license"},
	"agent/internal/guard":         {"internal/logging"},
	"agent/internal/hub":           {},
	"agent/internal/installation":  {"agent/device", "agent/internal/later", "storage", "internal/logging"},
	"agent/internal/later":         {},
	"agent/internal/lease":         {"agent/internal/chance", "agent/internal/ledger", "agent/internal/record", "agent/license", "agent/licensefile", "agent/slascone", "enforcement", "heartbeat", "internal/logging"},
	"agent/internal/ledger":        {"agent/internal/clock", "agent/internal/record", "agent/internal/view", "storage", "internal/logging"},
	"agent/internal/pasted":        {},
	"agent/internal/proxy":         {"agent/internal/pasted"},
	"agent/internal/pace":          {"heartbeat", "internal/logging"},
	"agent/internal/process":       {"agent/internal/ledger", "storage/filelock", "internal/logging"},
	"agent/internal/seeding":       {"agent/internal/chance", "agent/internal/installation", "agent/internal/ledger", "heartbeat", "internal/logging"},
	"agent/internal/settling":      {"agent/internal/view", "enforcement"},
	"agent/internal/preseed":       {"agent/internal/pasted"},
	"agent/internal/record":        {"agent/internal/clock", "agent/internal/later", "agent/license", "agent/licensefile", "agent/slascone", "enforcement", "heartbeat"},
	"agent/internal/scalar":        {},
	"agent/internal/seat":          {"agent/internal/chance", "agent/internal/ledger", "agent/internal/record", "agent/slascone", "enforcement", "heartbeat", "storage/filelock", "internal/logging"},
	"agent/internal/outbox":        {"agent/internal/chance", "agent/internal/ledger", "agent/internal/record", "agent/internal/turn", "agent/slascone", "enforcement", "heartbeat", "storage/journal", "internal/logging"},
	"agent/internal/quota":         {"agent/internal/ledger", "agent/internal/record", "agent/internal/turn", "agent/license", "agent/slascone", "enforcement"},
	"agent/internal/turn":          {"heartbeat"},
	"agent/internal/view":          {"agent/internal/record"},
	"agent/internal/strictjson":    {},
	"agent/internal/verified":      {},
	"agent/license":                {"agent/internal/verified", "enforcement"},
	"agent/device":                 {"internal/given"},
	"agent/slascone":               {"agent/license", "agent/internal/chance", "agent/internal/grant", "agent/internal/armor", "agent/internal/pasted", "agent/internal/proxy", "agent/internal/scalar", "agent/internal/verified", "agent/slascone/internal/wire", "internal/given", "internal/logging"},
	"agent/licensefile":            {"agent/license", "agent/internal/grant", "agent/internal/scalar", "agent/internal/verified", "enforcement"},
	"agent/slascone/internal/wire": {"agent/internal/scalar"},
	"agent/slascone/slasconetest":  {"agent/slascone/internal/wire", "agent/internal/scalar"},
}

// below returns the packages that a package may build on, directly or not.
func below(pkg string) (all []string) {
	for _, p := range floors[pkg] {
		all = append(append(all, p), below(p)...)
	}
	return all
}

// imports has what each package of the module imports, itself and in all.
type imports struct {
	Standard   bool
	ImportPath string
	Imports    []string
	Deps       []string
}

// listed asks the go command once for all packages, with those that they need.
var listed = sync.OnceValues(func() (map[string]imports, error) {
	out, err := exec.Command("go", "list", "-deps", "-json=Standard,ImportPath,Imports,Deps", module+"...").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go list: %s", exit.Stderr)
	}
	if err != nil {
		return nil, nil // there is no go command
	}
	all := make(map[string]imports)
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p imports
		if err := d.Decode(&p); err != nil {
			if errors.Is(err, io.EOF) {
				return all, nil
			}
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

// list returns the packages by their paths.
func list(t *testing.T) map[string]imports {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	if all == nil {
		t.Skip("the go command cannot be run")
	}
	return all
}

func TestFloors(t *testing.T) {
	all := list(t)
	for pkg := range floors {
		allowed := below(pkg)
		p, ok := all[module+pkg]
		if !ok {
			t.Errorf("there is no package %s", pkg)
		}
		for _, dep := range p.Deps {
			inside, own := strings.CutPrefix(dep, module)
			switch {
			case all[dep].Standard:
			case own && !slices.Contains(allowed, inside):
				t.Errorf("%s imports %s, which is not below it", pkg, inside)
			case !own && pkg == "enforcement":
				t.Errorf("enforcement imports %s; it may use the standard library only", dep)
			}
		}
	}
}

// Only who wants texts for users pays for them.
func TestMessagesAreOptional(t *testing.T) {
	for _, dep := range list(t)[module+"agent"].Deps {
		if dep == module+"agent/messages" || strings.HasPrefix(dep, "golang.org/x/text/") {
			t.Errorf("agent imports %s", dep)
		}
	}
}

func TestEnforcementIsPure(t *testing.T) {
	for _, dep := range list(t)[module+"enforcement"].Imports {
		switch dep {
		case "os", "io/fs", "net", "net/http", "log", "log/slog", "sync", "sync/atomic", "context", "crypto/rand", "math/rand", "math/rand/v2", "os/exec", "runtime":
			t.Errorf("enforcement imports %s; it does no I/O, starts no goroutine and keeps no state", dep)
		}
	}
}

func TestEveryPackageHasAFloor(t *testing.T) {
	all := list(t)
	// The façade and what stands on it, and what only tests and tools use.
	free := []string{"agent", "agent/agenttest", "agent/settings", "agent/protocol", "agent/messages", "agent/internal/roomtest", "agent/internal/world", "storage/storagetest", "heartbeat/fleet"}
	for dep := range all {
		pkg, own := strings.CutPrefix(dep, module)
		if !own || strings.HasPrefix(pkg, "cmd/") || strings.HasPrefix(pkg, "examples/") || strings.HasPrefix(pkg, "docs") || slices.Contains(free, pkg) {
			continue
		}
		if _, ok := floors[pkg]; !ok {
			t.Errorf("%s has no floor in this test; say what it may build on", pkg)
		}
	}
}

// The rooms that are pure see no store, no network and no clock of the computer.
func TestPureRooms(t *testing.T) {
	all := list(t)
	for _, room := range []string{"record", "view"} {
		for _, dep := range all[module+"agent/internal/"+room].Deps {
			if inside, own := strings.CutPrefix(dep, module); own && (inside == "agent" || inside == "storage" || strings.HasPrefix(inside, "storage/") || inside == "agent/internal/ledger") {
				t.Errorf("%s imports %s", room, inside)
			}
		}
		for _, dep := range all[module+"agent/internal/"+room].Imports {
			switch dep {
			case "os", "net", "net/http", "os/exec", "log/slog", "context", "sync", "math/rand/v2", "crypto/rand":
				t.Errorf("%s imports %s", room, dep)
			}
		}
	}
	for _, call := range []string{"time.Now(", "time.Since(", "time.AfterFunc(", "time.NewTimer("} {
		for _, room := range []string{"record", "view"} {
			files, err := filepath.Glob("internal/" + room + "/*.go")
			if err != nil || len(files) == 0 {
				t.Fatal(err, len(files))
			}
			for _, path := range files {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasSuffix(path, "_test.go") && strings.Contains(string(text), call) {
					t.Errorf("%s has %s…)", path, call)
				}
			}
		}
	}
}
