package agent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is exported is documented for whoever cannot see the rest: no comment of it
// names an unexported function or method of the package, or says why the code is
// as long as it is.
func TestExportedDocumentationStandsByItself(t *testing.T) {
	read := 0
	for _, root := range []string{".", "../enforcement", "../storage", "../heartbeat"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "internal" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			read += checkExportedDocs(t, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 500 {
		t.Errorf("only %d comments were found", read)
	}
}

// checkExportedDocs reads the comments of one folder, and returns how many there are.
func checkExportedDocs(t *testing.T, folder string) (read int) {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), folder, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments) //nolint:staticcheck // syntax is all that is needed
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range pkgs {
		hidden := map[string]bool{}
		for _, file := range pkg.Files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && !f.Name.IsExported() {
					hidden[f.Name.Name] = true
				}
			}
		}
		for _, file := range pkg.Files {
			for of, text := range exportedDocs(file) {
				read++
				if name := namesHidden(text, hidden); name != "" {
					t.Errorf("%s: the comment of %s names %s, which is not exported", folder, of, name)
				}
				if strings.Contains(text, "is long because") {
					t.Errorf("%s: the comment of %s says why its code is long", folder, of)
				}
			}
		}
	}
	return read
}

// exportedDocs returns the comments of a file that a reader of its documentation
// sees, by what they are about.
func exportedDocs(file *ast.File) map[string]string {
	docs := map[string]string{}
	add := func(of string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if g != nil {
				docs[of] += g.Text()
			}
		}
	}
	add("the package", file.Doc)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv.List[0].Type)) {
				add(d.Name.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						add(s.Name.Name, d.Doc, s.Doc, s.Comment)
						addMembers(add, s)
					}
				case *ast.ValueSpec:
					if s.Names[0].IsExported() {
						add(s.Names[0].Name, d.Doc, s.Doc, s.Comment)
					}
				}
			}
		}
	}
	return docs
}

// addMembers adds the comments of a type's exported fields and methods.
func addMembers(add func(string, ...*ast.CommentGroup), s *ast.TypeSpec) {
	var list []*ast.Field
	switch of := s.Type.(type) {
	case *ast.StructType:
		list = of.Fields.List
	case *ast.InterfaceType:
		list = of.Methods.List
	}
	for _, f := range list {
		if len(f.Names) > 0 && f.Names[0].IsExported() {
			add(s.Name.Name+"."+f.Names[0].Name, f.Doc, f.Comment)
		}
	}
}

func exportedReceiver(of ast.Expr) bool {
	for {
		switch x := of.(type) {
		case *ast.StarExpr:
			of = x.X
		case *ast.IndexExpr:
			of = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// A word is taken for a function's name if it is written as no word of a sentence
// is: with a capital inside, before a parenthesis, after a dot, or as a link.
var codeWord = regexp.MustCompile(`\b[a-z]+[A-Z]\w*|\b[a-z]\w*\(\)|\[[a-z]\w*\]|\b[A-Z]\w*\.[a-z]\w*`)

// namesHidden returns the first hidden name in a text, empty when there is none.
func namesHidden(text string, hidden map[string]bool) string {
	for _, word := range codeWord.FindAllString(text, -1) {
		name := strings.Trim(word, "[]()")
		name = name[strings.LastIndex(name, ".")+1:]
		if hidden[name] {
			return name
		}
	}
	return ""
}

func TestNamesHidden(t *testing.T) {
	hidden := map[string]bool{"takeSeat": true, "open": true}
	for text, want := range map[string]string{
		"it is what takeSeat does":     "takeSeat",
		"open() does it":               "open",
		"see [open]":                   "open",
		"see Agent.open":               "open",
		"a file that is open":          "",
		"while a session is open (it)": "",
		"takeSeats are other names":    "",
	} {
		if got := namesHidden(text, hidden); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}
