package agent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// No function of the library is longer than 50 lines without a reason above it.
func TestLongFunctionsSayWhy(t *testing.T) {
	for _, root := range []string{".", "../enforcement", "../heartbeat", "../storage"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "slasconetest" || d.Name() == "messages" || d.Name() == "testdata") {
				return filepath.SkipDir // a server, texts and files for tests
			}
			if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				longFunctions(t, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func longFunctions(t *testing.T, path string) {
	const longest = 50
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1
		if lines > longest && !strings.Contains(strings.Join(strings.Fields(f.Doc.Text()), " "), "long because") {
			t.Errorf("%s: %s has %d lines; make it shorter, or say above it why it is long", path, f.Name.Name, lines)
		}
	}
}
