// Package browser tests the page of the licence server for tests in a real
// browser. It is a module of its own, so that the library's go.mod stays small.
package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/leasehold-dev/leasehold/agent/agenttest"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// open starts a browser with the page of a server. Without a browser the test is
// left out; .ci/run installs one.
func open(t *testing.T, srv *slasconetest.Server) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium on this machine")
	}
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	run(t, ctx, chromedp.EmulateViewport(1280, 1600), chromedp.Navigate(srv.URL+"/emulator/"), chromedp.WaitVisible(css("#licences-title")))
	return ctx
}

// css selects the first element that fits.
type css = chromedp.CSS

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// ask runs an action and returns its value.
func ask[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// shows waits until a part of the page has a text.
func shows(t *testing.T, ctx context.Context, selector, text string) {
	t.Helper()
	var got string
	for range 100 {
		got = ask(t, ctx, chromedp.Text(css(selector)))
		if strings.Contains(got, text) {
			return
		}
		time.Sleep(50 * time.Millisecond) // the browser has its own clock
	}
	t.Fatalf("%s shows %q, not %q", selector, got, text)
}

// A click lets a licence expire, and the application's state changes; the page
// follows what the application does.
func TestClickExpiresALicense(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{Name: "Sketch Pro", Expires: srv.Now().AddDate(0, 1, 0)})
	ctx := open(t, srv)
	shows(t, ctx, "#clients", "Nobody has activated")
	a := agenttest.Activated(t, srv, lic.Key)
	shows(t, ctx, "#clients", a.ClientID())
	shows(t, ctx, "#requests", "activation")
	shows(t, ctx, "#l-"+lic.Key, "1 of ∞ seats")

	run(t, ctx, chromedp.Click(css("#expire-"+lic.Key)))
	shows(t, ctx, "#l-"+lic.Key, "expired")
	if d, err := a.Heartbeat(t.Context()); err != nil || d.State != enforcement.Grace || d.Cause != enforcement.Expired {
		t.Errorf("after the click: %s %s, %v", d.State, d.Cause, err)
	}
	run(t, ctx, chromedp.Click(css("#renew-"+lic.Key)))
	shows(t, ctx, "#l-"+lic.Key, "valid")
	if d, err := a.Heartbeat(t.Context()); err != nil || d.State != enforcement.Active {
		t.Errorf("renewed: %s %s, %v", d.State, d.Cause, err)
	}
	run(t, ctx, chromedp.Click(css("#disable-"+lic.Key)))
	shows(t, ctx, "#l-"+lic.Key, "switched off")
	if d, _ := a.Heartbeat(t.Context()); d.State != enforcement.Locked {
		t.Errorf("switched off: %s %s", d.State, d.Cause)
	}
}

// The rest of the page: the clock, faults, an outage, clients and sessions.
func TestEverythingHasAButton(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{Name: "Team", Floating: true})
	a := agenttest.Activated(t, srv, lic.Key)
	if _, err := a.OpenSession(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	ctx := open(t, srv)
	shows(t, ctx, "#sessions", a.ClientID())

	before := srv.Now()
	run(t, ctx, chromedp.Click(css("#on-8d")))
	shows(t, ctx, "#clock", "8 days ahead")
	if moved := srv.Now().Sub(before); moved < 8*24*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
	shows(t, ctx, "#sessions", "No session is open")
	run(t, ctx, chromedp.Click(css("#real-time")))
	if _, err := a.OpenSession(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	shows(t, ctx, "#sessions", a.ClientID())
	run(t, ctx, chromedp.Click(css("#sessions button")))
	shows(t, ctx, "#sessions", "No session is open")

	run(t, ctx, chromedp.Click(css("#outage-on")))
	shows(t, ctx, "#top", "outage")
	if _, err := a.Heartbeat(t.Context()); err == nil {
		t.Error("answered during the outage")
	}
	run(t, ctx, chromedp.Click(css("#outage-off")))
	shows(t, ctx, "#top", "answering")
	run(t, ctx, chromedp.SetValue(css("#fault-kind"), "status"), chromedp.SendKeys(css("#fault-value"), "502"), chromedp.SendKeys(css("#fault-times"), "7"), chromedp.Click(css("#inject")))
	shows(t, ctx, "#faults", "heartbeat: status 502, 7 times")
	if faults := srv.Faults(); len(faults) != 1 || faults[0].Status != 502 || faults[0].Times != 7 {
		t.Errorf("faults %+v", faults)
	}
	run(t, ctx, chromedp.Click(css("#fault-1")))
	for range 100 {
		if len(srv.Faults()) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	run(t, ctx, chromedp.SendKeys(css("#fault-value"), "a lot"), chromedp.Click(css("#inject")))
	shows(t, ctx, "#message", "no status")

	run(t, ctx, chromedp.Click(css("#suspend-0")))
	shows(t, ctx, "#clients", "suspended")
	run(t, ctx, chromedp.Click(css("#forget-0")))
	shows(t, ctx, "#clients", "Nobody has activated")

	run(t, ctx, chromedp.Click(css("#s-"+lic.Key)), chromedp.SetValue(css("#t-"+lic.Key), `{"license_name": "Crew", "floating": true, "floating_token_limit": 3}`), chromedp.Click(css("#terms-"+lic.Key)))
	shows(t, ctx, "#licences", "of 3 sessions")
	if got, _ := srv.License(lic.Key); got.Name != "Crew" {
		t.Errorf("licence %+v", got)
	}
}

// Without a mouse: each button is reached by Tab, and keeps the focus when its
// part of the page is sent anew.
func TestKeyboard(t *testing.T) {
	srv := agenttest.NewServer(t)
	lic := srv.AddLicense(slasconetest.License{Name: "Pro"})
	ctx := open(t, srv)
	focused := func() string { return ask(t, ctx, chromedp.Evaluate[string]("document.activeElement.id")) }
	for range 10 {
		if run(t, ctx, chromedp.KeyEvent(kb.Tab)); focused() == "expire-"+lic.Key {
			break
		}
	}
	run(t, ctx, chromedp.KeyEvent(kb.Enter))
	shows(t, ctx, "#l-"+lic.Key, "expired")
	if id := focused(); id != "renew-"+lic.Key {
		t.Errorf("the focus is at %q", id)
	}
	run(t, ctx, chromedp.KeyEvent(kb.Enter))
	shows(t, ctx, "#l-"+lic.Key, "valid")
}

// It reads in light and dark, in a wide and a narrow window, and long names
// break nothing. LEASEHOLD_SCREENSHOTS names a folder to look at them.
func TestLooks(t *testing.T) {
	srv := agenttest.NewServer(t)
	long := strings.Repeat("Enterprise-Wide-Perpetual-Maintenance-", 5)
	srv.AddLicense(slasconetest.License{Name: "Named", Description: "three devices, each with a seat of its own", TokenLimit: new(3), Expires: srv.Now().AddDate(1, 0, 0)})
	team := srv.AddLicense(slasconetest.License{Name: long, Description: strings.Repeat("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", 3), Floating: true, FloatingTokenLimit: new(250), Inactive: true})
	srv.AddLicense(slasconetest.License{Name: "Expired", Expires: srv.Now().AddDate(0, 0, -1), ForUsers: true, Limitations: []slasconetest.Limitation{{Name: "pages", Value: "100", Reset: slasconetest.ResetMonthly}}})
	srv.UpdateLicense(team.Key, func(l *slasconetest.License) { l.Inactive = false })
	cfg := agenttest.Config(t, srv)
	cfg.DeviceID = strings.Repeat("0123456789abcdef", 12)
	a := agenttest.Activated(t, srv, team.Key)
	if _, err := a.OpenSession(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	agenttest.Activated(t, srv, team.Key, func(c *agentConfig) { c.DeviceID = cfg.DeviceID })
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultStatus, Times: 4})
	_, _ = a.Heartbeat(t.Context())
	srv.ClearFaults()
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultPortal})
	ctx := open(t, srv)
	shows(t, ctx, "#requests", "heartbeat")
	run(t, ctx, chromedp.Click(css("#s-"+team.Key)), chromedp.Click(css("#add-summary")))
	folder := os.Getenv("LEASEHOLD_SCREENSHOTS")
	for _, scheme := range []string{"light", "dark"} {
		for width, name := range map[int64]string{1280: "wide", 420: "narrow"} {
			run(t, ctx, chromedp.EmulateViewport(width, 1600), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				return err
			}))
			paper := ask(t, ctx, chromedp.Evaluate[string]("getComputedStyle(document.body).backgroundColor"))
			ink := ask(t, ctx, chromedp.Evaluate[string]("getComputedStyle(document.body).color"))
			over := ask(t, ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
			if folder != "" {
				shot := ask(t, ctx, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(folder, scheme+"-"+name+".png"), shot, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if over > 0 {
				t.Errorf("%s, %s: the page is %d px wider than the window", scheme, name, over)
			}
			if light(t, paper) == light(t, ink) || light(t, paper) != (scheme == "light") {
				t.Errorf("%s: %s on %s", scheme, ink, paper)
			}
		}
	}
}
