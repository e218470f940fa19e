package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/enforcement"

	"github.com/leasehold-dev/leasehold/agent"
)

// forecastView is the forecast as JSON shows it.
type forecastView struct {
	Now         moment           `json:"now"`
	State       transitionView   `json:"current"`
	Transitions []transitionView `json:"transitions"`
}

type transitionView struct {
	At     moment              `json:"at"`
	State  enforcement.State   `json:"state"`
	Cause  enforcement.Cause   `json:"cause"`
	Causes []enforcement.Cause `json:"causes"`
	Code   enforcement.Code    `json:"code"`
	Remedy string              `json:"remedy"`
}

func viewTransition(at time.Time, d enforcement.Decision) transitionView {
	v := transitionView{At: moment{at}, State: d.State, Cause: d.Cause, Causes: []enforcement.Cause{}, Code: d.Code, Remedy: d.Remedy.Sentence()}
	for f := range d.Findings() {
		v.Causes = append(v.Causes, f.Cause)
	}
	return v
}

func (a *app) forecastCommand() *cobra.Command {
	var svg string
	c := &cobra.Command{
		Use:   "forecast",
		Short: "List every coming change of the state if nothing more is heard from the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				now, d := ag.Now(), ag.Decision()
				v := forecastView{Now: moment{now}, State: viewTransition(now, d), Transitions: []transitionView{}}
				for _, t := range ag.Forecast() {
					v.Transitions = append(v.Transitions, viewTransition(t.At, t.Decision))
				}
				if svg != "" {
					if err := os.WriteFile(svg, timelineSVG(v), 0o644); err != nil {
						return &usageError{fmt.Errorf("the drawing cannot be written: %w", err), "choose another file with --svg"}
					}
				}
				if a.json {
					a.printJSON(v)
					return nil
				}
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "FROM\tSTATE\tCAUSE")
				for _, t := range append([]transitionView{v.State}, v.Transitions...) {
					var causes []string
					for _, c := range t.Causes {
						causes = append(causes, c.String())
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", when(t.At.Time, now), t.State, strings.Join(causes, ", "))
				}
				return w.Flush()
			})
		},
	}
	c.Flags().StringVar(&svg, "svg", "", "draw the timeline into `FILE`")
	return c
}
