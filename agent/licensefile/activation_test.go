package licensefile

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

func TestVerifyActivation(t *testing.T) {
	cfg := testConfig()
	l, err := VerifyLicense(signed(sampleLicense), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ClientID = strings.ToLower(clientID)
	for name, file := range map[string][]byte{
		"as issued":         signed(sampleActivation),
		"key in upper case": signed(edit(t, sampleActivation, keyID, strings.ToUpper(keyID))),
		"newer server":      signed(edit(t, sampleActivation, "<token_key>", "<new_thing><token_key>x</token_key></new_thing><token_key>")),
	} {
		t.Run(name, func(t *testing.T) {
			a, err := VerifyActivation(file, l, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.EqualFold(a.LicenseKey(), keyID) || a.TokenKey() != "d0000000-0000-4000-8000-000000000001" || a.ClientID() != clientID ||
				!a.At().Equal(time.Date(2026, 10, 2, 13, 12, 50, 302982600, time.UTC)) {
				t.Errorf("got %+v", a)
			}
			full := a.License()
			if full.TokenKey() != a.TokenKey() || full.ClientID() != clientID || full.Key() != keyID || NeedsActivation(full) ||
				!full.FromFile() || !full.IssuedAt().Equal(l.IssuedAt()) || len(full.Features()) != 6 {
				t.Errorf("the completed licence is %+v", full.Terms())
			}
			if l.TokenKey() != "" || !NeedsActivation(l) {
				t.Error("the licence itself was changed")
			}
		})
	}
}

func TestVerifyActivationRefuses(t *testing.T) {
	cfg := testConfig()
	l, err := VerifyLicense(signed(sampleLicense), cfg)
	if err != nil {
		t.Fatal(err)
	}
	date := "<activation_date_utc>2026-10-02T13:12:50.3029826Z</activation_date_utc>"
	for name, test := range map[string]struct {
		file []byte
		want Check
	}{
		"empty":            {nil, CheckSize},
		"cut short":        {signed(sampleActivation)[:600], CheckFormat},
		"licence file":     {signed(sampleLicense), CheckRoot},
		"tampered":         {bytes.Replace(signed(sampleActivation), []byte(clientID), []byte("other"), 1), CheckSignature},
		"no token":         {signed(strings.NewReplacer("<token_key>", "<x>", "</token_key>", "</x>").Replace(sampleActivation)), CheckContent},
		"no date":          {signed(edit(t, sampleActivation, date, "")), CheckContent},
		"token twice":      {signed(edit(t, sampleActivation, "<token_key>", "<token_key></token_key><token_key>")), CheckContent},
		"other client":     {signed(edit(t, sampleActivation, clientID, "other")), CheckClient},
		"other licence":    {signed(edit(t, sampleActivation, keyID, "other")), CheckLicenseKey},
		"both are another": {signed(edit(t, edit(t, sampleActivation, clientID, "other"), keyID, "other")), CheckClient},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := VerifyActivation(test.file, l, cfg)
			wantCheck(t, err, test.want)
			if a != (Activation{}) {
				t.Error("a refused file left an activation")
			}
		})
	}
}

func TestVerifyActivationNeedsALicenseFile(t *testing.T) {
	online := grant.License(verified.By(verified.Heartbeat, time.Now()), license.Terms{Key: keyID})
	for _, l := range []license.License{{}, online} {
		if _, err := VerifyActivation(signed(sampleActivation), l, testConfig()); err == nil || !strings.Contains(err.Error(), "import that first") {
			t.Errorf("got %v", err)
		}
		if NeedsActivation(l) {
			t.Error("no licence file, yet an activation is needed")
		}
	}
}
