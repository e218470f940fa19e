package licensefile

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorMatches(t *testing.T) {
	reason := errors.New("the reason; what to do")
	var err error = &Error{LicenseFile, CheckExpiry, reason}
	if !errors.Is(err, CheckExpiry) || errors.Is(err, CheckStart) || !errors.Is(err, reason) {
		t.Errorf("%v matches the wrong things", err)
	}
	if got, want := err.Error(), "licensefile: licence file: expiry: the reason; what to do"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for c := CheckSize; c <= CheckLicenseKey; c++ {
		if name := c.String(); name == "" || seen[name] {
			t.Errorf("check %d is called %q", c, name)
		}
		seen[c.String()] = true
	}
	for c, want := range map[Check]string{0: "check 0", CheckLicenseKey: "licence key", CheckLicenseKey + 1: "check 12"} {
		if c.String() != want || c.Error() != "check failed: "+want {
			t.Errorf("check %d is called %q, %q", uint8(c), c.String(), c.Error())
		}
	}
	for k, want := range map[Kind]string{UnknownFile: "unknown file", LicenseFile: "licence file", ActivationFile: "activation file"} {
		if k.String() != want {
			t.Errorf("kind %d is called %q", k, k)
		}
	}
}

// A file of the other kind is told in a sentence that can be read.
func TestTheOtherKindOfFile(t *testing.T) {
	cfg := testConfig()
	if _, err := VerifyLicense(signed(sampleActivation), cfg); err == nil || !strings.Contains(err.Error(), "not the root element of a licence file") {
		t.Errorf("%v", err)
	}
	held, err := VerifyLicense(signed(sampleLicense), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyActivation(signed(sampleLicense), held, cfg); err == nil || !strings.Contains(err.Error(), "not the root element of an activation file") {
		t.Errorf("%v", err)
	}
}
