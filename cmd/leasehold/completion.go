package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat/fleet"
	"github.com/leasehold-dev/leasehold/storage"
)

// offer tells the shell's completion what can stand where. What depends on the
// licence is read from what is kept, without a word when that cannot be. It is
// long because it has a case for each command.
func (a *app) offer(root *cobra.Command) {
	words := func(list ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
	}
	for _, c := range allCommands(root) {
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
	flag := func(c *cobra.Command, name string, f cobra.CompletionFunc) {
		if c.Flag(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, f) // fails only for what is registered twice
		}
	}
	flag(root, "store", words(string(storage.KindAuto), string(storage.KindKeyring), string(storage.KindFile)))
	for _, c := range root.Commands() {
		switch c.Name() {
		case "explain":
			c.ValidArgsFunction = firstArgument(offerCodes)
			flag(c, "policy", words(enforcement.Presets()...))
		case "codes":
			flag(c, "policy", words(enforcement.Presets()...))
		case "feature", "usage":
			c.ValidArgsFunction = firstArgument(a.offerOf(func(ag *agent.Agent) (names []string) {
				for _, f := range ag.License().Features() {
					names = append(names, f.Name)
				}
				return names
			}))
		case "consume":
			c.ValidArgsFunction = firstArgument(a.offerOf(func(ag *agent.Agent) (names []string) {
				for _, l := range ag.License().Limitations() {
					names = append(names, l.Name)
				}
				return names
			}))
		case "license":
			for _, sub := range c.Commands() {
				if sub.Name() == "verify" || sub.Name() == "import" {
					sub.ValidArgsFunction = nil // files
				}
			}
		case "emulator":
			flag(c, "signing", words(string(slasconetest.SigningRSA), string(slasconetest.SigningHMAC), "none"))
		case "fleet":
			var names []string
			for _, s := range fleet.Scenarios() {
				names = append(names, string(s))
			}
			flag(c, "scenario", words(names...))
		case "man":
			c.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
				of, rest, err := cmd.Root().Find(args)
				if err != nil || len(rest) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				for _, sub := range of.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
				return names, cobra.ShellCompDirectiveNoFileComp
			}
		}
	}
}

// firstArgument completes the first argument only.
func firstArgument(list func() []cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return list(), cobra.ShellCompDirectiveNoFileComp
	}
}

func offerCodes() (list []cobra.Completion) {
	for _, c := range enforcement.Catalogue() {
		list = append(list, cobra.CompletionWithDesc(fmt.Sprint(c.Code), c.Summary))
	}
	return list
}

// offerOf completes from the licence that is held.
func (a *app) offerOf(names func(*agent.Agent) []string) func() []cobra.Completion {
	return func() (list []cobra.Completion) {
		quiet := *a
		quiet.err = new(strings.Builder)
		cfg, err := quiet.config()
		if err != nil {
			return nil
		}
		ag, err := agent.New(cfg)
		if err != nil {
			return nil
		}
		list = append(list, names(ag)...)
		_ = ag.Close(context.Background())
		return list
	}
}
