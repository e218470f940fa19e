package slasconetest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

var browser = http.Header{"Accept": {"text/html,*/*"}}

// form sends a form of the page, as the script does or as a browser without it.
func (c *caller) form(accept string, values ...string) reply {
	c.t.Helper()
	body := url.Values{}
	for i := 0; i < len(values); i += 2 {
		body.Add(values[i], values[i+1])
	}
	return c.do("POST", c.s.URL+"/emulator/page", []byte(body.Encode()), http.Header{"Accept": {accept}, "Content-Type": {"application/x-www-form-urlencoded"}})
}

// A browser gets the page, a program what it always got.
func TestPageForABrowser(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Name: `<script>alert("x")</script>`, Description: "& more"})
	c := call(t, s)
	c.want(c.activate(lic.Key, `<b>"'`), 200)
	r := c.do("GET", s.URL+"/emulator/", nil, browser)
	page := string(r.body)
	if r.status != 200 || !strings.Contains(page, lic.Key) || strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>") {
		t.Errorf("%d %s", r.status, page)
	}
	if csp := r.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if strings.Contains(page, "style=") || strings.Contains(page, "onclick") {
		t.Error("something is in line that the policy forbids")
	}
	for _, header := range []http.Header{nil, {"Accept": {"*/*"}}, {"Accept": {"application/json"}}} {
		if r := c.do("GET", s.URL+"/emulator/", nil, header); !strings.Contains(string(r.body), `"isv_id"`) {
			t.Errorf("for a program: %s", r.body)
		}
	}
	for name, kind := range map[string]string{"page.css": "text/css", "page.js": "text/javascript"} {
		if r := c.do("GET", s.URL+"/emulator/"+name, nil, nil); r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", name, r.status, r.header)
		}
	}
}

// Each button does what it says.
func TestPageActions(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true})
	c := call(t, s)
	token := *info(t, c.want(c.activate(lic.Key, "one"), 200)).TokenKey
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 200)
	license := func() slasconetest.License { l, _ := s.License(lic.Key); return l }
	for _, step := range []struct {
		form []string
		done func() bool
	}{
		{[]string{"do", "expire", "key", lic.Key}, func() bool { return license().Expires.Equal(start) }},
		{[]string{"do", "renew", "key", lic.Key}, func() bool { return license().Expires.Equal(start.AddDate(1, 0, 0)) }},
		{[]string{"do", "disable", "key", lic.Key}, func() bool { return license().Inactive }},
		{[]string{"do", "enable", "key", lic.Key}, func() bool { return !license().Inactive }},
		{[]string{"do", "end-session", "session", sessionA}, func() bool { return len(s.Sessions()) == 0 }},
		{[]string{"do", "suspend", "client", "one"}, func() bool { return s.Clients()[0].SuspendedUntil.Equal(start.Add(24 * time.Hour)) }},
		{[]string{"do", "resume", "client", "one"}, func() bool { return s.Clients()[0].SuspendedUntil.IsZero() }},
		{[]string{"do", "release", "token", token}, func() bool { return len(s.Clients()[0].TokenKeys) == 0 }},
		{[]string{"do", "forget", "client", "one"}, func() bool { return len(s.Clients()) == 0 }},
		{[]string{"do", "terms", "key", lic.Key, "terms", `{"license_name":"Crew","token_limit":4}`}, func() bool { return license().Name == "Crew" && *license().TokenLimit == 4 && !license().Floating }},
		{[]string{"do", "add", "name", "More", "kind", "floating user", "seats", "3"}, func() bool { l := s.Licenses()[1]; return l.Name == "More" && l.ForUsers && *l.FloatingTokenLimit == 3 }},
		{[]string{"do", "delete", "key", lic.Key}, func() bool { return len(s.Licenses()) == 1 }},
		{[]string{"advance", "8d", "do", "advance"}, func() bool { return s.Now().Equal(start.Add(8 * 24 * time.Hour)) }},
		{[]string{"advance", "-1h", "do", "advance"}, func() bool { return s.Now().Equal(start.Add(8*24*time.Hour - time.Hour)) }},
		{[]string{"do", "real-time", "do", "advance"}, func() bool { return s.Now().Equal(start) }},
		{[]string{"do", "inject", "endpoint", "heartbeat", "kind", "delay", "value", "2s", "times", "3"}, func() bool { f := s.Faults()[0]; return time.Duration(f.Delay) == 2*time.Second && f.Times == 3 }},
		{[]string{"do", "inject", "endpoint", "", "kind", "conflict", "value", "4711", "times", ""}, func() bool { return s.Faults()[1].Conflict == 4711 }},
		{[]string{"do", "clear-fault", "fault", "1"}, func() bool { return len(s.Faults()) == 1 }},
		{[]string{"do", "forget-requests"}, func() bool { return len(s.Requests()) == 0 }},
		{[]string{"do", "outage-on"}, func() bool { return c.heartbeat("one").err != nil }},
		{[]string{"do", "outage-off"}, func() bool { return c.heartbeat("one").err == nil }},
	} {
		if r := c.form("application/json", step.form...); r.status != 204 || !step.done() {
			t.Errorf("%v: %d %s", step.form, r.status, r.body)
		}
	}
	for _, wrong := range [][]string{
		{"do", "x"}, {}, {"do", "expire", "key", "x"}, {"do", "terms", "key", s.Licenses()[0].Key, "terms", `{"x":1}`}, {"do", "add", "seats", "many"}, {"do", "advance", "advance", "x"},
		{"do", "inject", "kind", "status", "value", "a lot"}, {"do", "inject", "kind", "portal", "value", "1"}, {"do", "inject", "kind", "hang", "times", "x"}, {"do", "inject", "kind", "x"},
		{"do", "forget", "client", "x"}, {"do", "end-session", "session", "x"}, {"do", "clear-fault", "fault", "x"}, {"do", "release", "token", "x"},
	} {
		r := c.form("application/json", wrong...)
		var told struct{ Error string }
		if r.status != 400 || json.Unmarshal(r.body, &told) != nil || told.Error == "" {
			t.Errorf("%v: %d %s", wrong, r.status, r.body)
		}
	}
}

// Without a script the answer is a page again.
func TestPageWithoutAScript(t *testing.T) {
	s := server(t)
	c := call(t, s)
	if r := c.form("text/html", "do", "outage-on"); r.status != http.StatusSeeOther || r.header.Get("Location") != "/emulator/" {
		t.Errorf("%d %v", r.status, r.header)
	}
	if r := c.form("text/html", "do", "expire", "key", "nobody"); r.status != 400 || !strings.Contains(string(r.body), "nobody") || !strings.Contains(string(r.body), "</html>") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// No page of somebody else drives the server, and none reads it under a name
// that its owner points to this machine.
func TestForeignPagesAreRefused(t *testing.T) {
	s := server(t)
	c := call(t, s)
	for _, header := range []http.Header{
		{"Origin": {"https://evil.example.com"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"null"}},
	} {
		for _, path := range []string{"/emulator/page", "/emulator/reset", "/emulator/clock/advance"} {
			if r := c.do("POST", s.URL+path, []byte(`{"by":"1h"}`), header); r.status != http.StatusForbidden {
				t.Errorf("%s from %v: %d", path, header, r.status)
			}
		}
	}
	for host, want := range map[string]int{
		"evil.com": 403, "127.0.0.1.evil.com:8089": 403, "localhost.evil.com": 403, "evil.com.": 403,
		"localhost:8089": 200, "127.0.0.1": 200, "[::1]:8089": 200, "192.168.1.7:8089": 200, "emulator:8089": 200, "emulator.localhost": 200, "LOCALHOST": 200,
		"example.com": 200, "evilexample.com": 403,
	} {
		for _, path := range []string{"/emulator/", "/emulator/licences", "/emulator/page.js"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := c.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s of %s: %d", path, host, resp.StatusCode)
			}
		}
	}
	for _, host := range []string{"evil.com", "licences.example"} {
		// The licensing API is for programs, under whatever name.
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v2/isv/"+s.ISV()+pathHeartbeat, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := c.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("licensing at %s: %d", host, resp.StatusCode)
		}
	}
}

// The page is told of each part that changed, soon; Close ends it.
func TestPageEvents(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Name: "Pro"})
	c := call(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/emulator/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	next := func() (name, html string) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var part struct{ Name, HTML string }
				if err := json.Unmarshal([]byte(data), &part); err != nil {
					t.Fatal(err)
				}
				return part.Name, part.HTML
			}
		}
		return "", ""
	}
	for range 7 {
		if name, _ := next(); name == "" {
			t.Fatal("the page is not told what there is")
		}
	}
	if s.InFlight() != 0 {
		t.Errorf("%d requests in flight", s.InFlight())
	}
	c.want(c.activate(lic.Key, "one"), 200)
	told := map[string]bool{}
	for len(told) < 3 { // licences, clients, requests
		name, html := next()
		if name == "" {
			t.Fatalf("only %v were told", told)
		}
		told[name] = name != "clients" || strings.Contains(html, "one")
	}
	go func() { _ = s.Close() }()
	for lines.Scan() {
		_ = lines.Text()
	}
	if ctx.Err() != nil {
		t.Error("Close did not end it")
	}
}
