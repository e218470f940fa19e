package enforcement

import (
	"fmt"
	"strings"
	"time"
)

// t0 is when the licence of the tests was last proven.
var t0 = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

const minute, hour = time.Minute, time.Hour

// proven is evidence of a perpetual licence that is checked every 24 hours.
func proven() License {
	return License{Source: FromHeartbeat, Key: "key-a", ProvenAt: t0, Due: t0.Add(24 * hour), JudgedVersion: "24.1"}
}

// once is evidence that never ages, so that nothing but the case at hand changes.
func once() License {
	l := proven()
	l.Due = time.Time{}
	return l
}

// fromFile is evidence from a licence file.
func fromFile() License {
	return License{Source: FromLicenseFile, Key: "key-a", ProvenAt: t0}
}

func holding(l License) Facts {
	return Facts{Software: Software{Version: "24.1"}}.Yes(l, Flags{})
}

// refusing is a licence held and then refused a minute later.
func refusing(e Endpoint, c Code) Facts {
	return holding(once()).No(No{Endpoint: e, Code: c, At: t0.Add(minute)})
}

// timeline tells the states to come with their offsets from start:
// "grace, read_only +7d, locked +37d".
func timeline(f Facts, p *Policy, start time.Time) string {
	d := Decide(f, p, start)
	parts := []string{d.State.String()}
	for _, t := range Forecast(f, p, start) {
		if t.State != d.State {
			parts = append(parts, fmt.Sprintf("%s +%s", t.State, formatDuration(t.At.Sub(start))))
			d.State = t.State
		}
	}
	return strings.Join(parts, ", ")
}

// causes tells all findings: "inactive 1002 locked; expired grace".
func causes(d Decision) string {
	var parts []string
	for x := range d.Findings() {
		part := x.Cause.String()
		if x.Code != 0 {
			part += fmt.Sprintf(" %d", x.Code)
		}
		parts = append(parts, part+" "+x.State.String())
	}
	return strings.Join(parts, "; ")
}

// allEndpoints are the server's endpoints, each by itself.
func allEndpoints() (list []Endpoint) {
	for e := EndpointActivation; e < endpointEnd; e <<= 1 {
		list = append(list, e)
	}
	return list
}

// resumed is the session as the agent has it when the application is started at
// that time, or the machine wakes, after time that does not count: see
// Session.Missing.
func resumed(s Session, at time.Time) Session {
	s.CountedAt, s.StartedAt = canonical(at), canonical(at)
	return s
}
