package protocol

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Diagnosis is the report for a help desk. It holds no key and no token.
type Diagnosis struct {
	Version     string              `json:"version"`
	Platform    string              `json:"platform"`
	App         string              `json:"app"`
	Server      string              `json:"server"` // host only
	Time        Moment              `json:"time"`   // trusted
	State       enforcement.State   `json:"state"`
	Cause       enforcement.Cause   `json:"cause"`
	Causes      []enforcement.Cause `json:"causes"`
	Code        enforcement.Code    `json:"code"`
	Remedy      string              `json:"remedy"`
	Problem     string              `json:"problem,omitempty"` // with what was kept
	Coming      []Transition        `json:"coming"`
	DeviceID    string              `json:"device_id"`
	Source      device.Source       `json:"device_source"`
	Quality     device.Quality      `json:"device_quality"`
	Warnings    []device.Warning    `json:"device_warnings"`
	FormerID    string              `json:"kept_device_id,omitempty"`
	Store       string              `json:"store"`
	StoreReason string              `json:"store_reason,omitempty"` // why it is not the keyring
	Schedule    string              `json:"schedule"`
	LicenceFrom string              `json:"license_source"`
	ProvenAt    Moment              `json:"license_proven_at"`
	AnsweredAt  Moment              `json:"answered_at"`
	Failures    int                 `json:"failures"`
	FailSince   Moment              `json:"failing_since"`
	Silence     string              `json:"silence"`
	ClockSince  Moment              `json:"clock_rolled_back_since"`
	Queued      int                 `json:"queued_reports"`
	Suggestions []string            `json:"suggestions"`
}

// DiagnosisOf is the report of an agent that was made with cfg; version is the
// module's.
func DiagnosisOf(version string, cfg agent.Config, d agent.Diagnosis) Diagnosis {
	now := TransitionOf(d.Now, d.Decision)
	v := Diagnosis{
		Version:     version,
		Platform:    runtime.GOOS + "/" + runtime.GOARCH,
		App:         strings.TrimSpace(cfg.App.Name + " " + cfg.App.Version),
		Time:        At(d.Now),
		State:       now.State,
		Cause:       now.Cause,
		Causes:      now.Causes,
		Code:        now.Code,
		Remedy:      now.Remedy,
		Problem:     ProblemOf(d),
		DeviceID:    d.Device.ID,
		Source:      d.Device.Source,
		Quality:     d.Device.Quality,
		Warnings:    append([]device.Warning{}, d.Device.Warnings...),
		Store:       string(d.Store),
		StoreReason: d.Reason,
		Schedule:    d.Schedule,
		LicenceFrom: d.LicenceSource.String(),
		ProvenAt:    At(d.LicenceProvenAt),
		AnsweredAt:  At(d.AnsweredAt),
		Failures:    d.Failures,
		FailSince:   At(d.FailingSince),
		Silence:     d.Silence.String(),
		ClockSince:  At(d.RolledBackSince),
		Queued:      d.Queued,
	}
	if u, err := url.Parse(cfg.ServerURL); err == nil {
		v.Server = u.Host
	}
	for _, t := range d.Coming {
		v.Coming = append(v.Coming, TransitionOf(t.At, t.Decision))
	}
	v.Coming = ChangesOfState(v.State, v.Coming)
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
