package agent

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/armor"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// outcome lists the steps with what became of each.
func outcome(list []CheckResult) string {
	var steps []string
	for _, c := range list {
		steps = append(steps, c.Name+" "+string(c.Result))
	}
	return strings.Join(steps, ", ")
}

func adviceOf(list []CheckResult, name string) string {
	for _, c := range list {
		if c.Name == name {
			return c.Detail + "; " + c.Advice
		}
	}
	return ""
}

func TestCheck(t *testing.T) {
	const allWell = "proxy passed, name passed, connection passed, tls skipped, server passed, key passed, signature passed, clock passed, keyring skipped, folder passed"
	for _, tt := range []struct {
		name   string
		change func(*testing.T, *slasconetest.Server, *Config)
		want   string
		step   string // whose detail and advice say
		says   string
	}{
		{"all is well", nil, allWell, "server", "it answers"},
		{"the server is down", func(_ *testing.T, srv *slasconetest.Server, _ *Config) { srv.Outage(true) },
			"proxy passed, name passed, connection passed, tls skipped, server failed, key skipped, signature skipped, clock skipped, keyring skipped, folder passed", "server", "cannot be reached"},
		{"the key is refused", func(_ *testing.T, _ *slasconetest.Server, c *Config) { c.ProvisioningKey = "another" },
			"proxy passed, name passed, connection passed, tls skipped, server passed, key failed, signature skipped, clock skipped, keyring skipped, folder passed", "key", "check the provisioning key"},
		{"the signature is another's", func(t *testing.T, _ *slasconetest.Server, c *Config) {
			other := slasconetest.New(slasconetest.Config{})
			t.Cleanup(func() { other.Close() })
			c.Signature.PublicKey = []byte(other.PublicKeyPEM())
		}, "proxy passed, name passed, connection passed, tls skipped, server passed, key passed, signature failed, clock skipped, keyring skipped, folder passed", "signature", "signature.mode"},
		{"the clock is wrong", func(_ *testing.T, srv *slasconetest.Server, c *Config) {
			c.Now = func() time.Time { return time.Now().Add(26*time.Hour + time.Minute) }
		}, strings.Replace(allWell, "clock passed", "clock failed", 1), "clock", "it is ahead of the server's by 1 d 2 h; set the date"},
		{"nothing listens", func(_ *testing.T, _ *slasconetest.Server, c *Config) { c.ServerURL = "http://127.0.0.1:9" },
			"proxy passed, name passed, connection failed, tls skipped, server failed, key skipped, signature skipped, clock skipped, keyring skipped, folder passed", "connection", "does not take a connection"},
		{"the keyring does not answer", func(_ *testing.T, _ *slasconetest.Server, c *Config) {
			c.Store, c.Keyring = storage.KindAuto, brokenRing{}
		}, strings.Replace(allWell, "keyring skipped", "keyring failed", 1), "keyring", "locked; unlock the keyring"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{})
			cfg := configFor(t, srv)
			if tt.change != nil {
				tt.change(t, srv, &cfg)
			}
			a := newAgent(t, cfg)
			before := a.Decision()
			got := a.Check(t.Context())
			if outcome(got) != tt.want {
				t.Errorf("got  %s\nwant %s", outcome(got), tt.want)
			}
			if said := adviceOf(got, tt.step); !strings.Contains(said, tt.says) {
				t.Errorf("%s says %q, want %q in it", tt.step, said, tt.says)
			}
			for _, c := range got {
				if (c.Result == Failed) != (c.Advice != "") {
					t.Errorf("%s %s has the advice %q", c.Name, c.Result, c.Advice)
				}
			}
			if a.Decision() != before {
				t.Errorf("the check has changed the decision: %v, was %v", a.Decision(), before)
			}
			if left, _ := filepath.Glob(filepath.Join(a.folder, "check-*")); len(left) > 0 {
				t.Errorf("the check has left %v", left)
			}
			d := a.Diagnose()
			d.Checks = got
			if page := d.String(); strings.Contains(page, cfg.ProvisioningKey) && cfg.ProvisioningKey != "another" {
				t.Errorf("the report has the provisioning key:\n%s", page)
			}
		})
	}
}

type brokenRing struct{}

var errLocked = errors.New("the keyring is locked")

func (brokenRing) Get(string, string) (string, error) { return "", errLocked }
func (brokenRing) Set(string, string, string) error   { return errLocked }
func (brokenRing) Delete(string, string) error        { return errLocked }

func TestCheckTLS(t *testing.T) {
	srv := newServer(t, slasconetest.Config{TLS: true})
	cfg := configFor(t, srv)
	a := newAgent(t, cfg)
	got := a.Check(t.Context())
	if said := adviceOf(got, "tls"); !strings.Contains(said, "ca_file") || !strings.Contains(outcome(got), "tls failed") {
		t.Errorf("a certificate that nobody knows: %s; %q", outcome(got), said)
	}
	roots, err := armor.Certificates([]byte(srv.CertificatePEM()))
	if err != nil {
		t.Fatal(err)
	}
	cfg.RootCAs, cfg.StateDir = roots, stateDir(t)
	a = newAgent(t, cfg)
	got = a.Check(t.Context())
	if said := adviceOf(got, "tls"); !strings.Contains(outcome(got), "tls passed") || !strings.Contains(said, "which the settings add") {
		t.Errorf("a certificate of the settings: %s; %q", outcome(got), said)
	}
}

func TestInterceptor(t *testing.T) {
	named := func(name string) *x509.Certificate { return &x509.Certificate{Subject: pkix.Name{CommonName: name}} }
	for name, want := range map[string]string{"Zscaler Root CA": "Zscaler", "DigiCert Global Root G2": "", "FortiGate CA": "FortiGate"} {
		if got := interceptor([][]*x509.Certificate{{named("api.example"), named(name)}}); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// What a report says is told in JSON with every member, no instant of the year 1,
// and no key, whatever the state is.
func TestReportIsComplete(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	l := srv.AddLicense(slasconetest.License{Name: "Pro", Floating: true, FloatingTokenLimit: new(1), Expires: time.Now().Add(time.Hour), Features: []slasconetest.Feature{{Name: "pdf"}}})
	cfg := configFor(t, srv)
	cfg.SettingsFrom = "test"
	a := newAgent(t, cfg)
	check := func(when string) {
		t.Helper()
		d := a.Diagnose()
		data, err := d.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(data), d.String()} {
			if strings.Contains(text, "0001-01-01") || strings.Contains(text, l.Key) || strings.Contains(text, cfg.ProvisioningKey) ||
				strings.Contains(strings.ToLower(text), strings.ToLower(a.License().TokenKey())) && a.License().TokenKey() != "" {
				t.Errorf("%s: the report has a key or the year 1: %s", when, text)
			}
		}
		for _, member := range []string{"license", "last_error", "proxy", "coming", "until", "since", "findings", "kept_device_id", "store_reason", "checks", "likely_cause", "next_check_due"} {
			if !strings.Contains(string(data), `"`+member+`":`) {
				t.Errorf("%s: there is no member %s in %s", when, member, data)
			}
		}
		for line := range strings.Lines(d.String()) {
			if n := len([]rune(line)); n > 130 {
				t.Errorf("%s: a line has %d characters: %s", when, n, line)
			}
		}
	}
	check("new")
	if _, err := a.Activate(t.Context(), l.Key); err != nil {
		t.Fatal(err)
	}
	check("active")
	srv.Outage(true)
	if _, err := a.Heartbeat(t.Context()); err == nil {
		t.Fatal("the server answers")
	}
	check("silence")
	if f := a.Diagnose().LastFailure; f == nil || f.Op != "heartbeat" || f.Kind != KindSilence || f.Message == "" {
		t.Errorf("the last failure is %+v", f)
	}
	// A new process knows it too.
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	a = newAgent(t, cfg)
	if f := a.Diagnose().LastFailure; f == nil || f.Op != "heartbeat" || f.Kind != KindSilence || !strings.Contains(f.Message, "cannot be reached") {
		t.Errorf("after a restart the last failure is %+v", f)
	}
	srv.Outage(false)
	if _, err := a.Heartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := a.Diagnose().LastFailure; f != nil {
		t.Errorf("after an answer the last failure is %+v", f)
	}
	if d := a.Diagnose(); d.Decision.State != enforcement.Active && d.LikelyCause() == "nothing is wrong here" {
		t.Errorf("%v has no likely cause", d.Decision)
	}
}

// A server's text cannot break the page.
func TestPageIsAligned(t *testing.T) {
	var p page
	p.row("a", "one\ntwo\x1b[31m\tthree")
	p.row("longer", strings.Repeat("word ", 40))
	p.row("empty", "")
	want := "a       one two[31m three\nlonger  " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n        " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n"
	if got := p.text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
