package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/heartbeat/fleet"
)

func (a *app) fleetCommand() *cobra.Command {
	var (
		cfg       = fleet.Config{Outage: time.Hour, Freeride: 7 * 24 * time.Hour}
		spec      string
		svg       string
		scenarios []string
	)
	c := &cobra.Command{
		Use:   "fleet",
		Short: "Simulate the requests that a fleet of installations makes",
		Long: `Simulate the requests that a fleet of installations makes, with the real schedule:
the steady state, a Monday morning, an outage of the server with its recovery,
and a release that restarts every application. An outage of 0 is none, and its
scenario is left out. In the first half of their freeride machines that were off
call within a working day; without freeride, as soon as they are on.

Exit code 1 when a bar is not kept. In a small fleet chance alone makes peaks:
where fewer than 100 requests are expected in an hour, as of less than 2,400
installations that call every 24 h, there is no bar.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if spec != "" {
				if cfg.Schedule, err = heartbeat.ParseSchedule(spec); err != nil {
					return &usageError{err, "give --heartbeat as \"@every 4h\" or \"0 3 * * *\""}
				}
			}
			for _, s := range scenarios {
				cfg.Scenarios = append(cfg.Scenarios, fleet.Scenario(s))
			}
			// The simulation takes zero for its defaults.
			switch {
			case cmd.Flags().Changed("scenario") && (len(scenarios) == 0 || slices.Contains(scenarios, "")):
				return &usageError{errors.New("--scenario has an empty name"), fmt.Sprintf("name some of %q, or leave the flag out for all", fleet.Scenarios())}
			case cfg.Installations < 1:
				return &usageError{fmt.Errorf("a fleet cannot have %d installations", cfg.Installations), "give --installations a number above zero"}
			case cfg.Days < 1:
				return &usageError{fmt.Errorf("%d days are no time", cfg.Days), "give --days a number from 4 to 366"}
			case cfg.Outage == 0 && len(cfg.Scenarios) == 0:
				cfg.Scenarios = slices.DeleteFunc(fleet.Scenarios(), func(s fleet.Scenario) bool { return s == fleet.Outage })
			case cfg.Outage == 0 && slices.Contains(cfg.Scenarios, fleet.Outage):
				return &usageError{errors.New("an outage of 0 is none"), "give --outage a duration such as 1h, or leave the scenario out"}
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
	f.IntVar(&cfg.Days, "days", 7, "how many `DAYS` to simulate, 4 to 366")
	f.StringVar(&spec, "heartbeat", "", "the schedule as a cron `SPEC` (default: every 24 h)")
	f.Var(spanFlag{&cfg.Freeride, false}, "freeride", "of the licences; 0 for none")
	f.Var(spanFlag{&cfg.Outage, false}, "outage", "how long the server is down in the scenario \"outage\", up to a day")
	f.Var(spanFlag{&cfg.RetryAfter, false}, "retry-after", "what the server asks for while it is down (default: nothing)")
	f.Uint64Var(&cfg.Seed, "seed", 1, "another `NUMBER` makes another fleet of the same kind")
	f.StringSliceVar(&scenarios, "scenario", nil, "only these `SCENARIOS`: steady, monday, outage, release")
	f.StringVar(&svg, "svg", "", "draw requests over time into `FILE`")
	return c
}

func (a *app) printFleet(r *fleet.Result) error {
	a.printf("%d installations, %d days, %s, %s\n\n", r.Installations, r.Days, r.Schedule, freerideText(r.Freeride))
	var (
		notes  []string
		tooFew bool
	)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "scenario\tmean/s\tp99/s\tpeak/s\tpeak ÷ mean\tbar\tall refreshed after\t")
	for _, s := range r.Scenarios {
		peak, ratio := s.Peak, s.PeakToMean
		if s.Recovery != nil {
			peak, ratio = s.Recovery.Peak, s.Recovery.PeakToMean
			notes = append(notes, "outage: the peak is that of the recovery, since the server is back")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\t\n", s.Scenario, rate(s.Mean), rate(s.P99), rate(peak), ratio, barText(s), protocol.Span(s.Refreshed.Duration()))
		tooFew = tooFew || s.TooFew
	}
	if tooFew {
		notes = append(notes, fmt.Sprintf("too few: a peak may be chance where fewer than %d requests are expected in an hour, so there is no bar", fleet.RequestsToJudge))
	}
	if err := w.Flush(); err != nil || len(notes) == 0 {
		return err
	}
	a.printf("\n%s\n", strings.Join(notes, "\n"))
	return nil
}

func freerideText(freeride fleet.Seconds) string {
	if freeride == 0 {
		return "no freeride"
	}
	return "freeride of " + protocol.Span(freeride.Duration())
}

// rate words requests a second with three significant digits, so that those of
// a small fleet can be told from one another.
func rate(x float64) string {
	const digits = 3
	if x == 0 {
		return "0"
	}
	rounded := strconv.FormatFloat(x, 'e', digits-1, 64)
	_, exponent, _ := strings.Cut(rounded, "e")
	e, err := strconv.Atoi(exponent)
	if err != nil {
		return rounded // what is not finite has no exponent
	}
	return strconv.FormatFloat(x, 'f', max(digits-1-e, 0), 64)
}

func barText(s *fleet.ScenarioResult) string {
	switch {
	case s.TooFew:
		return "too few"
	case s.Bar == 0:
		return "–"
	case !s.Met:
		return fmt.Sprintf("≤ %.1f MISSED", s.Bar)
	}
	return fmt.Sprintf("≤ %.1f", s.Bar)
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
