package agent

import (
	"bytes"
	"encoding/pem"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/preseed"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// layDown writes what an administrator lays down for the application.
func layDown(t *testing.T, cfg *Config, content string) (file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "acme.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Parts = append(cfg.Parts, Part{preseed: func(c Config) (Config, seeded, error) { return c.readPreseed("acme", preseed.Trusting(dir)) }})
	return file
}

// A key that was laid down is activated by the first start, after an outage as
// well, and never again once its user has given the seat back.
func TestAPreseededKeyIsActivatedOnce(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{})
		layDown(t, &w.cfg, `{"license_key": "`+lic.Key+`"}`)
		a := w.open()
		if n := len(w.line.requests()); n != 0 {
			t.Errorf("New made %d requests", n)
		}
		w.line.set(func(l *line) { l.down = true })
		w.start(a)
		w.sleep(time.Minute)
		if !a.License().IsZero() || len(w.line.requests()) == 0 {
			t.Error("it was not tried in the outage")
		}
		w.line.set(func(l *line) { l.down = false })
		w.sleep(time.Hour)
		if !strings.EqualFold(a.License().Key(), lic.Key) {
			t.Fatal("the key was not activated after the outage")
		}
		if _, err := a.Deactivate(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sleep(2 * day)
		w.close(a)
		a = w.open()
		w.start(a)
		w.sleep(2 * day)
		if !a.License().IsZero() {
			t.Error("the key was activated again although its user gave the seat back")
		}
		w.close(a)
		// Another key is another matter.
		next := w.srv.AddLicense(slasconetest.License{})
		layDown(t, &w.cfg, `{"license_key": "`+next.Key+`"}`)
		a = w.open()
		if _, err := a.Heartbeat(t.Context()); err != nil || !strings.EqualFold(a.License().Key(), next.Key) {
			t.Errorf("Refresh did not activate the new key: %v", err)
		}
	})
}

// A key for which there is no seat is asked for now and then.
func TestAPreseededKeyWaitsForASeat(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{TokenLimit: new(0)})
		layDown(t, &w.cfg, `{"license_key": "`+lic.Key+`"}`)
		a := w.open()
		w.start(a)
		w.sleep(6 * time.Hour)
		if n := len(w.line.requests()); n < 2 || n > 12 {
			t.Errorf("%d requests in six hours", n)
		}
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.TokenLimit = nil })
		w.sleep(2 * day)
		if a.License().IsZero() {
			t.Error("the seat was not taken once there was one")
		}
	})
}

// A licence that is held, or one that the application asks for, is left alone.
func TestAPreseededKeyReplacesNothing(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		other := w.srv.AddLicense(slasconetest.License{})
		layDown(t, &w.cfg, `{"license_key": "`+other.Key+`"}`)
		a, lic := w.activated(slasconetest.License{})
		w.start(a)
		w.sleep(2 * day)
		if !strings.EqualFold(a.License().Key(), lic.Key) {
			t.Error("the licence that was held was replaced")
		}
		if _, err := a.Deactivate(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sleep(2 * day)
		if !a.License().IsZero() {
			t.Error("a seat was taken after the user gave theirs back")
		}
	})
}

func TestPreseededSettings(t *testing.T) {
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	var cfg Config
	file := layDown(t, &cfg, `{"proxy_url": "http://ann:s3cret@proxy:3128", "ca_file": "ca.pem", "user_id": "jo@acme.example", "heartbeat": "@every 2h", "usr": "x"}`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "ca.pem"), []byte(cert), 0o600); err != nil {
		t.Fatal(err)
	}
	got, s, err := cfg.preseeded()
	if err != nil || got.UserID != "jo@acme.example" || got.Heartbeat != "@every 2h" || len(got.RootCAs) != 1 || s.key != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if u, err := got.Proxy(nil); err != nil || u.Host != "proxy:3128" || s.proxyFrom != file {
		t.Errorf("%v, %v, from %q", u, err, s.proxyFrom)
	}
	want := []Preseeded{{"proxy_url", file, true}, {"ca_file", file, true}, {"user_id", file, true}, {"heartbeat", file, true}}
	if !slices.Equal(s.settings, want) || len(s.problems) != 1 || !strings.Contains(s.problems[0].Error(), `"usr"`) {
		t.Errorf("%v, %v", s.settings, s.problems)
	}

	cfg.SettingOrigins = map[string]string{"heartbeat": "sketch.json", "server_url": "sketch.json"}
	origins := settings{Config: cfg, seeded: s}.origins()
	if wantOrigins := map[string]string{"proxy_url": file, "ca_file": file, "user_id": file, "heartbeat": file, "server_url": "sketch.json"}; !maps.Equal(origins, wantOrigins) {
		t.Errorf("%v", origins)
	}

	// What the application sets itself counts before it.
	cfg.UserID, cfg.Heartbeat, cfg.Proxy = "al", "@daily", http.ProxyURL(nil)
	got, s, err = cfg.preseeded()
	if err != nil || got.UserID != "al" || got.Heartbeat != "@daily" || s.proxyFrom != "" || len(got.RootCAs) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	want = []Preseeded{{"proxy_url", file, false}, {"ca_file", file, true}, {"user_id", file, false}, {"heartbeat", file, false}}
	if !slices.Equal(s.settings, want) {
		t.Errorf("%v", s.settings)
	}
	origins = settings{Config: cfg, seeded: s}.origins()
	if wantOrigins := map[string]string{"ca_file": file, "heartbeat": "sketch.json", "server_url": "sketch.json"}; !maps.Equal(origins, wantOrigins) {
		t.Errorf("%v", origins)
	}
}

// Whatever an administrator wrote, the application starts and tells of it; a
// proxy that is none is not gone around.
func TestAWrongPreseedStopsNothing(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON":     "license_key: x",
		"a key":       `{"license_key": "  "}`,
		"a long key":  `{"license_key": "` + strings.Repeat("k", 300) + `"}`,
		"a heartbeat": `{"heartbeat": "now and then"}`,
		"a user":      `{"user_id": "` + strings.Repeat("u", 300) + `"}`,
		"a CA file":   `{"ca_file": "missing.pem"}`,
		"a signature": `{"signature": {"mode": "none"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				var log bytes.Buffer
				w.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
				w.cfg.HTTPClient = nil
				layDown(t, &w.cfg, content)
				a := w.open()
				if d := a.Diagnose(); name != "a key" && (len(d.PreseedProblems) == 0 || !strings.Contains(log.String(), "acme.json")) {
					t.Errorf("nothing is told: %s", log.String())
				}
			})
		})
	}
	t.Run("a proxy", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			w.cfg.HTTPClient = nil
			file := layDown(t, &w.cfg, `{"proxy_url": "http://user:s3cret#w@proxy"}`)
			a := w.open()
			_, err := a.Activate(t.Context(), "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978")
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "%23") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v", err)
			}
			if d := a.Diagnose(); d.ProxyProblem == nil || len(d.PreseedProblems) != 1 {
				t.Errorf("%v, %v", d.ProxyProblem, d.PreseedProblems)
			}
		})
	})
}

func TestPreseedIsOptIn(t *testing.T) {
	var cfg Config
	layDown(t, &cfg, `{"user_id": "jo"}`)
	cfg.Parts = nil
	if got, s, err := cfg.preseeded(); err != nil || got.UserID != "" || len(s.settings) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	cfg.Parts = []Part{Preseed("../acme")}
	if _, _, err := cfg.preseeded(); err == nil || !strings.Contains(err.Error(), "Preseed") {
		t.Errorf("%v", err)
	}
}
