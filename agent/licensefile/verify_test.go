package licensefile

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// wantCheck requires err to be the failure of the check, with a reason.
func wantCheck(t *testing.T, err error, check Check) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v; want the check %q to fail", err, check.String())
	}
	if e.Check != check || !errors.Is(err, check) {
		t.Fatalf("got %v; want the check %q to fail", err, check.String())
	}
	if e.Err == nil || e.Err.Error() == "" {
		t.Errorf("the failure of %q has no reason", check.String())
	}
}

func TestVerifyLicense(t *testing.T) {
	bound := boundLicense(t)
	for name, file := range map[string][]byte{
		"two steps": signed(sampleLicense),
		"inline":    signed(bound),
		"as the service writes it": sign(strings.Replace(short(sampleLicense), xsdDecl+xsiDecl, xsiDecl+xsdDecl, 1),
			sampleLicense),
	} {
		t.Run(name, func(t *testing.T) {
			l, err := VerifyLicense(file, testConfig())
			if err != nil {
				t.Fatal(err)
			}
			if l.Key() != keyID || !l.FromFile() || NeedsActivation(l) != (name != "inline") {
				t.Errorf("got %+v", l.Terms())
			}
			if want := time.Date(2026, 10, 1, 8, 30, 0, 123450000, time.UTC); !l.IssuedAt().Equal(want) {
				t.Errorf("issued at %v; want %v", l.IssuedAt(), want)
			}
		})
	}
}

// Each check fails by itself, and before the ones that come after it: the file
// and the Config of each step are wrong in that respect and in all later ones.
func TestChecksInOrder(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	bad := boundLicense(t)
	bad = edit(t, bad, `<freeride>14<`, `<freeride>fourteen<`)
	cfg := testConfig()
	cfg.Key = &stranger.PublicKey
	cfg.ProductID = "another product"
	cfg.Now = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg.SoftwareVersion = "25"
	cfg.ClientID = "another client"

	verify := func(file []byte, want Check) {
		t.Helper()
		l, err := VerifyLicense(file, cfg)
		wantCheck(t, err, want)
		if !l.IsZero() {
			t.Error("a refused file left a licence")
		}
	}
	verify(nil, CheckSize)
	verify(append(signed(bad), bytes.Repeat([]byte(" "), MaxSize)...), CheckSize)
	verify([]byte("not XML"), CheckFormat)
	other := signed(strings.ReplaceAll(bad, "slascone_license_file", "other_file"))
	verify(other, CheckSignature)
	verify(signed(sampleActivation), CheckSignature)
	cfg.Key = &signingKey().PublicKey
	verify(other, CheckRoot)
	verify(signed(sampleActivation), CheckRoot)
	verify(signed(bad), CheckContent)
	bad = boundLicense(t)
	verify(signed(bad), CheckProduct)
	cfg.ProductID = strings.ToUpper(productID)
	verify(signed(bad), CheckStart)
	cfg.Now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	verify(signed(bad), CheckExpiry)
	cfg.Now = cfg.Now.Add(-time.Nanosecond)
	verify(signed(bad), CheckRelease)
	cfg.SoftwareVersion = ""
	verify(signed(bad), CheckRelease)
	cfg.SoftwareVersion = "24.1"
	verify(signed(bad), CheckClient)
	cfg.ClientID = strings.ToLower(clientID)
	if _, err := VerifyLicense(signed(bad), cfg); err != nil {
		t.Error(err)
	}
}

func TestVerifyLicensePerpetual(t *testing.T) {
	const expiry = `<expiration_date_utc>2027-01-01T00:00:00Z</expiration_date_utc>`
	cfg := testConfig()
	cfg.Now = time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, never := range []string{
		`<expiration_date_utc xsi:nil="true"></expiration_date_utc>`,
		`<expiration_date_utc>9999-12-31T23:59:59.9999999Z</expiration_date_utc>`,
		`<expiration_date_utc>9999-12-31T00:00:00</expiration_date_utc>`,
	} {
		l, err := VerifyLicense(signed(edit(t, sampleLicense, expiry, never)), cfg)
		if err != nil {
			t.Errorf("%s: %v", never, err)
		}
		if end, ok := l.Expires(); ok {
			t.Errorf("%s ends at %v", never, end)
		}
	}
	_, err := VerifyLicense(signed(edit(t, sampleLicense, expiry, "")), cfg)
	wantCheck(t, err, CheckContent)
	_, err = VerifyLicense(signed(edit(t, sampleLicense, expiry, "<expiration_date_utc></expiration_date_utc>")), cfg)
	wantCheck(t, err, CheckContent)
}

func TestVerifyLicenseWithoutReleaseLimit(t *testing.T) {
	start := strings.Index(sampleLicense, "<software_release_limitation>")
	end := strings.Index(sampleLicense, "<session_period>")
	cfg := testConfig()
	cfg.SoftwareVersion = ""
	for _, none := range []string{"", `<software_release_limitation xsi:nil="true"></software_release_limitation>`} {
		if _, err := VerifyLicense(signed(sampleLicense[:start]+none+sampleLicense[end:]), cfg); err != nil {
			t.Errorf("%q: %v", none, err)
		}
	}
	// A limit that cannot be read must not become no limit.
	for _, broken := range []string{
		`<software_release_limitation></software_release_limitation>`,
		`<software_release_limitation><software_release xsi:nil="true"></software_release></software_release_limitation>`,
	} {
		_, err := VerifyLicense(signed(sampleLicense[:start]+broken+sampleLicense[end:]), cfg)
		wantCheck(t, err, CheckContent)
	}
}

func TestReverifyLicense(t *testing.T) {
	file := signed(boundLicense(t))
	cfg := testConfig()
	cfg.Now, cfg.SoftwareVersion = time.Time{}, ""
	if _, err := ReverifyLicense(file, cfg); err != nil {
		t.Error(err)
	}
	cfg.ClientID = "another client"
	_, err := ReverifyLicense(file, cfg)
	wantCheck(t, err, CheckClient)
	cfg.ProductID = "another product"
	_, err = ReverifyLicense(file, cfg)
	wantCheck(t, err, CheckProduct)
	_, err = ReverifyLicense(bytes.Replace(file, []byte(">1000<"), []byte(">9000<"), 1), cfg)
	wantCheck(t, err, CheckSignature)
}

func TestConfigIsComplete(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"Config.Key":       func(c *Config) { c.Key = nil },
		"Config.ProductID": func(c *Config) { c.ProductID = "" },
		"Config.ClientID":  func(c *Config) { c.ClientID = "" },
		"Config.Now":       func(c *Config) { c.Now = time.Time{} },
	} {
		cfg := testConfig()
		spoil(&cfg)
		if _, err := VerifyLicense(signed(sampleLicense), cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// The caller's buffer is not kept.
func TestVerifyLicenseCopies(t *testing.T) {
	file := signed(sampleLicense)
	l, err := VerifyLicense(file, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	clear(file)
	if got := l.Terms().Customer.Company; got != "Kanzlei Müller & Söhne" {
		t.Errorf("company is %q", got)
	}
}

func TestRead(t *testing.T) {
	file := signed(sampleLicense)
	if got, err := Read(bytes.NewReader(file)); err != nil || !bytes.Equal(got, file) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := Read(bytes.NewReader(make([]byte, MaxSize))); err != nil {
		t.Error(err)
	}
	_, err := Read(bytes.NewReader(nil))
	wantCheck(t, err, CheckSize)
	endless := &countingReader{}
	_, err = Read(endless)
	wantCheck(t, err, CheckSize)
	if endless.n > 2*MaxSize {
		t.Errorf("read %d bytes of an endless file", endless.n)
	}
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// A countingReader never ends and counts what was read.
type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	return len(p), nil
}
