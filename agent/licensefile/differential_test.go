package licensefile

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// authentic reports whether we accept the file's signature.
func authentic(data []byte, cfg *Config) bool {
	d, err := load(data)
	return err == nil && d.authenticate(cfg.Key) == nil
}

// Whatever we accept, goxmldsig accepts; and what is within the profile, we
// accept.
func TestAgreesWithGoxmldsig(t *testing.T) {
	n, cfg := 300, testConfig()
	if heavy() {
		n = 10_000
	}
	accepted := 0
	for seed := range n {
		spoilt := seed%2 == 1
		g := newGenerator(seed)
		g.blanks = false // goxmldsig knows line feeds only
		file := g.file(spoilt)
		ok := authentic(file, &cfg)
		if !ok && !spoilt {
			_, err := Inspect(file, cfg)
			t.Fatalf("seed %d: %q is within the profile and refused: %v", seed, file, err)
		}
		if ok && !blankInBase64(t, file) {
			accepted++
			if !goxmldsigAccepts(t, file, cfg.Key) {
				t.Fatalf("seed %d: goxmldsig refuses %q", seed, file)
			}
		}
	}
	t.Logf("%d of %d files were accepted by both", accepted, n)
}

// blankInBase64 reports whether blanks other than line feeds stand in the
// SignatureValue: XML allows them, goxmldsig alone does not.
func blankInBase64(t *testing.T, file []byte) bool {
	t.Helper()
	d, err := parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range d.nodes {
		if n.name == "SignatureValue" {
			return strings.ContainsAny(d.nodes[i+1].text, " \t\r")
		}
	}
	return false
}

// xmlsec returns the path of the xmlsec1 tool, an implementation with another
// parser in another language.
func xmlsec(t *testing.T) string {
	t.Helper()
	if !heavy() {
		t.Skip("runs xmlsec1 on thousands of files; set LEASEHOLD_HEAVY=1 to run it")
	}
	tool, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed (apt-get install xmlsec1)")
	}
	return tool
}

// What xmlsec1 signs in the profile, we accept.
func TestVerifiesWhatXmlsecSigned(t *testing.T) {
	tool, dir := xmlsec(t), t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(signingKey())
	if err != nil {
		t.Fatal(err)
	}
	key, template, out := filepath.Join(dir, "key.pem"), filepath.Join(dir, "template.xml"), filepath.Join(dir, "signed.xml")
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	end := strings.LastIndex(sampleLicense, "</")
	write(t, template, []byte(sampleLicense[:end]+"<Signature"+dsDecl+">\n  "+signedInfo("", "")+"\n  <SignatureValue/>\n</Signature>\n"+sampleLicense[end:]))
	if text, err := exec.CommandContext(t.Context(), tool, "--sign", "--privkey-pem", key, "--output", out, template).CombinedOutput(); err != nil {
		t.Fatalf("xmlsec1: %v\n%s", err, text)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	l, err := VerifyLicense(file, testConfig())
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	want, err := VerifyLicense(signed(sampleLicense), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	if !sameLicense(l, want) {
		t.Errorf("got %+v", l.Terms())
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whatever we accept, xmlsec1 accepts; and what is within the profile, we
// accept.
func TestAgreesWithXmlsec(t *testing.T) {
	tool, dir, cfg := xmlsec(t), t.TempDir(), testConfig()
	der, err := x509.MarshalPKIXPublicKey(cfg.Key)
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key.pem")
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	const n = 6000
	var names []string
	spoiltOnes := 0
	for seed := range n {
		spoilt := seed%3 != 0
		file := newGenerator(seed).file(spoilt)
		if !authentic(file, &cfg) {
			if !spoilt {
				t.Fatalf("seed %d: %q is within the profile and refused", seed, file)
			}
			continue
		}
		if spoilt {
			spoiltOnes++
		}
		name := filepath.Join(dir, fmt.Sprintf("seed-%d.xml", seed))
		write(t, name, file)
		names = append(names, name)
	}
	for batch := range (len(names) + 99) / 100 {
		files := names[batch*100 : min(len(names), batch*100+100)]
		args := append([]string{"--verify", "--pubkey-pem", key}, files...)
		if out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil {
			t.Fatalf("xmlsec1 refuses what we accept: %v\n%s", err, out)
		}
	}
	t.Logf("xmlsec1 accepts all %d files that we accept, of %d (%d of them were meant to be spoilt)", len(names), n, spoiltOnes)
}

// TestStricterThanGoxmldsig records why this package has a parser of its own:
// each of these is accepted by goxmldsig, whose parser is encoding/xml, and
// must not be accepted here. A gate in front of it would have to read XML
// better than the library behind it.
func TestStricterThanGoxmldsig(t *testing.T) {
	key := &signingKey().PublicKey
	file := string(signed(sampleLicense))
	body, signature, end := split(t)
	opening := strings.Index(body, ">") + 1
	for name, loose := range map[string]string{
		"text after the root":      file + "text",
		"a second root":            file + "<a></a>",
		"document type":            "<!DOCTYPE slascone_license_file>" + file,
		"instruction before":       "<?x y?>" + file,
		"false encoding":           `<?xml version="1.0" encoding="ISO-8859-1"?>` + file,
		"namespace declared twice": strings.Replace(file, xsdDecl, xsdDecl+xsdDecl, 1),
		"signature first":          body[:opening] + signature + body[opening:] + end,
		"object in the signature":  strings.Replace(file, "</Signature>", "<Object>x</Object></Signature>", 1),
		"CDATA":                    string(sign(strings.Replace(sampleLicense, ">1000<", "><![CDATA[1000]]><", 1), sampleLicense)),
	} {
		t.Run(name, func(t *testing.T) {
			if !goxmldsigAccepts(t, []byte(loose), key) {
				t.Error("goxmldsig no longer accepts this")
			}
			if _, err := VerifyLicense([]byte(loose), testConfig()); err == nil {
				t.Error("accepted")
			}
		})
	}
}
