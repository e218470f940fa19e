package agent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The package documentation follows four flows through names that exist.
func TestFlowsAreFollowedByNamesThatExist(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, flows, _ := strings.Cut(string(text), "// # How it is built")
	flows, _, _ = strings.Cut(flows, "// While a lock is held")
	folders := map[string]string{"agent": ".", "slascone": "slascone", "storage": "../storage", "heartbeat": "../heartbeat"}
	names := regexp.MustCompile(`\b([a-z]+)\.([A-Z]\w*(?:\.[A-Z]\w*)?)`).FindAllStringSubmatch(flows, -1)
	if len(names) < 20 {
		t.Fatalf("only %d names are followed", len(names))
	}
	known := map[string][]string{}
	for _, n := range names {
		folder, ok := folders[n[1]]
		if !ok {
			folder = "internal/" + n[1]
		}
		if known[n[1]] == nil {
			known[n[1]] = exportedNames(t, folder)
		}
		if !slices.Contains(known[n[1]], n[2]) {
			t.Errorf("%s has no %s", folder, n[2])
		}
	}
}

// exportedNames lists what a package declares, methods with their types.
func exportedNames(t *testing.T, folder string) (names []string) {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), folder, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // syntax is all that is needed
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range pkgs {
		ast.Inspect(pkg, func(n ast.Node) bool {
			switch d := n.(type) {
			case *ast.TypeSpec:
				names = append(names, d.Name.Name)
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					receiver := d.Recv.List[0].Type
					if star, ok := receiver.(*ast.StarExpr); ok {
						receiver = star.X
					}
					if of, ok := receiver.(*ast.IndexExpr); ok {
						receiver = of.X
					}
					if id, ok := receiver.(*ast.Ident); ok {
						name = id.Name + "." + name
					}
				}
				names = append(names, name)
				return false
			}
			return true
		})
	}
	return names
}
