package main

import (
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// doctorView is the report for a help desk. It holds no key and no token.
type doctorView struct {
	Version     string              `json:"version"`
	Platform    string              `json:"platform"`
	App         string              `json:"app"`
	Server      string              `json:"server"` // host only
	Time        moment              `json:"time"`   // trusted
	State       enforcement.State   `json:"state"`
	Cause       enforcement.Cause   `json:"cause"`
	Causes      []enforcement.Cause `json:"causes"`
	Code        enforcement.Code    `json:"code"`
	Remedy      string              `json:"remedy"`
	Problem     string              `json:"problem,omitempty"` // with what was kept
	Coming      []transitionView    `json:"coming"`
	DeviceID    string              `json:"device_id"`
	Source      device.Source       `json:"device_source"`
	Quality     device.Quality      `json:"device_quality"`
	Warnings    []device.Warning    `json:"device_warnings"`
	FormerID    string              `json:"kept_device_id,omitempty"`
	Store       string              `json:"store"`
	StoreReason string              `json:"store_reason,omitempty"` // why it is not the keyring
	Schedule    string              `json:"schedule"`
	LicenceFrom string              `json:"license_source"`
	ProvenAt    moment              `json:"license_proven_at"`
	AnsweredAt  moment              `json:"answered_at"`
	Failures    int                 `json:"failures"`
	FailSince   moment              `json:"failing_since"`
	Silence     string              `json:"silence"`
	ClockSince  moment              `json:"clock_rolled_back_since"`
	Queued      int                 `json:"queued_reports"`
	Suggestions []string            `json:"suggestions"`
}

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
				v := viewDoctor(cfg, ag.Diagnose())
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

func viewDoctor(cfg agent.Config, d agent.Diagnosis) doctorView {
	now := viewTransition(d.Now, d.Decision)
	v := doctorView{
		Version:     version(),
		Platform:    runtime.GOOS + "/" + runtime.GOARCH,
		App:         strings.TrimSpace(cfg.App.Name + " " + cfg.App.Version),
		Time:        moment{d.Now},
		State:       now.State,
		Cause:       now.Cause,
		Causes:      now.Causes,
		Code:        now.Code,
		Remedy:      now.Remedy,
		Problem:     problemOf(d),
		DeviceID:    d.Device.ID,
		Source:      d.Device.Source,
		Quality:     d.Device.Quality,
		Warnings:    append([]device.Warning{}, d.Device.Warnings...),
		Store:       string(d.Store),
		StoreReason: d.Reason,
		Schedule:    d.Schedule,
		LicenceFrom: d.LicenceSource.String(),
		ProvenAt:    moment{d.LicenceProvenAt},
		AnsweredAt:  moment{d.AnsweredAt},
		Failures:    d.Failures,
		FailSince:   moment{d.FailingSince},
		Silence:     d.Silence.String(),
		ClockSince:  moment{d.RolledBackSince},
		Queued:      d.Queued,
	}
	if u, err := url.Parse(cfg.ServerURL); err == nil {
		v.Server = u.Host
	}
	for _, t := range d.Coming {
		v.Coming = append(v.Coming, viewTransition(t.At, t.Decision))
	}
	v.Coming = changesOfState(v.State, v.Coming)
	if d.Drift != nil {
		v.FormerID = d.Drift.Kept
	}
	v.Suggestions = suggestions(d)
	return v
}

// suggestions is what could be done, by every cause and not only the first.
func suggestions(d agent.Diagnosis) []string {
	list := []string{}
	for f := range d.Decision.Findings() {
		list = append(list, fmt.Sprintf("%s: %s (%s)", f.Cause, f.Remedy.Sentence(), f.Remedy.Who()))
	}
	if d.Failures > 0 && d.Decision.State == enforcement.Active {
		list = append(list, "the server has not answered lately; nothing is restricted yet")
	}
	if d.Unsaved > 0 {
		list = append(list, "the licence could not be kept; free disk space or unlock the keyring")
	}
	return list
}

func (a *app) printDoctor(v doctorView) {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, clean(value))
		}
	}
	at := func(m moment) string {
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

// version is the module's version as Go recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
