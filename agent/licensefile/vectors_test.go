package licensefile

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// vector reads a file that the real service signed. The files are not part of
// this repository: their redistribution terms are unknown.
func vector(t testing.TB, name string) []byte {
	t.Helper()
	dir := os.Getenv("LEASEHOLD_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("the real service's vectors are not here (set LEASEHOLD_VECTORS): %v", err)
	}
	return data
}

// demoConfig fits the vectors: the service's demo account.
func demoConfig(t testing.TB) Config {
	t.Helper()
	block, _ := pem.Decode(vector(t, "demo-public-key.pem"))
	if block == nil {
		t.Fatal("the demo account's public key is not PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Key:             key.(*rsa.PublicKey),
		ProductID:       "47DF1DF5-BBC8-4B1B-A185-58DDFB1D3271",
		ClientID:        "24a43fcc-3674-0b19-a95f-047c160137e5",
		Now:             time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		SoftwareVersion: "24.9.7",
	}
}

func TestRealLicense(t *testing.T) {
	cfg := demoConfig(t)
	l, err := VerifyLicense(vector(t, "license-2026.xml"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	terms := l.Terms()
	if terms.Customer.Company != "Factor GmbH" || terms.ReleaseLimit != "24" || len(terms.Features) != 9 ||
		len(terms.Limitations) != 2 || terms.Limitations[0].Value.String() != "5" || len(terms.Choices) != 2 ||
		len(terms.Choices[0].Values) != 2 || terms.Variables[0].Value != "blue" || *terms.FreerideDays != 3 ||
		terms.FloatingTokenLimit != nil || !terms.Expires.Equal(time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("terms are %+v", terms)
	}
	if want := time.Date(2026, 4, 29, 9, 35, 5, 431860000, time.UTC); !l.IssuedAt().Equal(want) {
		t.Errorf("issued at %v; want %v", l.IssuedAt(), want)
	}
	if !NeedsActivation(l) {
		t.Error("the licence names no client, yet needs no activation")
	}

	a, err := VerifyActivation(vector(t, "activation.xml"), l, cfg)
	if err != nil {
		t.Fatal(err)
	}
	full := a.License()
	if full.TokenKey() != "4e420432-8ba4-439c-98b3-7929f33d5e87" || full.Key() != l.Key() || NeedsActivation(full) || !full.FromFile() {
		t.Errorf("the activated licence is %+v", full.Terms())
	}
}

func TestRealTamperedLicense(t *testing.T) {
	_, err := VerifyLicense(vector(t, "license-2026-tampered.xml"), demoConfig(t))
	wantCheck(t, err, CheckSignature)
}

func TestRealCanonicalForms(t *testing.T) {
	for file, want := range map[string]string{"license-2026": "license-2026.c14n.xml", "activation": "activation.c14n.xml"} {
		d, err := parse(vector(t, file+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.signature()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.canonical(nil, root, s.at, nil); string(got) != string(vector(t, "canonical/"+want)) {
			t.Errorf("the canonical form of %s is %s", file, got)
		}
		if file == "license-2026" {
			if got := d.canonical(nil, s.signedInfo, -1, d.scope(s.at)); string(got) != string(vector(t, "canonical/license-2026.signedinfo.c14n.xml")) {
				t.Errorf("the canonical form of its SignedInfo is %s", got)
			}
		}
	}
}
