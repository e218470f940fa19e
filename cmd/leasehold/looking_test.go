package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// unchanged ARG... runs leasehold with the script's configuration and a state
// folder, and checks that no file or folder was made, removed or written.
func unchangedCommand(ts *testscript.TestScript, _ bool, args []string) {
	before := treeOf(ts, ts.MkAbs("."))
	full := append([]string{"--config", "c.json", "--state-dir", "state", "--store", "file"}, args...)
	_ = ts.Exec("leasehold", full...) // whatever the state is
	if after := treeOf(ts, ts.MkAbs(".")); after != before {
		ts.Fatalf("leasehold %s changes files; before:\n%s\nafter:\n%s", strings.Join(args, " "), before, after)
	}
}

// treeOf is all that can be told of what is below a folder: names, modes, times
// and content.
func treeOf(ts *testscript.TestScript, folder string) string {
	var tree strings.Builder
	ts.Check(filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		var content [sha256.Size]byte
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = sha256.Sum256(b)
		}
		fmt.Fprintln(&tree, path, info.Mode(), info.ModTime().UnixNano(), info.Size(), content)
		return nil
	}))
	return tree.String()
}
