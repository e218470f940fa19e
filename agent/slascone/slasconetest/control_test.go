package slasconetest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// control calls the HTTP control.
func (c *caller) control(method, path, body string) reply {
	c.t.Helper()
	return c.do(method, c.s.URL+path, []byte(body), http.Header{"Content-Type": {"application/json"}})
}

// must fails unless the control answers 200 or 204, and decodes what it says.
func must[T any](c *caller, r reply) T {
	c.t.Helper()
	if r.err != nil || r.status != 200 && r.status != 204 {
		c.t.Fatalf("status %d, %s, %v", r.status, r.body, r.err)
	}
	var v T
	if len(r.body) > 0 {
		if err := json.Unmarshal(r.body, &v); err != nil {
			c.t.Fatalf("%v in %s", err, r.body)
		}
	}
	return v
}

func TestControlTellsTheWholeStory(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.StateFile = filepath.Join(t.TempDir(), "state.json") })
	c := call(t, s)

	product := must[slasconetest.Product](c, c.control("POST", "/emulator/products", `{"name":"CAD"}`))
	must[any](c, c.control("PATCH", "/emulator/products/"+product.ID, `{"latest_version":"3"}`))
	if got := must[[]slasconetest.Product](c, c.control("GET", "/emulator/products", "")); len(got) != 2 || got[1].LatestVersion != "3" {
		t.Errorf("products %+v", got)
	}

	lic := must[slasconetest.License](c, c.control("POST", "/emulator/licences", `{"floating":true,"floating_token_limit":1,"freeride":7}`))
	path := "/emulator/licences/" + lic.Key
	lic = must[slasconetest.License](c, c.control("PATCH", path, `{"freeride":null,"license_name":"Gold","features":[{"name":"A"}]}`))
	if lic.Freeride != nil || lic.Name != "Gold" || *lic.FloatingTokenLimit != 1 || len(lic.Features) != 1 {
		t.Errorf("patched %+v", lic)
	}
	if got := must[slasconetest.License](c, c.control("GET", path, "")); got.Name != "Gold" {
		t.Errorf("licence %+v", got)
	}
	issued := must[map[string]string](c, c.control("POST", path+"/tokens", ""))["token_key"]
	c.want(c.activate(issued, "pc/a@b.c"), 200)
	if got := must[[]slasconetest.Token](c, c.control("GET", path+"/tokens", "")); len(got) != 1 || got[0].ClientID != "pc/a@b.c" {
		t.Errorf("tokens %+v", got)
	}

	if got := must[[]slasconetest.Consumption](c, c.control("GET", path+"/consumption", "")); len(got) != 0 {
		t.Errorf("consumption %+v", got)
	}

	client := "/emulator/clients/" + url.PathEscape("pc/a@b.c")
	must[any](c, c.control("POST", client+"/suspend", `{"for":"1h"}`))
	c.want(c.heartbeat("pc/a@b.c"), 2006)
	must[any](c, c.control("POST", client+"/resume", ""))
	c.want(c.heartbeat("pc/a@b.c"), 200)

	c.want(c.session(pathSessionOpen, lic.Key, "pc/a@b.c", sessionA), 200)
	if got := must[[]slasconetest.Session](c, c.control("GET", "/emulator/sessions", "")); len(got) != 1 || got[0].ID != sessionA {
		t.Errorf("sessions %+v", got)
	}
	must[any](c, c.control("DELETE", "/emulator/sessions/"+sessionA, ""))
	if len(s.Sessions()) != 0 {
		t.Error("the session was not ended")
	}

	fault := must[slasconetest.Fault](c, c.control("POST", "/emulator/faults", `{"endpoint":"heartbeat","kind":"status","status":503,"retry_after":"5","times":2}`))
	c.want(c.heartbeat("pc/a@b.c"), 503)
	if got := must[[]slasconetest.Fault](c, c.control("GET", "/emulator/faults", "")); len(got) != 1 || got[0].ID != fault.ID || got[0].Times != 1 {
		t.Errorf("faults %+v", got)
	}
	must[any](c, c.control("DELETE", "/emulator/faults/1", ""))
	must[any](c, c.control("POST", "/emulator/faults", `{"kind":"delay","delay":"1h"}`))
	must[any](c, c.control("DELETE", "/emulator/faults", ""))
	must[any](c, c.control("PUT", "/emulator/outage", `{"on":true}`))
	if c.heartbeat("pc/a@b.c").err == nil {
		t.Error("there is no outage")
	}
	must[any](c, c.control("PUT", "/emulator/outage", `{"on":false}`))

	must[any](c, c.control("POST", "/emulator/clock/advance", `{"by":"24h"}`))
	if got := must[map[string]time.Time](c, c.control("GET", "/emulator/clock", "")); !got["now"].Equal(start.Add(24 * time.Hour)) {
		t.Errorf("clock %v", got)
	}
	must[any](c, c.control("PUT", "/emulator/clock", `{"now":"2030-01-01T00:00:00Z"}`))
	if got := s.Now(); got.Year() != 2030 {
		t.Errorf("clock %v", got)
	}

	if got := c.control("GET", "/emulator/public-key", ""); string(got.body) != s.PublicKeyPEM() {
		t.Errorf("key %s", got.body)
	}
	if got := c.control("GET", "/emulator/public-key?format=xml", ""); string(got.body) != s.PublicKeyXML() {
		t.Errorf("key %s", got.body)
	}
	if got := must[[]slasconetest.Request](c, c.control("GET", "/emulator/requests?endpoint=activation", "")); len(got) != 1 || got[0].Status != 200 {
		t.Errorf("requests %+v", got)
	}
	must[any](c, c.control("DELETE", "/emulator/requests", ""))
	if status := must[map[string]any](c, c.control("GET", "/emulator", "")); status["requests"] != 0.0 || status["licences"] != 1.0 {
		t.Errorf("status %v", status)
	}

	must[any](c, c.control("POST", "/emulator/state/save", ""))
	must[any](c, c.control("DELETE", "/emulator/tokens/"+issued, ""))
	must[any](c, c.control("DELETE", client, ""))
	must[any](c, c.control("DELETE", path, ""))
	if len(s.Licenses())+len(s.Clients()) != 0 {
		t.Error("licence or client is still there")
	}
	must[any](c, c.control("POST", "/emulator/state/load", ""))
	if len(s.Licenses())+len(s.Clients()) != 2 {
		t.Error("licence or client was not loaded")
	}
	if state := c.control("GET", "/emulator/state", ""); strings.Contains(string(state.body), "PRIVATE") || !strings.Contains(string(state.body), lic.Key) {
		t.Errorf("state %s", state.body)
	}
	must[any](c, c.control("POST", "/emulator/reset", ""))
	if len(s.Licenses()) != 0 {
		t.Error("reset left licences")
	}
}

func TestControlRefuses(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	path := "/emulator/licences/" + lic.Key
	for _, test := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/emulator/licences", `{"freride":7}`, 400, `"freride"`},
		{"POST", "/emulator/licences", `{"features":[{"nam":"x"}]}`, 400, `"nam"`},
		{"POST", "/emulator/licences", ``, 400, "JSON object"},
		{"POST", "/emulator/licences", `{} {}`, 400, "more than one"},
		{"POST", "/emulator/licences", `{"license_key":"x"}`, 400, "UUID"},
		{"POST", "/emulator/licences", `{"license_key":"` + lic.Key + `"}`, 400, "already"},
		{"PATCH", path, `{"freride":7}`, 400, `"freride"`},
		{"PATCH", path, `{"license_key":"` + slasconetest.DemoISV + `"}`, 400, "cannot be changed"},
		{"PATCH", path, `{"token_limit":-1}`, 400, "token_limit"},
		{"PATCH", "/emulator/licences/x", `{}`, 404, "x"},
		{"GET", "/emulator/licences/x", ``, 404, "not found"},
		{"DELETE", "/emulator/licences/x", ``, 404, "not found"},
		{"GET", "/emulator/licences/x/tokens", ``, 404, "not found"},
		{"GET", "/emulator/licences/x/file", ``, 404, "not found"},
		{"GET", "/emulator/licences/x/consumption", ``, 404, "not found"},
		{"DELETE", "/emulator/tokens/x", ``, 404, "not found"},
		{"DELETE", "/emulator/clients/x", ``, 404, "not found"},
		{"POST", "/emulator/clients/x/suspend", `{"for":"1h"}`, 404, "not found"},
		{"POST", "/emulator/clients/x/suspend", `{}`, 400, "until"},
		{"DELETE", "/emulator/sessions/x", ``, 404, "not found"},
		{"POST", "/emulator/faults", `{"kind":"earthquake"}`, 400, "earthquake"},
		{"POST", "/emulator/faults", `{"kind":"delay","delay":"soon"}`, 400, "soon"},
		{"DELETE", "/emulator/faults/x", ``, 404, "not found"},
		{"PUT", "/emulator/outage", `{}`, 400, "on"},
		{"PUT", "/emulator/clock", `{}`, 400, "now"},
		{"POST", "/emulator/clock/advance", `{"by":"0s"}`, 400, "by"},
		{"GET", "/emulator/requests?endpoint=x", ``, 400, "x"},
		{"GET", "/emulator/public-key?format=der", ``, 400, "der"},
		{"PATCH", "/emulator/products/x", `{}`, 404, "not found"},
		{"POST", "/emulator/state/save", ``, 400, "StateFile"},
	} {
		r := c.control(test.method, test.path, test.body)
		if got := decode[struct{ Error string }](t, r); r.status != test.status || !strings.Contains(got.Error, test.says) {
			t.Errorf("%s %s %s: %d, %q; want %d, …%s…", test.method, test.path, test.body, r.status, got.Error, test.status, test.says)
		}
	}
}

func TestControlIsNotForWebPages(t *testing.T) {
	s := server(t)
	c := call(t, s)
	r := c.do("POST", s.URL+"/emulator/reset", nil, http.Header{"Origin": {"https://evil.example"}})
	if r.status != 403 {
		t.Errorf("status %d", r.status)
	}
}

func TestControlCanBeSwitchedOff(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.NoControl = true })
	if r := call(t, s).control("GET", "/emulator", ""); r.status != 404 {
		t.Errorf("status %d", r.status)
	}
}

// TestControlIsDocumented holds the table of the package documentation to what
// is served.
func TestControlIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for line := range strings.Lines(string(doc)) {
		fields := strings.Fields(strings.TrimPrefix(line, "//"))
		if len(fields) >= 2 && strings.HasPrefix(fields[1], "/emulator") {
			documented[fields[0]+" "+fields[1]] = true
		}
	}
	for _, route := range slasconetest.ControlRoutes() {
		if !documented[route] {
			t.Errorf("doc.go does not tell of %s", route)
		}
		delete(documented, route)
	}
	for route := range documented {
		t.Errorf("doc.go tells of %s, which is not there", route)
	}
}
