package slasconetest_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestStateSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	cfg := slasconetest.Config{StateFile: file, Now: func() time.Time { return start }, Licenses: []slasconetest.License{
		{Key: slasconetest.DemoLicense, Floating: true, LegacyKey: "OLD", Choices: []slasconetest.Choice{{Name: "A", Values: []string{"b"}}}},
		{Name: "without a key of its own"},
	}, Products: []slasconetest.Product{{Name: "without an ID of its own"}}}
	first := slasconetest.New(cfg) // with a key of its own
	c := call(t, first)
	product := func(r *wire.ActivationRequest) { r.ProductID = first.Products()[0].ID }
	c.want(c.activate(slasconetest.DemoLicense, "one", product), 200)
	c.want(c.session(pathSessionOpen, slasconetest.DemoLicense, "one", sessionA), 200)
	first.IssueToken(slasconetest.DemoLicense)
	first.Suspend("one", start.Add(time.Minute))
	first.Advance(2 * time.Minute)
	wantKey, wantClients, wantSessions, wantLicenses := first.PublicKeyPEM(), first.Clients(), first.Sessions(), first.Licenses()
	wantTokens, wantProducts := first.Tokens(slasconetest.DemoLicense), first.Products()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if stat, err := os.Stat(file); err != nil || stat.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		t.Errorf("state file: %v, %v", stat, err)
	}

	second := slasconetest.New(cfg)
	defer second.Close()
	if second.PublicKeyPEM() != wantKey {
		t.Error("the key changed")
	}
	if !second.Now().Equal(start.Add(2 * time.Minute)) {
		t.Errorf("clock %v", second.Now())
	}
	for name, pair := range map[string][2]any{
		"clients":  {second.Clients(), wantClients},
		"sessions": {second.Sessions(), wantSessions},
		"licences": {second.Licenses(), wantLicenses},
		"tokens":   {second.Tokens(slasconetest.DemoLicense), wantTokens},
		"products": {second.Products(), wantProducts},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %+v; want %+v", name, pair[0], pair[1])
		}
	}
	c = call(t, second)
	c.want(c.activate(slasconetest.DemoLicense, "one", product), 200)
	c.want(c.session(pathSessionClose, slasconetest.DemoLicense, "one", sessionA), 200)
}

func TestStateThatCannotBeRead(t *testing.T) {
	good := slasconetest.Config{Key: testKey(), StateFile: filepath.Join(t.TempDir(), "good.json")}
	s := slasconetest.New(good)
	s.AddLicense(slasconetest.License{Name: "kept"})
	if err := s.SaveState(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(good.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"torn":          string(data[:len(data)/2]),
		"unknown field": strings.Replace(string(data), `"clock_offset"`, `"clock_ofset"`, 1),
		"other format":  strings.Replace(string(data), `"format":1`, `"format":2`, 1),
		"no key":        strings.Replace(string(data), "BEGIN PRIVATE KEY", "BEGIN", 1),
		"empty":         "",
	} {
		if err := os.WriteFile(good.StateFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.LoadState(); err == nil || !strings.Contains(err.Error(), good.StateFile) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := slasconetest.NewUnstarted(good); err == nil {
			t.Errorf("%s: a server started on it", name)
		}
		if got := s.Licenses(); len(got) != 1 || got[0].Name != "kept" {
			t.Errorf("%s: the state changed to %+v", name, got)
		}
	}
	if err := s.Close(); err != nil { // writes it anew
		t.Fatal(err)
	}
	if err := s.LoadState(); err != nil {
		t.Error(err)
	}
}

func TestReset(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) {
		cfg.Licenses = []slasconetest.License{{Key: slasconetest.DemoLicense}}
	})
	c := call(t, s)
	s.AddLicense(slasconetest.License{})
	c.want(c.activate(slasconetest.DemoLicense, "one"), 200)
	s.Advance(time.Hour)
	s.Outage(true)
	s.Reset()
	if !s.Now().Equal(start) || len(s.Licenses()) != 1 || len(s.Clients()) != 0 || len(s.Requests()) != 0 {
		t.Errorf("left: %v, %v, %v", s.Now(), s.Licenses(), s.Clients())
	}
	c.want(c.heartbeat("one"), 2006)
}

func TestConfigurationThatMakesNoSense(t *testing.T) {
	for name, cfg := range map[string]slasconetest.Config{
		"isv":             {ISV: "x"},
		"suspended":       {SuspendedConflict: -1},
		"activation":      {SecondActivation: -1},
		"balance":         {Balance: "half"},
		"signing":         {Signing: "dsa"},
		"hmac key":        {Signing: slasconetest.SigningHMAC},
		"licence key":     {Key: testKey(), Licenses: []slasconetest.License{{Key: "x"}}},
		"unknown product": {Key: testKey(), Licenses: []slasconetest.License{{ProductID: slasconetest.DemoISV}}},
		"twice":           {Key: testKey(), Licenses: []slasconetest.License{{LegacyKey: "a"}, {LegacyKey: "A"}}},
		"limit":           {Key: testKey(), Licenses: []slasconetest.License{{TokenLimit: new(-1)}}},
		"amount":          {Key: testKey(), Licenses: []slasconetest.License{{Limitations: []slasconetest.Limitation{{Value: "1e999999999"}}}}},
		"reset mode":      {Key: testKey(), Licenses: []slasconetest.License{{Limitations: []slasconetest.Limitation{{Reset: 6}}}}},
		"period":          {Key: testKey(), Licenses: []slasconetest.License{{Limitations: []slasconetest.Limitation{{Reset: slasconetest.ResetPeriodically}}}}},
		"user":            {Key: testKey(), Licenses: []slasconetest.License{{Users: []slasconetest.User{{}}}}},
		"heartbeat type":  {Key: testKey(), Products: []slasconetest.Product{{HeartbeatTypes: []string{"x"}}}},
	} {
		if s, err := slasconetest.NewUnstarted(cfg); err == nil {
			s.Close()
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestCallersShareNothingWithTheServer(t *testing.T) {
	s := server(t)
	limit := 1
	lic := s.AddLicense(slasconetest.License{TokenLimit: &limit, Features: []slasconetest.Feature{{Name: "A"}}})
	limit, *lic.TokenLimit, lic.Features[0].Name = 2, 3, "B"
	got, _ := s.License(lic.Key)
	got.Features[0].Name = "C"
	if got, _ := s.License(lic.Key); *got.TokenLimit != 1 || got.Features[0].Name != "A" {
		t.Errorf("licence %+v", got)
	}
}
