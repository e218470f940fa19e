package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/heartbeat/fleet"
)

func (a *app) fleetCommand() *cobra.Command {
	var (
		cfg       = fleet.Config{Outage: time.Hour}
		spec      string
		svg       string
		scenarios []string
	)
	c := &cobra.Command{
		Use:   "fleet",
		Short: "Simulate the requests that a fleet of installations makes",
		Long: `Simulate the requests that a fleet of installations makes, with the real schedule:
the steady state, a Monday morning, an outage of the server with its recovery,
and a release that restarts every application.

Exit code 1 when a bar is not kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if spec != "" {
				if cfg.Schedule, err = heartbeat.ParseSchedule(spec); err != nil {
					return &usageError{err, "give --heartbeat as \"@every 4h\" or \"0 3 * * *\""}
				}
			}
			if cfg.Installations < 1 {
				return &usageError{fmt.Errorf("%d installations are no fleet", cfg.Installations), "give --installations a number above zero"}
			}
			for _, s := range scenarios {
				cfg.Scenarios = append(cfg.Scenarios, fleet.Scenario(s))
			}
			result, err := fleet.Simulate(cmd.Context(), cfg)
			if err != nil {
				if cmd.Context().Err() != nil {
					return err
				}
				return &usageError{err, "see 'leasehold fleet --help'"}
			}
			if svg != "" {
				if err := writeFleetSVG(svg, result); err != nil {
					return &usageError{fmt.Errorf("the drawing cannot be written: %w", err), "choose another file with --svg"}
				}
			}
			if a.json {
				a.printJSON(result)
			} else if err := a.printFleet(result); err != nil {
				return err
			}
			for _, s := range result.Scenarios {
				if !s.Met {
					return exitError(exitFailed)
				}
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&cfg.Installations, "installations", 1_000_000, "how many `N`")
	f.IntVar(&cfg.Days, "days", 7, "how many `DAYS` to simulate")
	f.StringVar(&spec, "heartbeat", "", "the schedule as a cron `SPEC` (default: every 24 h)")
	f.Var(spanFlag{&cfg.Outage, false}, "outage", "how long the server is down in the scenario \"outage\"")
	f.Var(spanFlag{&cfg.RetryAfter, false}, "retry-after", "what the server asks for while it is down")
	f.Uint64Var(&cfg.Seed, "seed", 1, "another `NUMBER` makes another fleet of the same kind")
	f.StringSliceVar(&scenarios, "scenario", nil, "only these scenarios")
	f.StringVar(&svg, "svg", "", "draw requests over time into `FILE`")
	return c
}

func (a *app) printFleet(r *fleet.Result) error {
	a.printf("%d installations, %d days, %s\n\n", r.Installations, r.Days, r.Schedule)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "scenario\tmean/s\tp99/s\tpeak/s\tpeak ÷ mean\tbar\tall refreshed after\t")
	for _, s := range r.Scenarios {
		ratio := s.PeakToMean
		if s.Recovery != nil {
			ratio = s.Recovery.PeakToMean
		}
		bar := "–"
		if s.Bar > 0 {
			bar = fmt.Sprintf("≤ %.1f", s.Bar)
			if !s.Met {
				bar += " MISSED"
			}
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t%s\t\n", s.Scenario, s.Mean, s.P99, s.Peak, ratio, bar, s.Refreshed)
	}
	return w.Flush()
}

func writeFleetSVG(path string, r *fleet.Result) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	return r.WriteSVG(f)
}
