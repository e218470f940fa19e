package licensefile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// outcome writes a report's steps as text: a check that passed as its name, one
// that failed with "!", one that was skipped with "-".
func outcome(r Report) string {
	var b strings.Builder
	for _, s := range r.Steps {
		switch {
		case s.Err != nil:
			b.WriteByte('!')
		case s.Skipped:
			b.WriteByte('-')
		}
		b.WriteString(s.Check.String() + " ")
	}
	return strings.TrimSpace(b.String())
}

func TestInspect(t *testing.T) {
	all := testConfig()
	onlyKey := Config{Key: all.Key}
	late := all
	late.Now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	late.ClientID = "other"
	late.SoftwareVersion = "24.2"
	other := all
	other.ProductID = "other"
	license, activation := signed(boundLicense(t)), signed(sampleActivation)
	for name, test := range map[string]struct {
		file []byte
		cfg  Config
		kind Kind
		want string
	}{
		"licence":              {license, all, LicenseFile, "size format signature root content product start expiry release client"},
		"licence, only key":    {license, onlyKey, LicenseFile, "size format signature root content -product -start -expiry -release -client"},
		"licence, all is late": {license, late, LicenseFile, "size format signature root content product start !expiry !release !client"},
		"other product":        {license, other, LicenseFile, "size format signature root content !product start expiry release client"},
		"activation":           {activation, all, ActivationFile, "size format signature root content client"},
		"activation, only key": {activation, onlyKey, ActivationFile, "size format signature root content -client"},
		"activation, other":    {activation, late, ActivationFile, "size format signature root content !client"},
		"empty":                {nil, all, UnknownFile, "!size"},
		"no XML":               {[]byte("PK\x03\x04"), all, UnknownFile, "size !format"},
		"other XML":            {[]byte("<html></html>"), all, UnknownFile, "size format -signature !root"},
		"other root":           {signed(strings.ReplaceAll(sampleLicense, "slascone_license_file", "other")), all, UnknownFile, "size format signature !root"},
		"tampered":             {bytes.Replace(license, []byte(">1000<"), []byte(">9000<"), 1), all, LicenseFile, "size format !signature"},
		"unsigned":             {[]byte(sampleActivation), all, ActivationFile, "size format !signature"},
		"unreadable":           {signed(edit(t, sampleLicense, ">14<", ">x<")), all, LicenseFile, "size format signature root !content"},
		"unreadable too":       {signed(edit(t, sampleActivation, "2026-10", "x")), all, ActivationFile, "size format signature root !content"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Inspect(test.file, test.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome(r); got != test.want || r.Kind != test.kind {
				t.Errorf("a %v: %s\nwant a %v: %s", r.Kind, got, test.kind, test.want)
			}
			failed := strings.Contains(test.want, "!")
			if (r.Err() != nil) != failed {
				t.Errorf("Err is %v", r.Err())
			}
			if failed {
				_, first, _ := strings.Cut(test.want, "!")
				first, _, _ = strings.Cut(first, " ")
				var e *Error
				if !errors.As(r.Err(), &e) || e.Check.String() != first || e.File != test.kind {
					t.Errorf("the first failure is %v; want %s", r.Err(), first)
				}
			}
			if read := strings.Contains(test.want, " content"); read != (r.Terms.Key == keyID) || read == r.Issued.IsZero() {
				t.Errorf("with %s the report says %+v of %v", test.want, r.Terms, r.Issued)
			}
		})
	}
}

func TestInspectSaysForWhomAndUntilWhen(t *testing.T) {
	r, err := Inspect(signed(sampleActivation), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	if r.Terms.ClientID != clientID || r.Terms.TokenKey == "" || r.Issued.Year() != 2026 {
		t.Errorf("got %+v", r)
	}
	r, err = Inspect(signed(sampleLicense), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	if r.Terms.Customer.Company == "" || r.Terms.Expires.Year() != 2027 || !r.Issued.Equal(time.Date(2026, 10, 1, 8, 30, 0, 123450000, time.UTC)) {
		t.Errorf("got %+v", r)
	}
}

func TestInspectNeedsAKey(t *testing.T) {
	if _, err := Inspect(signed(sampleLicense), Config{}); err == nil || !strings.Contains(err.Error(), "Config.Key") {
		t.Errorf("got %v", err)
	}
}

// Only a licence file that is in order and names no client takes an activation file.
func TestReportNeedsActivation(t *testing.T) {
	cfg := testConfig()
	unbound := signed(sampleLicense)
	for name, tt := range map[string]struct {
		file []byte
		want bool
	}{
		"a licence file for any client": {unbound, true},
		"for this client":               {signed(boundLicense(t)), false},
		"that was changed":              {bytes.Replace(unbound, []byte(">1000<"), []byte(">9000<"), 1), false},
		"an activation file":            {signed(sampleActivation), false},
		"something else":                {[]byte("<html></html>"), false},
		"nothing":                       {nil, false},
	} {
		r, _ := Inspect(tt.file, cfg)
		if got := r.NeedsActivation(); got != tt.want {
			t.Errorf("%s: %t (%s)", name, got, outcome(r))
		}
	}
	other := cfg
	other.ProductID = "other"
	if r, _ := Inspect(unbound, other); r.NeedsActivation() {
		t.Error("a licence file for another product is to be activated")
	}
}
