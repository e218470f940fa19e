package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

// headOf says what the forecast is of.
func headOf(ag *agent.Agent) timelineHead {
	app := ag.App()
	return timelineHead{App: strings.TrimSpace(app.Name + " " + app.Version), Customer: ag.License().Terms().Customer.Company, Zone: time.Local}
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
				v := protocol.ForecastOf(now, ag.Decision(), ag.Forecast())
				if svg != "" {
					if err := os.WriteFile(svg, timelineSVG(v, headOf(ag)), 0o644); err != nil {
						return &usageError{fmt.Errorf("the drawing cannot be written: %w", err), "choose another file with --svg"}
					}
				}
				if a.json {
					a.printJSON(v)
					return nil
				}
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "FROM\tSTATE\tCAUSES")
				for _, t := range append([]protocol.Transition{v.State}, v.Transitions...) {
					var causes []string
					for _, f := range t.Findings {
						causes = append(causes, fmt.Sprintf("%s: %s", f.Cause, f.State))
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", protocol.When(t.At.Time, now), t.State, strings.Join(causes, ", "))
				}
				return w.Flush()
			})
		},
	}
	c.Flags().StringVar(&svg, "svg", "", "draw the timeline into `FILE`")
	return c
}
