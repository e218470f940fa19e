package agent

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// Each wrong setting gives an error that names it, and nothing is written.
func TestConfigErrors(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no URL":            {func(c *Config) { c.ServerURL = "" }, "server URL"},
		"URL without host":  {func(c *Config) { c.ServerURL = "licences" }, "server URL"},
		"no ISV":            {func(c *Config) { c.ISVID = "" }, "ISV ID"},
		"no product":        {func(c *Config) { c.ProductID = "7" }, "product ID"},
		"no key":            {func(c *Config) { c.ProvisioningKey = " " }, "provisioning key"},
		"key with a break":  {func(c *Config) { c.ProvisioningKey = "a\nb" }, "provisioning key"},
		"no signature":      {func(c *Config) { c.Signature = Signature{} }, "public key"},
		"two signatures":    {func(c *Config) { c.Signature.None = true }, "exclude"},
		"three signatures":  {func(c *Config) { c.Signature.None, c.Signature.SharedKey = true, "x" }, "exclude"},
		"broken public key": {func(c *Config) { c.Signature.PublicKey = []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n") }, "key"},
		"bad cron spec":     {func(c *Config) { c.Heartbeat = "every now and then" }, "every now and then"},
		"bad policy":        {func(c *Config) { c.Policy = &enforcement.Policy{DefaultFreeride: -1} }, "policy"},
		"bad store":         {func(c *Config) { c.Store = "cloud" }, "cloud"},
		"client and proxy":  {func(c *Config) { c.HTTPClient, c.Proxy = http.DefaultClient, http.ProxyFromEnvironment }, "proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configFor(t, srv)
			cfg.StateDir = filepath.Join(cfg.StateDir, "state")
			tt.change(&cfg)
			a, err := New(cfg)
			if err == nil {
				a.Close(context.Background())
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), srv.ProvisioningKey()) {
				t.Errorf("error %q does not name %q", err, tt.want)
			}
			if _, err := os.Stat(cfg.StateDir); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// All that is missing is named at once.
func TestMissingSettings(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	full := configFor(t, srv)
	for name, tt := range map[string]struct {
		cfg  Config
		want []string
	}{
		"everything": {Config{}, []string{"server URL", "ISV ID", "product ID", "provisioning key", "application's name", "application's version", "public key"}},
		"App":        {Config{ServerURL: full.ServerURL, ISVID: full.ISVID, ProductID: full.ProductID, ProvisioningKey: full.ProvisioningKey, Signature: full.Signature}, []string{"application's name", "application's version"}},
		"some":       {Config{ServerURL: full.ServerURL, App: App{Name: "Sketch"}, Signature: full.Signature}, []string{"ISV ID", "product ID", "provisioning key", "application's version"}},
	} {
		_, err := New(tt.cfg)
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		for _, setting := range tt.want {
			if !strings.Contains(err.Error(), setting) {
				t.Errorf("%s: %q does not name %s", name, err, setting)
			}
		}
		if n := strings.Count(err.Error(), ", "); n != len(tt.want)-1 {
			t.Errorf("%s: %q names %d settings, want %d", name, err, n+1, len(tt.want))
		}
	}
}

func TestUserAgent(t *testing.T) {
	for _, tt := range []struct {
		app  App
		want string
	}{
		{App{}, "leasehold"},
		{App{Name: "Sketch", Version: "1.4.2"}, "Sketch/1.4.2 leasehold"},
		{App{Name: "Größe und\r\nMaß", Version: "1"}, "Gr--e-und--Ma-/1 leasehold"},
	} {
		if got := userAgent(tt.app); got != tt.want {
			t.Errorf("userAgent(%+v) = %q, want %q", tt.app, got, tt.want)
		}
	}
}

// The three ways of signing, each through the whole agent.
func TestSignatures(t *testing.T) {
	for name, tt := range map[string]struct {
		server slasconetest.Config
		client func(*slasconetest.Server) Signature
	}{
		"rsa pem": {slasconetest.Config{}, func(s *slasconetest.Server) Signature { return Signature{PublicKey: []byte(s.PublicKeyPEM())} }},
		"rsa xml": {slasconetest.Config{}, func(s *slasconetest.Server) Signature { return Signature{PublicKey: []byte(s.PublicKeyXML())} }},
		"hmac":    {slasconetest.Config{Signing: slasconetest.SigningHMAC, HMACKey: "secret"}, func(*slasconetest.Server) Signature { return Signature{SharedKey: "secret"} }},
		"none":    {slasconetest.Config{Signing: slasconetest.SigningNone}, func(*slasconetest.Server) Signature { return Signature{None: true} }},
		"no nonce": {slasconetest.Config{NoNonceSignatures: true}, func(s *slasconetest.Server) Signature {
			return Signature{PublicKey: []byte(s.PublicKeyPEM()), AllowMissingNonce: true}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, tt.server)
			lic := srv.AddLicense(slasconetest.License{})
			cfg := configFor(t, srv)
			cfg.Signature = tt.client(srv)
			a := newAgent(t, cfg)
			if _, err := a.Activate(t.Context(), lic.Key); err != nil {
				t.Fatal(err)
			}
			a.Close(t.Context())
			expect(t, newAgent(t, cfg).Decision(), enforcement.Active, enforcement.NoCause)
		})
	}
}

// An unsigned 409 locks nobody, unless it was asked for.
func TestUnsignedConflicts(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		srv := newServer(t, slasconetest.Config{UnsignedConflicts: true})
		lic := srv.AddLicense(slasconetest.License{Freeride: new(7)})
		cfg := configFor(t, srv)
		cfg.Signature.AllowUnsignedConflicts = allowed
		a := newAgent(t, cfg)
		if _, err := a.Activate(t.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		srv.ForgetClient(a.ClientID())
		d, err := a.Heartbeat(t.Context())
		e, _ := errors.AsType[*Error](err)
		switch {
		case allowed:
			expect(t, d, enforcement.Locked, enforcement.NotActivated)
		case e == nil || e.Kind != KindIntegrity:
			t.Errorf("error %v", err)
		default:
			expect(t, d, enforcement.Active, enforcement.NoCause)
		}
	}
}

func TestNoDeviceID(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	cfg := configFor(t, srv)
	cfg.DeviceID = "   "
	a, err := New(cfg)
	if err == nil {
		defer a.Close(t.Context())
		if strings.TrimSpace(a.ClientID()) == "" {
			t.Error("the client ID is blank")
		}
		return
	}
	if !errors.Is(err, device.ErrNoDeviceID) && !strings.Contains(err.Error(), "device ID") {
		t.Errorf("error %v", err)
	}
}

func TestIdentifyIsWhatNewFinds(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	cfg := configFor(t, srv)
	cfg.UserID = "ada@example.com"
	id, err := Identify(t.Context(), Config{ISVID: cfg.ISVID, ProductID: cfg.ProductID, DeviceID: cfg.DeviceID, UserID: cfg.UserID, StateDir: cfg.StateDir, Store: storage.KindFile})
	if err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, cfg)
	if id.ClientID != a.ClientID() || id.Identity.ID != a.Device().ID || id.Drift != nil {
		t.Errorf("Identify says %+v, New %q", id, a.ClientID())
	}
}
