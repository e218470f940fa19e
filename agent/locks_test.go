package agent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// lockOrder is that of agent/doc.go: while a lock is held, only those after it may
// be taken. reaches are the things outside the room that may be called under the
// lock, each with a lock after it or with none.
var lockOrder = []struct {
	room, lock string
	reaches    []string
}{
	{"outbox", "claiming", []string{"Client", "Damaged", "Ended", "Ledger", "Logger", "Plan", "Rejected", "Unlasting"}},
	{"outbox", "mu", []string{"Damaged", "Ledger", "Logger", "Plan", "Unlasting"}},
	{"process", "mu", []string{"Ledger", "Logger", "Path"}},
	{"seeding", "mu", []string{"Install", "Ledger", "Logger", "Plan"}},
	{"ledger", "mu", []string{"Changed", "Drifted", "Logger", "Opener", "Store", "Unkept"}},
	{"ledger", "announcing", []string{"Changed", "Logger"}},
	{"alarm", "mu", nil},
	{"settling", "mu", nil},
	{"hub", "mu", []string{"Keep", "Merge"}},
	{"quota", "mu", nil},
	{"proxy", "mu", nil},
}

// A room calls under its lock only what may be called under it.
func TestLockOrder(t *testing.T) {
	for _, order := range lockOrder {
		room := parseRoom(t, order.room)
		holders := 0
		for name, f := range room.methods {
			if !room.locks(f, order.lock) {
				continue
			}
			holders++
			for reached := range room.reached(f, map[string]bool{}) {
				if !slices.Contains(order.reaches, reached) {
					t.Errorf("%s.%s calls %s under %s, whose place in the order is not said", order.room, name, reached, order.lock)
				}
			}
		}
		if holders == 0 {
			t.Errorf("nothing in %s takes %s; the order says it is a lock", order.room, order.lock)
		}
	}
}

// What the façade holds can be taken in at one look.
func TestTheFacadeHoldsADozenThings(t *testing.T) {
	if n := reflect.TypeFor[Agent]().NumField(); n > 12 {
		t.Errorf("Agent has %d fields", n)
	}
}

// Every lock of a room has its place in the order.
func TestEveryLockHasItsPlace(t *testing.T) {
	known := map[string]bool{}
	for _, o := range lockOrder {
		known[o.room+"."+o.lock] = true
	}
	rooms, err := os.ReadDir("internal")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range rooms {
		name := dir.Name()
		if name == "world" {
			continue // only tests
		}
		room := parseRoom(t, name)
		for _, lock := range room.mutexes {
			if !known[name+"."+lock] {
				t.Errorf("%s has a lock %q without a place in the order of agent/doc.go", name, lock)
			}
		}
	}
}

// room is the source of one.
type room struct {
	methods map[string]*ast.FuncDecl
	config  map[string]bool // the fields of its Config, by which it reaches others
	mutexes []string
}

func parseRoom(t *testing.T, name string) room {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), "internal/"+name, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // syntax is all that is needed
	if err != nil || pkgs[name] == nil {
		t.Fatalf("room %s: %v", name, err)
	}
	r := room{methods: map[string]*ast.FuncDecl{}, config: map[string]bool{}}
	for _, file := range pkgs[name].Files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				r.methods[f.Name.Name] = f
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			fields, ok := s.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range fields.Fields.List {
				for _, id := range f.Names {
					switch sel, ok := f.Type.(*ast.SelectorExpr); {
					case ok && (sel.Sel.Name == "Mutex" || sel.Sel.Name == "RWMutex"):
						r.mutexes = append(r.mutexes, id.Name)
					case s.Name.Name == "Config" || s.Name.Name == "Hub":
						r.config[id.Name] = true
					}
				}
			}
			return true
		})
	}
	return r
}

// locks reports whether a function takes a lock itself.
func (r room) locks(f *ast.FuncDecl, lock string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Lock" || sel.Sel.Name == "TryLock") {
				if inner, ok := sel.X.(*ast.SelectorExpr); ok && inner.Sel.Name == lock {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// reached returns the fields of Config whose functions and methods are called by
// a function or by what it calls in the room. A field whose value is only read is
// among them when it names another room.
func (r room) reached(f *ast.FuncDecl, seen map[string]bool) map[string]bool {
	if seen[f.Name.Name] {
		return nil
	}
	seen[f.Name.Name] = true
	all := map[string]bool{}
	receiver := ""
	if f.Recv != nil && len(f.Recv.List[0].Names) > 0 {
		receiver = f.Recv.List[0].Names[0].Name
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		e := call.Fun
		if id, ok := e.(*ast.Ident); ok && r.methods[id.Name] != nil {
			maps.Copy(all, r.reached(r.methods[id.Name], seen))
		}
		for {
			sel, ok := e.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == receiver {
				if r.config[sel.Sel.Name] {
					all[sel.Sel.Name] = true
				} else if own := r.methods[sel.Sel.Name]; own != nil {
					maps.Copy(all, r.reached(own, seen))
				}
			}
			e = sel.X
		}
	})
	return all
}

// What an error says is decided in one place: no function passes the name of a call
// on, neither in the façade nor in a room.
func TestNobodyThreadsTheNameOfACall(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		inside := filepath.ToSlash(path)
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(inside, "/") && !strings.HasPrefix(inside, "internal/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncType)
			if !ok {
				return true
			}
			for _, p := range f.Params.List {
				of, _ := p.Type.(*ast.Ident)
				for _, name := range p.Names {
					if name.Name == "op" || of != nil && of.Name == "operation" {
						t.Errorf("%s: a function is passed %s", path, name.Name)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
