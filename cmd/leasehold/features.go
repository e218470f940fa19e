package main

import (
	"fmt"
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
	return &cobra.Command{
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
				if a.json {
					a.printJSON(map[string]any{"state": d.State, "features": list})
				} else {
					w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
					for _, v := range list {
						text := "allowed"
						if !v.Allowed {
							text = "not allowed, " + v.Reason
						}
						fmt.Fprintf(w, "%s\t%s\n", clean(v.Feature), text)
					}
					if err := w.Flush(); err != nil {
						return err
					}
				}
				if code := exitOf(d.State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
}
