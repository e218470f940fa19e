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
	Preseed     []Preseeded         `json:"preseed,omitempty"`
	Problems    []string            `json:"preseed_problems,omitempty"`
	Proxy       *Proxy              `json:"proxy"` // null when calls go out directly
	Queued      int                 `json:"queued_reports"`
	Suggestions []string            `json:"suggestions"`
}

// Preseeded is a setting that an administrator laid down on the machine.
type Preseeded struct {
	Name string `json:"name"`
	From string `json:"from"`
	Used bool   `json:"used"` // false: the application sets its own, or it is wrong
}

// Proxy is what calls go through, and who says so.
type Proxy struct {
	Address string `json:"address"` // without user and password; empty: none
	From    string `json:"from"`
	Script  string `json:"script,omitempty"` // address of a PAC script, which is not run
	Problem string `json:"problem,omitempty"`
}

func proxyOf(d agent.Diagnosis) *Proxy {
	p := &Proxy{Address: d.Proxy.Address, From: d.Proxy.From, Script: d.Proxy.Script}
	if d.ProxyProblem != nil {
		p.Problem = d.ProxyProblem.Error()
	}
	if *p == (Proxy{}) {
		return nil
	}
	return p
}

// String shows a proxy in a line.
func (p *Proxy) String() string {
	switch {
	case p == nil:
		return ""
	case p.Problem != "":
		return p.Problem
	case p.Address != "":
		return p.Address + " (" + p.From + ")"
	case p.Script != "":
		return "chosen by the script " + p.Script + " (" + p.From + "), which is not run"
	}
	return "none (" + p.From + ")"
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
	for _, s := range d.Preseed {
		v.Preseed = append(v.Preseed, Preseeded(s))
	}
	for _, err := range d.PreseedProblems {
		v.Problems = append(v.Problems, Plain(err))
	}
	v.Proxy = proxyOf(d)
	v.Suggestions = suggestions(d)
	return v
}

// suggestions is what could be done, by every cause and not only the first.
func suggestions(d agent.Diagnosis) []string {
	list := []string{}
	for f := range d.Decision.Findings() {
		list = append(list, fmt.Sprintf("%s: %s (%s)", f.Cause, f.Remedy.Sentence(), f.Remedy.Who()))
	}
	if proxy := proxyOf(d); proxy != nil {
		switch {
		case proxy.Problem != "":
			list = append(list, "no call is made until the proxy setting is corrected: "+proxy.From)
		case d.Silence == enforcement.SilentProxy && proxy.Address != "":
			list = append(list, "the last call failed at the proxy "+proxy.String()+": check that it runs and lets calls through, or correct the setting")
		case d.Failures > 0 && proxy.Script != "":
			list = append(list, "the proxy is "+proxy.String()+": set HTTPS_PROXY to the proxy that it names")
		case d.Failures > 0 && proxy.Address != "":
			list = append(list, "calls go through the proxy "+proxy.String()+": check that it lets them through")
		}
	}
	if d.Failures > 0 && d.Decision.State == enforcement.Active {
		who := "the server has not answered lately"
		if d.Silence == enforcement.SilentProxy {
			who = "the proxy has let no call through lately"
		}
		list = append(list, who+"; nothing is restricted yet")
	}
	if d.Unsaved > 0 {
		list = append(list, "the licence could not be kept; free disk space or unlock the keyring")
	}
	return list
}
