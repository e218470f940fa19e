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

	Findings []findingView `json:"findings"` // every cause with the state that it alone leads to
}

type findingView struct {
	Cause enforcement.Cause `json:"cause"`
	State enforcement.State `json:"state"`
	Code  enforcement.Code  `json:"code"`
}

func viewTransition(at time.Time, d enforcement.Decision) transitionView {
	v := transitionView{At: moment{at}, State: d.State, Cause: d.Cause, Causes: []enforcement.Cause{}, Code: d.Code, Remedy: d.Remedy.Sentence(), Findings: []findingView{}}
	for f := range d.Findings() {
		v.Causes = append(v.Causes, f.Cause)
		v.Findings = append(v.Findings, findingView{f.Cause, f.State, f.Code})
	}
	return v
}

func viewForecast(now time.Time, d enforcement.Decision, coming []enforcement.Transition) forecastView {
	v := forecastView{Now: moment{now}, State: viewTransition(now, d), Transitions: []transitionView{}}
	for _, t := range coming {
		v.Transitions = append(v.Transitions, viewTransition(t.At, t.Decision))
	}
	return v
}

// changesOfState leaves out the transitions that leave the state as it is: those
// in which only a cause comes, goes or grows more severe.
func changesOfState(state enforcement.State, list []transitionView) []transitionView {
	kept := []transitionView{}
	for _, t := range list {
		if t.State != state {
			kept = append(kept, t)
		}
		state = t.State
	}
	return kept
}

func (a *app) forecastCommand() *cobra.Command {
	var svg string
	c := &cobra.Command{
		Use:   "forecast",
		Short: "List every coming change of the state and its causes if nothing more is heard from the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				now := ag.Now()
				v := viewForecast(now, ag.Decision(), ag.Forecast())
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
				fmt.Fprintln(w, "FROM\tSTATE\tCAUSES")
				for _, t := range append([]transitionView{v.State}, v.Transitions...) {
					var causes []string
					for _, f := range t.Findings {
						causes = append(causes, fmt.Sprintf("%s: %s", f.Cause, f.State))
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
