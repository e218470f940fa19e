package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// What is wrong with a command line is told in our own words, with what to do,
// and exits with 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args        string
		error, hint string
	}{
		{"statsu", `there is no command "statsu"`, "did you mean 'leasehold status'?"},
		{"session opne", `there is no command "opne"`, "did you mean 'leasehold session open'?"},
		{"license verfiy x.xml", `there is no command "verfiy"`, "did you mean 'leasehold license verify'?"},
		{"frobnicate", `there is no command "frobnicate"`, "run 'leasehold --help'"},
		{"activate", "'leasehold activate' needs KEY", "run 'leasehold activate --help'"},
		{"activate a b", "'leasehold activate' takes KEY, and 2 arguments were given", "run 'leasehold activate --help'"},
		{"consume pages", "'leasehold consume' needs LIMITATION AMOUNT, and 1 argument was given", "run 'leasehold consume --help'"},
		{"status now", "'leasehold status' takes no argument", "run 'leasehold status --help'"},
		{"license verify", "'leasehold license verify' needs FILE...", "run 'leasehold license verify --help'"},
		{"status --jsno", "'leasehold status' has no flag --jsno", "did you mean --json?"},
		{"status -x", "'leasehold status' has no flag -x", "run 'leasehold status --help'"},
		{"status --at", "--at needs a value (TIME)", "run 'leasehold status --help'"},
		{"fleet --days many", `--days "many": it must be a whole number`, "run 'leasehold fleet --help'"},
		{"session open --checkout soon", `--checkout "soon": "soon" is not a duration such as 8d, 1d12h or 36h`, "run 'leasehold session open --help'"},
		{"status --json=perhaps", `--json "perhaps": it must be true or false`, "run 'leasehold status --help'"},
	} {
		var out, told bytes.Buffer
		code := run(t.Context(), strings.Fields(tt.args), func(string) (string, bool) { return "", false }, &out, &told)
		want := "error: " + tt.error
		if code != exitUsage || !strings.HasPrefix(told.String(), want) || !strings.Contains(told.String(), "\nhint: "+tt.hint) || out.Len() > 0 {
			t.Errorf("%s: exit %d, %q%q; want %q and hint %q", tt.args, code, out.String(), told.String(), want, tt.hint)
		}
	}
}

// Every command says what it is for and shows an example, and every one that is
// there belongs to a group.
func TestEveryCommandHasHelp(t *testing.T) {
	root := (&app{}).rootCommand()
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "help" || strings.HasPrefix(c.CommandPath(), "leasehold completion ") {
			return // cobra's own
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: %q is no summary", c.CommandPath(), c.Short)
		}
		if !c.HasExample() && !c.HasSubCommands() {
			t.Errorf("%s shows no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(line, "  ") || !strings.Contains(line, "leasehold ") {
				t.Errorf("%s: the example %q is no command line", c.CommandPath(), line)
			}
		}
		if c.Parent() == root && c.GroupID == "" {
			t.Errorf("%s has no group", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
}
