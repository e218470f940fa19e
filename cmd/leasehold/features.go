package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func (a *app) featureCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "feature NAME",
		Short: "Tell whether a feature may be used now: exit 0 when it may, else 10 (20 when locked)",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(args[0]) == "" {
				return &usageError{errors.New("the feature has no name"), "'leasehold features' lists them"}
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := protocol.AccessOf(ag, args[0])
				switch {
				case a.json:
					a.printJSON(v)
				case v.Allowed:
					a.printf("%s: allowed\n", v.Feature)
				default:
					a.printf("%s: not allowed, %s\n", v.Feature, v.Reason)
				}
				switch {
				case v.Allowed:
					return nil
				case v.State == enforcement.Locked:
					return exitError(exitLocked)
				}
				return exitError(exitReadOnly)
			})
		},
	}
}

func (a *app) featuresCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "features",
		Short: "List the licence's features and whether each may be used now",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				list := []protocol.Access{}
				for _, f := range ag.License().Features() {
					list = append(list, protocol.AccessOf(ag, f.ID))
				}
				d := ag.Decision()
				if err := a.printGrants(ag, d, list, all); err != nil {
					return err
				}
				if code := exitOf(d.State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list limits and variables too")
	return c
}

// printGrants prints features, with the rest of what a licence grants if all is
// asked for.
func (a *app) printGrants(ag *agent.Agent, d enforcement.Decision, list []protocol.Access, all bool) error {
	if a.json {
		v := map[string]any{"state": d.State, "features": list}
		if all {
			v["limits"], v["variables"] = viewLimits(ag), viewVariables(ag)
		}
		a.printJSON(v)
		return nil
	}
	if len(list) == 0 {
		a.printf("%s\n", noneText(ag, "features"))
	} else if d.State >= enforcement.ReadOnly {
		a.printf("the state is %s: %s; %s\n\n", d.State, d.Cause, d.Remedy.Sentence())
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, v := range list {
		text := "allowed"
		if !v.Allowed {
			text = "not allowed, " + v.Reason
		}
		fmt.Fprintf(w, "%s\t%s\n", clean(v.Feature), text)
	}
	if err := w.Flush(); err != nil || !all {
		return err
	}
	a.printf("\nlimits\n")
	if err := a.printLimits(ag, viewLimits(ag)); err != nil {
		return err
	}
	a.printf("\nvariables\n")
	return a.printVariables(ag, viewVariables(ag))
}
