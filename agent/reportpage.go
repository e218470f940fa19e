package agent

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
)

// String tells the diagnosis on one page, aligned: what is the matter first, and the most
// likely cause last.
func (d Diagnosis) String() string { return d.Report().String() }

// String tells the report on one page, aligned.
func (r DiagnosisReport) String() string { return r.onOnePage() }

// onOnePage is long because it is the page from top to bottom.
func (r DiagnosisReport) onOnePage() string {
	p := page{now: r.now()}
	p.row("application", r.App)
	p.row("leasehold", fmt.Sprintf("%s, %s, %s", r.Version, r.Go, r.Platform))
	p.row("server", strings.Join(nonEmpty(r.Server, "product "+r.ProductID), ", "))
	p.row("settings from", r.Settings)
	p.origins(r.Origins)
	for _, s := range r.Preseed {
		not := ""
		if !s.Used {
			not = ", not used"
		}
		p.row("laid down", s.Name+" by "+s.From+not)
	}
	for _, problem := range r.PreseedProblems {
		p.row("not usable", problem)
	}
	p.row("time", p.now.UTC().Format(time.RFC3339))
	if r.WallClock != nil && r.WallClock.Sub(p.now).Abs() > time.Minute {
		p.row("wall clock", r.WallClock.Format(time.RFC3339))
	}
	if r.ClockSince != nil {
		p.row("clock", "turned back, noticed "+p.at(r.ClockSince))
	}
	p.gap()
	p.state(r)
	p.license(r)
	p.gap()
	p.row("licence from", orNone(r.LicenseSource))
	p.row("confirmed", p.at(r.ProvenAt))
	p.row("last answer", p.at(r.AnsweredAt))
	if r.Failures > 0 {
		p.row("no answer", fmt.Sprintf("%s since %s (%s)", phrase.Count(r.Failures, "call"), p.at(r.FailSince), r.Silence))
	}
	if e := r.LastError; e != nil {
		p.row("last error", fmt.Sprintf("%s, %s: %s", e.Op, p.at(e.At), e.Message))
	}
	p.row("heartbeats", r.Schedule)
	if r.Due != nil {
		p.row("next check", "comes by itself, at the latest "+p.at(r.Due))
	}
	p.row("signature", r.Signature)
	p.row("proxy", orNone(r.Proxy.String()))
	p.row("root CAs", "the system's"+strings.Join(append([]string{""}, r.RootCAs...), " and "))
	p.row("queued", phrase.Count(r.Queued, "report"))
	p.gap()
	p.row("store", r.Store)
	p.row("no keyring", r.StoreReason)
	if r.Unsaved > 0 {
		p.row("not kept", phrase.Count(r.Unsaved, "change"))
	}
	p.row("state folder", r.StateDir)
	p.row("device", r.DeviceID)
	p.row("device from", fmt.Sprintf("%s, %s", r.DeviceSource, r.DeviceQuality))
	p.row("former device", r.KeptDeviceID)
	for _, w := range r.DeviceWarnings {
		p.row("warning", w.String())
	}
	p.checks(r.Checks)
	p.gap()
	for _, s := range r.Suggestions {
		p.row("suggestion", s)
	}
	p.row("most likely", r.LikelyCause)
	return p.text()
}

// origins tells what comes from where, a source after the other in the order of
// their first setting, so many names a row as can be read in one.
func (p *page) origins(list []ReportedOrigin) {
	var sources []string
	names := make(map[string][]string)
	for _, o := range list {
		if names[o.From] == nil {
			sources = append(sources, o.From)
		}
		names[o.From] = append(names[o.From], o.Name)
	}
	for _, source := range sources {
		for some := range slices.Chunk(names[source], 5) {
			p.row("set by", source+": "+strings.Join(some, ", "))
		}
	}
}

func (r DiagnosisReport) now() time.Time {
	if r.Time == nil {
		return time.Time{}
	}
	return *r.Time
}

func (p *page) state(r DiagnosisReport) {
	p.row("state", r.State.String())
	for _, f := range r.Findings {
		text := fmt.Sprintf("%s leads to %s", f.Cause, f.State)
		if f.Code != 0 {
			text += fmt.Sprintf(" (conflict %d)", f.Code)
		}
		if f.Since != nil {
			text += " since " + p.at(f.Since)
		}
		p.row("cause", text)
	}
	for _, t := range r.Coming {
		text := fmt.Sprintf("%s from %s", t.State, p.at(t.At))
		if t.Cause.Silent() {
			text += ", if no check succeeds before"
		}
		p.row("then", text)
	}
	p.row("policy", r.Policy)
	p.row("problem", r.Problem)
}

func (p *page) license(r DiagnosisReport) {
	l := r.License
	if l == nil {
		p.row("licence", "none")
		return
	}
	p.row("licence", strings.Join(nonEmpty(l.Name, l.Product, l.Edition), ", "))
	p.row("key", l.Key)
	p.row("customer", l.Customer)
	expires := "never"
	if l.Expires != nil {
		expires = p.at(l.Expires)
	}
	if l.Temporary {
		expires += " (temporary)"
	}
	p.row("expires", expires)
	p.row("releases", l.ReleaseLimit)
	if l.FreerideDays != nil {
		p.row("freeride", phrase.Count(*l.FreerideDays, "day")+" without an answer")
	}
	seat := l.ProvisioningMode
	switch {
	case l.SeatHeld:
		seat += ", held until " + p.at(l.SeatValidUntil)
	case l.ProvisioningMode == "floating":
		seat += ", none is held"
	}
	p.row("seat", seat)
	var on, off []string
	for _, f := range l.Features {
		if f.Allowed {
			on = append(on, f.Name)
		} else {
			off = append(off, f.Name)
		}
	}
	p.row("features", strings.Join(on, ", "))
	p.row("not allowed", strings.Join(off, ", "))
}

func (p *page) checks(list []ReportedCheck) {
	if len(list) > 0 {
		p.gap()
	}
	for _, c := range list {
		text := fmt.Sprintf("%s, %d ms", c.Result, c.TookMS)
		if c.Result == string(Skipped) {
			text = c.Result
		}
		if c.Detail != "" {
			text += ": " + c.Detail
		}
		p.row("check "+c.Check, text)
		p.row("", c.Advice)
	}
}

// page is a report in the making: rows of a name and a value, in blocks.
type page struct {
	now  time.Time
	rows [][2]string
}

// row adds a value; an empty one is left out. A server's text cannot break the
// page, nor can what a terminal would obey.
func (p *page) row(name, value string) {
	value = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !strconv.IsPrint(r):
			return -1
		}
		return r
	}, value))
	if value != "" {
		p.rows = append(p.rows, [2]string{name, value})
	}
}

func (p *page) gap() { p.rows = append(p.rows, [2]string{}) }

func (p *page) at(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return phrase.When(*t, p.now)
}

// width is how much of a value stands on a line; what is longer goes on below.
const width = 100

func (p *page) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range p.rows {
		if row == [2]string{} {
			fmt.Fprint(w, "\t\n")
			continue
		}
		name := row[0]
		for _, line := range wrapped(row[1], width) {
			fmt.Fprintf(w, "%s\t%s\n", name, line)
			name = ""
		}
	}
	_ = w.Flush() // a Builder takes everything
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// wrapped breaks a text into lines between words.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
