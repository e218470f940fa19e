package agenttest_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/agenttest"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// docs/testing.md shows the three tests that follow.

func TestExpiry(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{Expires: srv.Now().AddDate(0, 0, 30)})
	a := agenttest.Activated(t, srv, lic.Key)
	srv.Advance(38 * 24 * time.Hour) // the month, and the week of grace after it
	if d, err := a.Heartbeat(t.Context()); d.State != enforcement.ReadOnly {
		t.Errorf("%s %s: %v", d.State, d.Cause, err)
	}
}

func TestSeatTaken(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(1)})
	_, _ = agenttest.Activated(t, srv, lic.Key).OpenSession(t.Context(), 0) // a colleague
	d, _ := agenttest.Activated(t, srv, lic.Key).OpenSession(t.Context(), 0)
	if d.State != enforcement.ReadOnly || d.Cause != enforcement.ConnectionLimit {
		t.Errorf("%s %s", d.State, d.Cause)
	}
}

func TestOutage(t *testing.T) {
	agenttest.Bubble(t, func(t *testing.T, srv *slasconetest.Server) {
		a := agenttest.Activated(t, srv, srv.AddLicense(slasconetest.License{Freeride: new(7)}).Key)
		_ = a.Start(t.Context())
		srv.Outage(true)
		time.Sleep(8 * 24 * time.Hour) // passes at once, with every heartbeat that falls due
		if d := a.Decision(); d.State != enforcement.ReadOnly || d.Cause != enforcement.Unreachable {
			t.Errorf("%s %s", d.State, d.Cause)
		}
	})
}

// What the page shows is what is compiled and run here, and short.
func TestThePageShowsTheseTests(t *testing.T) {
	page, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("page_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"TestExpiry", "TestSeatTaken", "TestOutage"} {
		code := regexp.MustCompile(`(?ms)^func ` + name + `\(.*?^}\n`).FindString(string(source))
		if !strings.Contains(string(page), code) {
			t.Errorf("the page does not show %s as it is:\n%s", name, code)
		}
		if n := strings.Count(code, "\n") - 2; n >= 10 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}
