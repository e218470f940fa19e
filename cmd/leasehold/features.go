package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// accessView says whether a feature may be used now, and if not why.
type accessView struct {
	Feature string            `json:"feature"`
	ID      string            `json:"id"`
	Allowed bool              `json:"allowed"`
	Known   bool              `json:"known"`
	Reason  string            `json:"reason"` // empty when allowed
	Expires moment            `json:"expires"`
	State   enforcement.State `json:"state"`
}

func viewAccess(ag *agent.Agent, name string) accessView {
	d, now := ag.Decision(), ag.Now()
	f, allowed, known := ag.Feature(name)
	v := accessView{Feature: name, ID: f.ID, Allowed: allowed, Known: known, Expires: moment{f.Expires}, State: d.State}
	if known {
		v.Feature = f.Name
	}
	v.Reason = whyNot(f, v, d, now)
	return v
}

func whyNot(f license.Feature, v accessView, d enforcement.Decision, now time.Time) string {
	switch {
	case v.Allowed:
		return ""
	case !v.Known && d.State == enforcement.Locked:
		return "the application is locked: " + d.Cause.String()
	case !v.Known:
		return "the licence has no such feature"
	case !f.Active:
		return "the licence has the feature switched off"
	case !f.Expires.IsZero() && !now.Before(f.Expires):
		return "the feature has expired"
	}
	return fmt.Sprintf("the state is %s: %s", d.State, d.Cause)
}

func (a *app) featureCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "feature NAME",
		Short: "Tell whether a feature may be used now: exit 0 when it may, else 10 (20 when locked)",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := viewAccess(ag, args[0])
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
				list := []accessView{}
				for _, f := range ag.License().Features() {
					list = append(list, viewAccess(ag, f.ID))
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
