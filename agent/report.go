package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// DiagnosisReport is a [Diagnosis] as JSON. Every member is always there: what
// is not known is null or empty. It holds no key and no token, so that it can be
// pasted into a mail.
type DiagnosisReport struct {
	Version   string           `json:"version"` // of Leasehold
	Go        string           `json:"go"`
	Platform  string           `json:"platform"`
	App       string           `json:"app"`    // name and version
	Server    string           `json:"server"` // host only
	ProductID string           `json:"product_id"`
	Settings  string           `json:"settings_from"`   // where the settings come from
	Origins   []ReportedOrigin `json:"setting_origins"` // of single settings, as far as they are told apart
	Signature string           `json:"signature"`       // how answers are signed: rsa, hmac or none
	Policy    string           `json:"policy"`          // a preset, or configured
	Time      *time.Time       `json:"time"`            // trusted
	WallClock *time.Time       `json:"wall_clock"`      // the computer's

	ReportedState
	Since  *time.Time       `json:"since"`
	Until  *time.Time       `json:"until"`
	Coming []ReportedChange `json:"coming"` // the changes of state, if nothing more is heard

	Problem string           `json:"problem"` // with what was kept; empty when nothing was
	License *ReportedLicense `json:"license"` // null when none is held

	LicenseSource string     `json:"license_source"` // activation, heartbeat or licence_file
	ProvenAt      *time.Time `json:"license_proven_at"`
	Due           *time.Time `json:"next_check_due"` // when the next answer is overdue; the check before it comes by itself

	DeviceID       string           `json:"device_id"`
	DeviceSource   device.Source    `json:"device_source"`
	DeviceQuality  device.Quality   `json:"device_quality"`
	DeviceWarnings []device.Warning `json:"device_warnings"`
	KeptDeviceID   string           `json:"kept_device_id"` // the ID that the licence was activated under, where it differs

	Store       string         `json:"store"`
	StoreReason string         `json:"store_reason"` // why it is not the keyring
	StateDir    string         `json:"state_dir"`
	Proxy       *ReportedProxy `json:"proxy"`    // null when calls go out directly
	RootCAs     []string       `json:"root_cas"` // trusted beside the system's

	Preseed         []ReportedPreseed `json:"preseed"`          // what an administrator laid down on the machine
	PreseedProblems []string          `json:"preseed_problems"` // what of it cannot be used

	Schedule   string           `json:"schedule"` // of the heartbeats
	AnsweredAt *time.Time       `json:"answered_at"`
	Failures   int              `json:"failures"`
	FailSince  *time.Time       `json:"failing_since"`
	Silence    string           `json:"silence"` // network, unauthorized or signature
	LastError  *ReportedFailure `json:"last_error"`
	ClockSince *time.Time       `json:"clock_rolled_back_since"`
	Queued     int              `json:"queued_reports"`
	Unsaved    int              `json:"unsaved"`

	Checks      []ReportedCheck `json:"checks"`      // empty unless they were made
	Suggestions []string        `json:"suggestions"` // what could be done, by every cause
	LikelyCause string          `json:"likely_cause"`
}

// ReportedState is a state, what it is due to and what would help.
type ReportedState struct {
	State    enforcement.State   `json:"state"`
	Cause    enforcement.Cause   `json:"cause"`
	Causes   []enforcement.Cause `json:"causes"`
	Code     enforcement.Code    `json:"code"`
	Remedy   string              `json:"remedy"`
	RemedyID enforcement.Remedy  `json:"remedy_id"`
	Who      enforcement.Actor   `json:"who"` // can help

	Findings []ReportedFinding `json:"findings"`
}

// ReportedChange is a change of state that comes by itself.
type ReportedChange struct {
	At *time.Time `json:"at"`
	ReportedState
}

// ReportedFinding is one of the causes that a state is due to.
type ReportedFinding struct {
	Cause    enforcement.Cause  `json:"cause"`
	Code     enforcement.Code   `json:"code"`
	State    enforcement.State  `json:"state"` // to which it alone leads
	RemedyID enforcement.Remedy `json:"remedy_id"`
	Since    *time.Time         `json:"since"`
	Until    *time.Time         `json:"until"`
	Then     *enforcement.State `json:"then"` // null when it stays as it is
}

// ReportedLicense is the licence that is held.
type ReportedLicense struct {
	Name             string     `json:"name"`
	Key              string     `json:"key"` // its last four characters
	Customer         string     `json:"customer"`
	Product          string     `json:"product"`
	Edition          string     `json:"edition"`
	ProvisioningMode string     `json:"provisioning_mode"` // named or floating
	Expires          *time.Time `json:"expires"`           // null: never
	Temporary        bool       `json:"temporary"`
	ReleaseLimit     string     `json:"release_limit"`
	FreerideDays     *int       `json:"freeride_days"`

	SeatHeld       bool       `json:"seat_held"` // of a floating licence; a named one has its seat with the activation
	SeatValidUntil *time.Time `json:"seat_valid_until"`

	Features []ReportedFeature `json:"features"`
}

// ReportedFeature is a feature of the licence.
type ReportedFeature struct {
	Name    string `json:"name"`
	Allowed bool   `json:"allowed"` // now
}

// ReportedOrigin says where a setting comes from.
type ReportedOrigin struct {
	Name string `json:"name"` // in the configuration file
	From string `json:"from"` // a file, a variable or a registry key
}

// ReportedPreseed is a setting that an administrator laid down on the machine.
type ReportedPreseed struct {
	Name string `json:"name"`
	From string `json:"from"` // the file, or the registry key
	Used bool   `json:"used"` // false: the application sets its own, or it is wrong
}

// ReportedProxy is what calls go through, and who says so.
type ReportedProxy struct {
	Address string `json:"address"` // without user and password; empty: none
	From    string `json:"from"`
	Script  string `json:"script"` // address of a PAC script, which is not run
	Problem string `json:"problem"`
}

// String shows a proxy in a line, empty when there is none.
func (p *ReportedProxy) String() string {
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

func (d Diagnosis) reportedProxy() *ReportedProxy {
	p := &ReportedProxy{Address: d.Proxy.Address, From: d.Proxy.From, Script: d.Proxy.Script}
	if d.ProxyProblem != nil {
		p.Problem = d.ProxyProblem.Error()
	}
	if *p == (ReportedProxy{}) {
		return nil
	}
	return p
}

// ReportedFailure is what the last call that failed met.
type ReportedFailure struct {
	Op      string           `json:"op"`
	Kind    ErrorKind        `json:"kind"`
	Code    enforcement.Code `json:"code"`
	Message string           `json:"message"` // in full
	At      *time.Time       `json:"at"`
}

// ReportedCheck is one of the things that [Agent.Check] tried.
type ReportedCheck struct {
	Check  string `json:"check"`
	Result string `json:"result"` // passed, failed or skipped
	Detail string `json:"detail"`
	TookMS int64  `json:"took_ms"`
	Advice string `json:"advice"` // what to do; empty unless it failed
}

// Report returns the diagnosis as JSON shows it.
func (d Diagnosis) Report() DiagnosisReport { return d.report() }

// report is long because it is one list of members; in parts it would be harder to
// see that none is missing.
func (d Diagnosis) report() DiagnosisReport {
	r := DiagnosisReport{
		Version:        d.Version,
		Go:             runtime.Version(),
		Platform:       runtime.GOOS + "/" + runtime.GOARCH,
		App:            strings.TrimSpace(d.App.Name + " " + d.App.Version),
		Server:         d.Server,
		ProductID:      d.ProductID,
		Settings:       d.SettingsFrom,
		Signature:      d.Signature,
		Policy:         d.Policy,
		Time:           instant(d.Now),
		WallClock:      instant(d.WallClock),
		ReportedState:  reportedState(d.Decision),
		Since:          instant(d.Decision.Since),
		Until:          instant(d.Decision.Until),
		Coming:         []ReportedChange{},
		Problem:        d.ProblemText(),
		License:        d.reportedLicense(),
		LicenseSource:  d.LicenseSource.String(),
		ProvenAt:       instant(d.LicenseProvenAt),
		Due:            instant(d.Due),
		DeviceID:       d.Device.ID,
		DeviceSource:   d.Device.Source,
		DeviceQuality:  d.Device.Quality,
		DeviceWarnings: append([]device.Warning{}, d.Device.Warnings...),
		Store:          string(d.Store),
		StoreReason:    d.Reason,
		StateDir:       d.StateDir,
		Proxy:          d.reportedProxy(),
		RootCAs:        append([]string{}, d.RootCAs...),
		Schedule:       d.Schedule,
		AnsweredAt:     instant(d.AnsweredAt),
		Failures:       d.Failures,
		FailSince:      instant(d.FailingSince),
		Silence:        d.Silence.String(),
		ClockSince:     instant(d.RolledBackSince),
		Queued:         d.Queued,
		Unsaved:        d.Unsaved,
		Checks:         []ReportedCheck{},
		Suggestions:    []string{},
	}
	state := d.Decision.State
	for _, t := range d.Coming {
		if t.State != state { // else only a cause comes or goes
			r.Coming = append(r.Coming, ReportedChange{instant(t.At), reportedState(t.Decision)})
		}
		state = t.State
	}
	r.Origins = []ReportedOrigin{}
	for _, name := range slices.Sorted(maps.Keys(d.Origins)) {
		r.Origins = append(r.Origins, ReportedOrigin{name, d.Origins[name]})
	}
	r.Preseed, r.PreseedProblems = []ReportedPreseed{}, []string{}
	for _, s := range d.Preseed {
		r.Preseed = append(r.Preseed, ReportedPreseed(s))
	}
	for _, err := range d.PreseedProblems {
		r.PreseedProblems = append(r.PreseedProblems, phrase.Plain(err))
	}
	if d.Drift != nil {
		r.KeptDeviceID = d.Drift.Kept
	}
	if f := d.LastFailure; f != nil {
		r.LastError = &ReportedFailure{Op: f.Op, Kind: f.Kind, Code: f.Code, Message: f.Message, At: instant(f.At)}
	}
	for _, c := range d.Checks {
		r.Checks = append(r.Checks, ReportedCheck{
			Check: c.Name, Result: string(c.Result), Detail: c.Detail, TookMS: c.Took.Milliseconds(), Advice: c.Advice,
		})
	}
	r.Suggestions = append(r.Suggestions, d.suggestions()...)
	r.LikelyCause = d.LikelyCause()
	return r
}

// MarshalJSON writes [Diagnosis.Report].
func (d Diagnosis) MarshalJSON() ([]byte, error) { return json.Marshal(d.Report()) }

// instant is a time as JSON shows it: in UTC, null for none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func reportedState(d enforcement.Decision) ReportedState {
	r := ReportedState{
		State: d.State, Cause: d.Cause, Causes: []enforcement.Cause{}, Code: d.Code,
		Remedy: d.Remedy.Sentence(), RemedyID: d.Remedy, Who: d.Remedy.Who(), Findings: []ReportedFinding{},
	}
	for f := range d.Findings() {
		r.Causes = append(r.Causes, f.Cause)
		found := ReportedFinding{Cause: f.Cause, Code: f.Code, State: f.State, RemedyID: f.Remedy, Since: instant(f.Since), Until: instant(f.Until)}
		if !f.Until.IsZero() {
			then := f.Then
			found.Then = &then
		}
		r.Findings = append(r.Findings, found)
	}
	return r
}

func (d Diagnosis) reportedLicense() *ReportedLicense {
	if d.License.IsZero() {
		return nil
	}
	t := d.License.Terms()
	r := &ReportedLicense{
		Name: t.Name, Key: phrase.Masked(t.Key), Customer: t.Customer.Company, Product: t.ProductName, Edition: t.EditionName,
		ProvisioningMode: t.ProvisioningMode.String(), Expires: instant(t.Expires), Temporary: t.Temporary,
		ReleaseLimit: t.ReleaseLimit, FreerideDays: t.FreerideDays,
		SeatHeld: d.Session.Held, SeatValidUntil: instant(d.Session.ValidUntil),
		Features: []ReportedFeature{},
	}
	for _, f := range t.Features {
		r.Features = append(r.Features, ReportedFeature{f.Name, d.allowed[f.ID]})
	}
	return r
}

// ProblemText says in one sentence what is wrong with what was kept of the licence;
// it is empty when nothing is. A record of another device is a problem only until a
// licence has taken its place.
func (d Diagnosis) ProblemText() string {
	switch err := d.Problem; {
	case err != nil:
		for _, known := range []error{
			storage.ErrDamaged, storage.ErrForeign, storage.ErrNewerFormat, storage.ErrOutOfReach,
			slascone.ErrBadEvidence, slascone.ErrForeignEvidence,
		} {
			if errors.Is(err, known) {
				err = phrase.Within(err, known)
				break
			}
		}
		return "what was kept of the licence cannot be used: " + strings.ReplaceAll(phrase.Plain(err), "\n", "; ")
	case d.Drift != nil && d.LicenseProvenAt.IsZero():
		return d.Drift.String()
	}
	return ""
}

// suggestions is what could be done, by every cause and not only the first.
func (d Diagnosis) suggestions() (list []string) {
	for f := range d.Decision.Findings() {
		list = append(list, fmt.Sprintf("%s: %s (%s)", f.Cause, f.Remedy.Sentence(), f.Remedy.Who()))
	}
	if proxy := d.reportedProxy(); proxy != nil {
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
		list = append(list, who+"; nothing is restricted yet, and it is tried again by itself")
	}
	if d.Unsaved > 0 {
		list = append(list, "the licence could not be kept; free disk space or unlock the keyring")
	}
	return list
}

// LikelyCause says in one sentence what is most likely wrong and what to do about
// it: the first check that failed, else what restricts the state, else what may
// soon.
func (d Diagnosis) LikelyCause() string {
	for _, c := range d.Checks {
		if c.Result == Failed {
			return strings.Join(nonEmpty(c.Name+": "+c.Detail, c.Advice), "; ")
		}
	}
	decision := d.Decision
	answers := slices.ContainsFunc(d.Checks, func(c CheckResult) bool { return c.Name == serverCheck && c.Result == Passed })
	if answers && d.Failures > 0 && (decision.Cause == enforcement.NoCause || decision.Cause.Silent()) {
		return "the licence server did not answer for a while and does now; the next check, which comes by itself, settles it"
	}
	silent := decision.Cause.Silent() && d.LastFailure != nil && d.Failures > 0
	switch {
	case d.ProxyProblem != nil:
		return "no call is made until the proxy setting is corrected: " + d.ProxyProblem.Error()
	case d.Problem != nil && decision.State != enforcement.Active:
		return d.ProblemText() + "; " + decision.Remedy.Sentence()
	case silent:
		return fmt.Sprintf("%s (%s: %s)", decision.Remedy.Sentence(), decision.Cause, d.LastFailure.Message)
	case decision.Cause != enforcement.NoCause:
		text := decision.Cause.String()
		if decision.Code != 0 {
			text += fmt.Sprintf(" (conflict %d)", decision.Code)
		}
		return fmt.Sprintf("%s: %s", text, decision.Remedy.Sentence())
	case d.Unsaved > 0:
		return "the licence could not be kept; free disk space or unlock the keyring"
	case d.Failures > 0 && d.LastFailure != nil:
		return "the licence is fine, but the server did not answer lately: " + d.LastFailure.Message
	case d.Failures > 0:
		return "the licence is fine, but the server did not answer lately"
	}
	return "nothing is wrong here"
}

func nonEmpty(list ...string) (kept []string) {
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}
