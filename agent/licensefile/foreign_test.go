package licensefile

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What is no licence file is called that, and not one without a signature.
func TestForeignFiles(t *testing.T) {
	for name, data := range map[string]string{
		"XML":             "<junk/>",
		"XML, nested":     `<?xml version="1.0"?><License><key>x</key></License>`,
		"HTML":            "<html><body>Sign in</body></html>",
		"HTML, a page":    "<!DOCTYPE html>\n<html><body><br>Sign in</body></html>",
		"words":           "hello",
		"JSON":            `{"license_key":"x"}`,
		"PDF":             "%PDF-1.4 \xe2\xe3",
		"ZIP":             "PK\x03\x04....",
		"gzip":            "\x1f\x8b\x08....",
		"PEM":             "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"XML, cut off":    "<junk",
		"a configuration": `<configuration><appSettings/></configuration>`,
	} {
		t.Run(name, func(t *testing.T) {
			report, err := Inspect([]byte(data), Config{Key: &signingKey().PublicKey})
			if err != nil {
				t.Fatal(err)
			}
			_, err = VerifyLicense([]byte(data), Config{Key: &signingKey().PublicKey, ProductID: "p", ClientID: "c", Now: time.Now()})
			for _, err := range []error{report.Err(), err} {
				if err == nil || !strings.Contains(err.Error(), "not a licence or activation file") || errors.Is(err, CheckSignature) {
					t.Errorf("%v", err)
				}
			}
			for _, s := range report.Steps {
				if s.Check == CheckSignature && !s.Skipped {
					t.Errorf("its signature is said to have been checked: %v", s.Err)
				}
			}
		})
	}
}

// A damaged file of ours is not called foreign.
func TestDamagedFilesAreOurs(t *testing.T) {
	for name, data := range map[string]string{
		"cut off": sampleLicense[:200],
		"UTF-16":  "\xff\xfe" + strings.Join(strings.Split(sampleLicense, ""), "\x00") + "\x00",
	} {
		report, err := Inspect([]byte(data), Config{Key: &signingKey().PublicKey})
		if err != nil || report.Err() == nil || strings.Contains(report.Err().Error(), "not a licence") {
			t.Errorf("%s: %v, %v", name, report.Err(), err)
		}
	}
}
