package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// chooser makes a Chooser with an environment and a system of its own.
func chooser(vars map[string]string, s Settings) *Chooser {
	return &Chooser{
		lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
		system: system{read: func(context.Context) (Settings, bool) { return s, true }},
	}
}

func TestEnvironment(t *testing.T) {
	const https, http = "https://licences.example", "http://licences.example:8080"
	for _, tt := range []struct {
		name   string
		vars   map[string]string
		target string
		want   string // the address and who says so
	}{
		{"nothing", nil, https, " "},
		{"https", map[string]string{"HTTPS_PROXY": "http://p:1"}, https, "http://p:1 HTTPS_PROXY"},
		{"https in small letters", map[string]string{"https_proxy": "http://p:1"}, https, "http://p:1 https_proxy"},
		{"capitals come first", map[string]string{"https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"}, https, "http://b:1 HTTPS_PROXY"},
		{"an empty one is not set", map[string]string{"https_proxy": "http://a:1", "HTTPS_PROXY": " "}, https, "http://a:1 https_proxy"},
		{"http is not for https", map[string]string{"HTTP_PROXY": "http://p:1"}, https, " "},
		{"https is not for http", map[string]string{"HTTPS_PROXY": "http://p:1"}, http, " "},
		{"http", map[string]string{"HTTP_PROXY": "p:1"}, http, "http://p:1 HTTP_PROXY"},
		{"all", map[string]string{"ALL_PROXY": "socks5://p:1"}, https, "socks5://p:1 ALL_PROXY"},
		{"all in small letters", map[string]string{"all_proxy": "socks5://p:1"}, http, "socks5://p:1 all_proxy"},
		{"its own before all", map[string]string{"ALL_PROXY": "a:1", "https_proxy": "b:1"}, https, "http://b:1 https_proxy"},
		{"CGI", map[string]string{"REQUEST_METHOD": "GET", "HTTP_PROXY": "a:1"}, http, " "},
		{"CGI, small letters", map[string]string{"REQUEST_METHOD": "GET", "HTTP_PROXY": "a:1", "http_proxy": "b:1"}, http, "http://b:1 http_proxy"},
		{"excepted", map[string]string{"HTTPS_PROXY": "p:1", "NO_PROXY": "example"}, https, " NO_PROXY"},
		{"excepted in small letters", map[string]string{"HTTPS_PROXY": "p:1", "no_proxy": "a, licences.example"}, https, " no_proxy"},
		{"excepted, the setting is damaged", map[string]string{"HTTPS_PROXY": "p w", "NO_PROXY": "*"}, https, " NO_PROXY"},
		{"excepted with its port", map[string]string{"HTTP_PROXY": "p:1", "NO_PROXY": "licences.example:8080"}, http, " NO_PROXY"},
		{"excepted with another port", map[string]string{"HTTP_PROXY": "p:1", "NO_PROXY": "licences.example:80"}, http, "http://p:1 HTTP_PROXY"},
		{"excepted with the usual port", map[string]string{"HTTPS_PROXY": "p:1", "NO_PROXY": "licences.example:443"}, https, " NO_PROXY"},
		{"this computer", map[string]string{"HTTPS_PROXY": "p:1"}, "https://127.0.0.1:8443", " "},
		{"this computer by name", map[string]string{"HTTPS_PROXY": "p:1"}, "https://LOCALHOST.", " "},
		{"this computer, IPv6", map[string]string{"HTTPS_PROXY": "p:1"}, "https://[::1]:1", " "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chooser(tt.vars, Settings{}).Choose(t.Context(), tt.target)
			if text := Address(got.URL) + " " + got.From; err != nil || text != tt.want {
				t.Errorf("%q, %v; want %q", text, err, tt.want)
			}
		})
	}
}

// A setting that is no address is an error that names the variable, and never a
// way around the proxy.
func TestADamagedVariableIsTold(t *testing.T) {
	for _, value := range []string{"user:s3cret%@", "http://user:s3cret#w@proxy:1", "s3cret/b", "s3cret^w", `dom\user:s3cret y`, "ftp://s3cret"} {
		for name, target := range map[string]string{
			"HTTPS_PROXY": "https://licences.example", "https_proxy": "https://licences.example", "HTTP_PROXY": "http://licences.example",
			"ALL_PROXY": "https://licences.example", "all_proxy": "http://127.0.0.1:1",
		} {
			c := chooser(map[string]string{name: value}, Settings{From: "GNOME", Proxy: map[string]string{"https": "p:1"}})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			u, err := c.Proxy(req)
			setting, ok := errors.AsType[*SettingError](err)
			if u != nil || !ok || setting.Name != name || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s=%s: %v, %v", name, value, u, err)
			}
		}
	}
}

func TestBypass(t *testing.T) {
	for _, tt := range []struct {
		entries, host, port string
		want                bool
	}{
		{"", "a.example", "443", false},
		{"*", "a.example", "443", true},
		{"a.example", "a.example", "443", true},
		{"A.Example.", "a.example", "443", true},
		{"example", "a.example", "443", true},
		{"xample", "a.example", "443", false},
		{".example", "a.example", "443", true},
		{".a.example", "a.example", "443", false},
		{"*.example", "a.example", "443", true},
		{"*.example", "example", "443", false},
		{"a.example:443", "a.example", "443", true},
		{"a.example:80", "a.example", "443", false},
		{"https://a.example", "a.example", "443", true},
		{"a*.example", "a1.example", "443", true},
		{"10.*", "10.1.2.3", "443", true},
		{"10.1.2.3", "10.1.2.3", "443", true},
		{"10.1.2.3", "10.1.2.30", "443", false},
		{"2.3", "10.1.2.3", "443", false},
		{"10.0.0.0/8", "10.1.2.3", "443", true},
		{"10.0.0.0/8", "11.1.2.3", "443", false},
		{"10.0.0.0/8", "a.example", "443", false},
		{"169.254/16", "169.254.7.7", "443", true},
		{"fd00::/8", "fd00::1", "443", true},
		{"[fd00::1]", "fd00::1", "443", true},
		{"[fd00::1]:443", "fd00::1", "443", true},
		{"fd00::1", "fd00::1", "443", true},
		{"fe80::/10", "fe80::1%eth0", "443", true},
		{"<local>", "server", "443", true},
		{"<local>", "a.example", "443", false},
		{"<local>", "10.1.2.3", "443", false},
		{"[", "a.example", "443", false},
		{"x,y z;a.example", "a.example", "443", true},
	} {
		entries := strings.FieldsFunc(tt.entries, func(r rune) bool { return strings.ContainsRune(", ;", r) })
		if got := bypassed(entries, tt.host, tt.port); got != tt.want {
			t.Errorf("%q for %s:%s: %v", tt.entries, tt.host, tt.port, got)
		}
	}
}

// The application's choice comes before the environment's, and that before the
// system's.
func TestOrder(t *testing.T) {
	const target = "https://licences.example"
	s := Settings{From: "GNOME", Proxy: map[string]string{"https": "desktop:1"}, Except: []string{"*.local"}}
	vars := map[string]string{"HTTPS_PROXY": "environment:1"}
	c := chooser(vars, s)
	c.App = func(*http.Request) (*url.URL, error) { return url.Parse("http://application:1") }
	for _, want := range []string{"http://application:1", "http://environment:1", "http://desktop:1"} {
		got, err := c.Choose(t.Context(), target)
		if err != nil || Address(got.URL) != want {
			t.Errorf("%+v, %v; want %s", got, err, want)
		}
		if c.App != nil {
			c.App = nil
		} else {
			delete(vars, "HTTPS_PROXY")
		}
	}
	if got, err := c.Choose(t.Context(), "https://nas.local"); err != nil || got.URL != nil || got.From != "GNOME" {
		t.Errorf("excepted: %+v, %v", got, err)
	}
	if got, err := c.Choose(t.Context(), "https://localhost"); err != nil || got.URL != nil {
		t.Errorf("this computer: %+v, %v", got, err)
	}
	vars["NO_PROXY"] = "licences.example"
	if got, err := c.Choose(t.Context(), target); err != nil || got.URL != nil || got.From != "NO_PROXY" {
		t.Errorf("NO_PROXY: %+v, %v", got, err)
	}
	c.App = func(*http.Request) (*url.URL, error) { return nil, nil } // none at all
	if got, err := c.Choose(t.Context(), target); err != nil || got.URL != nil || got.From != ofApplication {
		t.Errorf("none: %+v, %v", got, err)
	}
}

func TestTheApplicationsChoiceIsChecked(t *testing.T) {
	for name, app := range map[string]func(*http.Request) (*url.URL, error){
		"an error": func(*http.Request) (*url.URL, error) { return nil, errors.New("http://ann:s3cret@p") },
		"a scheme": func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "s3cret", Host: "p"}, nil },
		"no host":  func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Path: "s3cret"}, nil },
		"a path":   func(*http.Request) (*url.URL, error) { return url.Parse("http://s3cret/b") },
		"a query":  func(*http.Request) (*url.URL, error) { return url.Parse("http://p?s3cret") },
	} {
		got, err := (&Chooser{App: app}).Choose(t.Context(), "https://licences.example")
		if _, ok := errors.AsType[*SettingError](err); !ok || got.URL != nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// The system is asked once in a while, never for longer than its deadline, and
// what it said last stays when it cannot be read.
func TestTheSystemIsAskedOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, hang := 0, false
		c := chooser(nil, Settings{})
		c.system.read = func(ctx context.Context) (Settings, bool) {
			asked++
			if hang {
				<-ctx.Done()
				return Settings{}, false
			}
			return Settings{From: "GNOME", Proxy: map[string]string{"https": "desktop:1"}}, true
		}
		ask := func() {
			t.Helper()
			if got, err := c.Choose(t.Context(), "https://licences.example"); err != nil || Address(got.URL) != "http://desktop:1" {
				t.Errorf("%+v, %v", got, err)
			}
		}
		ask()
		ask()
		if asked != 1 {
			t.Errorf("asked %d times at once", asked)
		}
		hang = true
		time.Sleep(readAgain)
		began := time.Now()
		ask()
		if took := time.Since(began); asked != 2 || took > readTimeout {
			t.Errorf("asked %d times, waited %v", asked, took)
		}
	})
}

func TestTheSystemsSOCKSProxy(t *testing.T) {
	c := chooser(nil, Settings{From: "Windows", Proxy: map[string]string{"http": "a:1", "socks": "b:2"}, Except: []string{"licences.example:8443"}})
	for target, want := range map[string]string{
		"https://licences.example": "socks5://b:2", "http://licences.example": "http://a:1",
		"https://licences.example:8443": "", "http://licences.example:8443": "",
	} {
		if got, err := c.Choose(t.Context(), target); err != nil || Address(got.URL) != want {
			t.Errorf("%s: %+v, %v; want %q", target, got, err, want)
		}
	}
}

func TestScript(t *testing.T) {
	c := chooser(nil, Settings{From: "Windows", Script: "http://wpad/wpad.dat"})
	got, err := c.Choose(t.Context(), "https://licences.example")
	if err != nil || got.URL != nil || got.Script != "http://wpad/wpad.dat" || got.From != "Windows" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestADamagedSystemSettingIsTold(t *testing.T) {
	c := chooser(nil, Settings{From: "Windows", Proxy: map[string]string{"https": "s3cret p"}})
	got, err := c.Choose(t.Context(), "https://licences.example")
	if err == nil || got.URL != nil || !strings.Contains(err.Error(), "Windows") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%+v, %v", got, err)
	}
}
