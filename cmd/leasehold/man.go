package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "Print the manual page of a command, or write all pages into a folder",
		Long: `Print the manual page of a command, to be read with 'man -l -', or with --dir
write the pages of all commands into a folder.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.InitDefaultCompletionCmd()
			if dir != "" {
				if len(args) > 0 {
					return &usageError{errors.New("--dir writes the pages of all commands"), "leave the command or --dir out"}
				}
				return a.writePages(root, dir)
			}
			of, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(of, args[len(args)-max(len(rest), 1)])
			}
			page := manPage(of)
			if a.json {
				a.printJSON(map[string]string{"command": of.CommandPath(), "page": page})
			} else {
				a.printf("%s", page)
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "write the pages into `FOLDER`")
	return c
}

func (a *app) writePages(root *cobra.Command, dir string) error {
	written := []string{}
	for _, c := range allCommands(root) {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		path := filepath.Join(dir, pageName(c)+".1")
		if err := os.WriteFile(path, []byte(manPage(c)), 0o644); err != nil {
			return &usageError{fmt.Errorf("the page cannot be written: %w", err), "choose another folder with --dir"}
		}
		written = append(written, path)
	}
	if a.json {
		a.printJSON(map[string]any{"files": written})
	} else {
		a.printf("%d pages are in %s\n", len(written), dir)
	}
	return nil
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage writes the page of a command in the man macros.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	section := func(name string) { fmt.Fprintf(&b, ".SH %s\n", name) }
	fmt.Fprintf(&b, ".TH %s 1\n", roff(strings.ToUpper(pageName(c))))
	section("NAME")
	fmt.Fprintf(&b, "%s \\- %s\n", roff(pageName(c)), roff(c.Short))
	section("SYNOPSIS")
	fmt.Fprintf(&b, ".B %s\n", roff(c.UseLine()))
	section("DESCRIPTION")
	long := c.Long
	if long == "" {
		long = c.Short + "."
	}
	for i, paragraph := range strings.Split(long, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		fmt.Fprintf(&b, "%s\n", roff(paragraph))
	}
	if c.HasAvailableSubCommands() {
		section("COMMANDS")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(sub.Name()), roff(sub.Short))
			}
		}
	}
	for _, set := range []struct {
		name  string
		flags *pflag.FlagSet
	}{{"OPTIONS", c.NonInheritedFlags()}, {"OPTIONS OF ALL COMMANDS", c.InheritedFlags()}} {
		if !set.flags.HasAvailableFlags() {
			continue
		}
		section(set.name)
		set.flags.VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				name, usage := pflag.UnquoteUsage(f)
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace("--"+f.Name+" "+name)), roff(usage))
			}
		})
	}
	if c.Example != "" {
		section("EXAMPLE")
		fmt.Fprintf(&b, ".nf\n%s\n.fi\n", roff(c.Example))
	}
	if c.HasParent() {
		section("SEE ALSO")
		fmt.Fprintf(&b, ".BR %s (1)\n", roff(pageName(c.Parent())))
	}
	return b.String()
}

// roff escapes what the macros would read as theirs.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
