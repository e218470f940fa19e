package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Print one report for the help desk; it holds no key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := protocol.DiagnosisOf(version(), cfg, ag.Diagnose())
				if a.json {
					a.printJSON(v)
				} else {
					a.printDoctor(v)
				}
				if code := exitOf(v.State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
}

func (a *app) printDoctor(v protocol.Diagnosis) {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, clean(value))
		}
	}
	at := func(m protocol.Moment) string {
		if m.IsZero() {
			return "never"
		}
		return when(m.Time, v.Time.Time)
	}
	var causes []string
	for _, c := range v.Causes {
		causes = append(causes, c.String())
	}
	row("leasehold", v.Version+" on "+v.Platform)
	row("application", v.App)
	row("server", v.Server)
	row("time", v.Time.UTC().Format(time.RFC3339))
	row("state", v.State.String())
	row("causes", strings.Join(causes, ", "))
	if v.Code != 0 {
		row("conflict", fmt.Sprint(v.Code))
	}
	row("problem", v.Problem)
	for _, t := range v.Coming {
		row("then", fmt.Sprintf("%s from %s", t.State, at(t.At)))
	}
	row("licence from", orDash(v.LicenceFrom))
	row("confirmed", at(v.ProvenAt))
	row("last answer", at(v.AnsweredAt))
	if v.Failures > 0 {
		row("no answer", fmt.Sprintf("%d times since %s (%s)", v.Failures, at(v.FailSince), v.Silence))
	}
	row("heartbeats", v.Schedule)
	row("proxy", v.Proxy.String())
	for _, s := range v.Preseed {
		not := ""
		if !s.Used {
			not = ", not used"
		}
		row("laid down", s.Name+" by "+s.From+not)
	}
	for _, p := range v.Problems {
		row("laid down", "problem: "+p)
	}
	row("queued", fmt.Sprintf("%d reports", v.Queued))
	row("store", v.Store)
	row("no keyring", v.StoreReason)
	row("device", v.DeviceID)
	row("device from", fmt.Sprintf("%s, %s", v.Source, v.Quality))
	row("former device", v.FormerID)
	if !v.ClockSince.IsZero() {
		row("clock", "turned back, noticed "+at(v.ClockSince))
	}
	for _, x := range v.Warnings {
		row("warning", x.String())
	}
	for _, s := range v.Suggestions {
		row("suggestion", s)
	}
	_ = w.Flush()
}
