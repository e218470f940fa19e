package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// TestPicturesOfPolicies keeps the pictures of docs/policies.md in step with the
// policies beside them. To draw them anew: go test ./cmd/leasehold -run Policies
// -update
func TestPicturesOfPolicies(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	online := func(expires time.Time, freeride time.Duration) enforcement.Facts {
		l := enforcement.License{Source: enforcement.FromHeartbeat, ProvenAt: now, Due: now.Add(day), Expires: expires}
		l.FreerideSet, l.Freeride = freeride > 0, freeride
		return enforcement.Facts{License: l}
	}
	floating := online(now.AddDate(1, 0, 0), 7*day)
	floating.Session.Required = true
	cases := map[string]enforcement.Facts{
		"trial":        online(now.AddDate(0, 0, 30), 90*day),
		"subscription": online(now.AddDate(0, 0, 30), 90*day),
		"maintenance":  online(time.Time{}, 90*day).Yes(online(time.Time{}, 90*day).License, enforcement.Flags{VersionNotCovered: true}),
		"floating":     floating.SessionYes(now, now.Add(30*time.Minute)),
		"kiosk":        online(now.AddDate(1, 0, 0), 0),
		"air-gapped":   {License: enforcement.License{Source: enforcement.FromLicenseFile, ProvenAt: now, Expires: now.AddDate(1, 0, 0)}},
	}
	folder := filepath.Join("..", "..", "docs", "policies")
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(cases) {
		t.Fatalf("%d policies have a picture, there are %d (%v)", len(cases), len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		facts, ok := cases[name]
		if !ok {
			t.Errorf("%s has no picture", name)
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := enforcement.ParsePolicy(data)
		if err != nil {
			t.Fatal(err)
		}
		got := timelineSVG(protocol.ForecastOf(now, enforcement.Decide(facts, p, now), enforcement.Forecast(facts, p, now)), timelineHead{App: "Sketch 1.4.2", Customer: name})
		picture := filepath.Join(folder, name+".svg")
		if *update {
			if err := os.WriteFile(picture, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got) {
			t.Errorf("%s is not what the policy leads to; draw it anew", picture)
		}
	}
}
