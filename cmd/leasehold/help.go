package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// The groups of commands in the help, in this order.
var groups = []struct {
	id, title string
	commands  []string
}{
	{"licence", "The licence of this machine:", []string{"activate", "heartbeat", "status", "watch", "session", "license", "deactivate", "erase"}},
	{"grants", "What it grants:", []string{"feature", "features", "limits", "variables", "usage", "consume"}},
	{"why", "Why, and what comes:", []string{"doctor", "explain", "codes", "forecast", "device-id"}},
	{"try", "Try and test:", []string{"demo", "emulator", "fleet"}},
	{"tool", "The tool itself:", nil}, // and whatever is not named above
}

// examples are shown in the help of each command, by its path without the
// program's name. A command may bring its own.
var examples = map[string]string{
	"demo":                     "leasehold demo",
	"emulator":                 "leasehold emulator --write-config try.json",
	"device-id":                "leasehold --config try.json device-id",
	"activate":                 "leasehold --config try.json activate 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978\npbpaste | leasehold --config try.json activate -",
	"heartbeat":                "leasehold --config try.json heartbeat",
	"status":                   "leasehold --config try.json status\nleasehold --config try.json status --at +8d",
	"deactivate":               "leasehold --config try.json deactivate",
	"session open":             "leasehold --config try.json session open --checkout 8h",
	"session renew":            "leasehold --config try.json session renew",
	"session close":            "leasehold --config try.json session close",
	"session status":           "leasehold --config try.json session status",
	"explain":                  "leasehold explain 1007\nleasehold explain 1001 --policy strict",
	"codes":                    "leasehold codes --policy lenient",
	"forecast":                 "leasehold --config try.json forecast --svg forecast.svg",
	"feature":                  "leasehold --config try.json feature pdf-export && echo export",
	"features":                 "leasehold --config try.json features --all",
	"limits":                   "leasehold --config try.json limits",
	"variables":                "leasehold --config try.json variables",
	"license verify":           "leasehold license verify --key vendor.pem license.xml",
	"license import":           "leasehold --config try.json license import license.xml",
	"license request":          "leasehold --config try.json license request 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978 --qr",
	"license covers":           "leasehold --config try.json license covers 2.0",
	"fleet":                    "leasehold fleet --heartbeat '@every 4h' --svg fleet.svg",
	"usage":                    "leasehold --config try.json usage pdf-export",
	"consume":                  "leasehold --config try.json consume pages 3",
	"doctor":                   "leasehold --config try.json doctor\nleasehold --config try.json doctor --online",
	"erase":                    "leasehold --config try.json erase",
	"watch":                    "leasehold --config try.json watch",
	"serve":                    "leasehold serve --stdio",
	"version":                  "leasehold version",
	"emulator advance":         "leasehold --config try.json emulator advance 8d",
	"emulator clock":           "leasehold --config try.json emulator clock +36h",
	"emulator reset":           "leasehold --config try.json emulator reset",
	"emulator outage":          "leasehold --config try.json emulator outage on",
	"emulator requests":        "leasehold --config try.json emulator requests",
	"emulator fault":           "leasehold --config try.json emulator fault session_open conflict --conflict 1007 --times 1",
	"emulator faults clear":    "leasehold --config try.json emulator faults clear",
	"emulator client list":     "leasehold --config try.json emulator client list",
	"emulator client forget":   "leasehold --config try.json emulator client forget CLIENT",
	"emulator client suspend":  "leasehold --config try.json emulator client suspend CLIENT",
	"emulator client resume":   "leasehold --config try.json emulator client resume CLIENT",
	"emulator licence list":    "leasehold --config try.json emulator licence list",
	"emulator licence add":     "leasehold --config try.json emulator licence add '{\"floating\": true}'",
	"emulator licence set":     "leasehold --config try.json emulator licence set 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978 '{\"token_limit\": 5}'",
	"emulator licence disable": "leasehold --config try.json emulator licence disable 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978",
	"emulator licence enable":  "leasehold --config try.json emulator licence enable 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978",
	"emulator licence delete":  "leasehold --config try.json emulator licence delete 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978",
	"emulator licence expire":  "leasehold --config try.json emulator licence expire 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978",
	"emulator licence renew":   "leasehold --config try.json emulator licence renew 0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978",
	"emulator session list":    "leasehold --config try.json emulator session list",
	"emulator session end":     "leasehold --config try.json emulator session end SESSION",
	"man":                      "leasehold man --dir /usr/local/share/man/man1",
}

// arrange puts commands into their groups and examples into their help.
func arrange(root *cobra.Command) {
	named := make(map[string]string)
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, name := range g.commands {
			named[name] = g.id
		}
	}
	const rest = "tool"
	root.SetHelpCommandGroupID(rest)
	root.SetCompletionCommandGroupID(rest)
	for _, c := range root.Commands() {
		if c.GroupID = named[c.Name()]; c.GroupID == "" {
			c.GroupID = rest
		}
	}
	for _, c := range allCommands(root) {
		path := strings.TrimPrefix(c.CommandPath(), root.Name()+" ")
		if example, ok := examples[path]; ok && c.Example == "" {
			c.Example = "  " + strings.ReplaceAll(example, "\n", "\n  ")
		}
	}
}

func allCommands(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		list = append(list, allCommands(sub)...)
	}
	return list
}

// checkDefaults gives the commands that cobra adds an error for what they do not
// know. By themselves they show a help, as if nothing were wrong.
func checkDefaults(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err == nil && len(rest) == 0 {
					return nil
				}
				return noCommand(found, rest[0])
			}
		case "completion":
			c.RunE = func(*cobra.Command, []string) error {
				return &usageError{errors.New("the completion command needs to know for which shell"), "one of: completion bash, zsh, fish, powershell"}
			}
		}
	}
}

// helpInJSON keeps a help from being anything else than JSON where that is asked
// for.
func (a *app) helpInJSON(root *cobra.Command) {
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if !a.json {
			show(cmd, args)
			return
		}
		var text strings.Builder
		cmd.SetOut(&text)
		show(cmd, args)
		a.printJSON(map[string]any{"command": cmd.CommandPath(), "help": text.String()})
	})
}
