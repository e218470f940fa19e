package slascone

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func pemBlock(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func spki(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// certificateDER makes certificates until one ends in a byte that is a blank.
func certificateDER(t testing.TB, blankEnd bool) []byte {
	t.Helper()
	for serial := int64(1); ; serial++ {
		template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "vendor"}, NotAfter: time.Now().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &testKey().PublicKey, testKey())
		if err != nil {
			t.Fatal(err)
		}
		if !blankEnd || len(bytes.TrimSpace(der)) < len(der) {
			return der
		}
	}
}

// utf16LE is what PowerShell writes into a file.
func utf16LE(text string) string {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

func keyValue(modulus, exponent string) string {
	return "<RSAKeyValue><Modulus>" + modulus + "</Modulus><Exponent>" + exponent + "</Exponent></RSAKeyValue>"
}

func modulus(key *rsa.PrivateKey) string { return base64.StdEncoding.EncodeToString(key.N.Bytes()) }

// keyFiles are files that hold the test key alone.
func keyFiles(t testing.TB) map[string]string {
	t.Helper()
	public := pemBlock("PUBLIC KEY", spki(t, &testKey().PublicKey))
	n := modulus(testKey())
	return map[string]string{
		"PEM":                   public,
		"PEM, Windows":          "\xef\xbb\xbf" + strings.ReplaceAll(public, "\n", "\r\n"),
		"PEM with words":        "# the account's key\n\n" + public + "\nend\n",
		"PEM, indented end":     "\n\n" + public + "  \n",
		"PKCS #1":               pemBlock("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&testKey().PublicKey)),
		"certificate":           pemBlock("CERTIFICATE", certificateDER(t, false)),
		"DER certificate":       string(certificateDER(t, false)),
		"DER that ends blank":   string(certificateDER(t, true)),
		"PEM, blanks for lines": strings.ReplaceAll(public, "\n", " "),
		"PEM, in one line":      strings.ReplaceAll(public, "\n", ""),
		"PEM, escaped":          strings.ReplaceAll(public, "\n", `\n`),
		"PEM, escaped, Windows": strings.ReplaceAll(public, "\n", `\r\n`),
		"PEM, escaped twice":    strings.ReplaceAll(public, "\n", `\\n`),
		"PEM, quoted":           `"` + strings.ReplaceAll(public, "\n", `\n`) + `"`,
		"PEM, old Macintosh":    strings.ReplaceAll(public, "\n", "\r"),
		"PEM, no last line end": strings.TrimSpace(public),
		"PEM, indented":         "\t  " + strings.ReplaceAll(public, "\n", "  \n\t  "),
		"PEM, indented by NBSP": strings.ReplaceAll(public, "\n", "\n\u00a0"),
		"PEM, blank lines":      strings.ReplaceAll(public, "\n", "\n\n"),
		"PEM of a mail":         "> " + strings.ReplaceAll(public, "\n", "\n> "),
		"PEM of Word":           strings.ReplaceAll(public, "-----", "——-"),
		"PEM, invisible":        "\u200b" + strings.Replace(public, "\n", "\u200b\n\u2060", 2),
		"PEM, UTF-16":           utf16LE(public),
		"PEM, base64":           base64.StdEncoding.EncodeToString([]byte(public)),
		"DER":                   string(spki(t, &testKey().PublicKey)),
		"DER and a line end":    string(spki(t, &testKey().PublicKey)) + "\r\n",
		"DER of PKCS #1":        string(x509.MarshalPKCS1PublicKey(&testKey().PublicKey)),
		"bare base64":           base64.StdEncoding.EncodeToString(spki(t, &testKey().PublicKey)),
		"bare base64, lines":    strings.Join(strings.Split(public, "\n")[1:8], "\n"),
		"bare base64, URL":      base64.RawURLEncoding.EncodeToString(spki(t, &testKey().PublicKey)),
		"certificate, base64":   base64.StdEncoding.EncodeToString(certificateDER(t, false)),
		"certificate as a key":  pemBlock("PUBLIC KEY", certificateDER(t, false)),
		"XML, base64":           base64.StdEncoding.EncodeToString([]byte(keyValue(n, "AQAB"))),
		"XML, UTF-16":           utf16LE(keyValue(n, "AQAB")),
		"XML, quoted":           "'" + keyValue(n, "AQAB") + "'",
		"XML, escaped":          strings.ReplaceAll(keyValue(n, "AQAB"), "><", `>\n  <`),
		"XML":                   keyValue(n, "AQAB"),
		"XML with declaration":  `<?xml version="1.0" encoding="utf-8"?>` + "\n<!-- key -->\n" + keyValue(n, "AQAB") + "\n",
		"XML, wrapped":          "\xef\xbb\xbf" + keyValue("\n  "+n[:76]+"\n\t"+n[76:]+"\n", " AQ AB "),
		"XML with namespace":    strings.Replace(keyValue(n, "AQAB"), "<RSAKeyValue>", `<RSAKeyValue xmlns="http://www.w3.org/2000/09/xmldsig#">`, 1),
		"XML, key parts more":   strings.Replace(keyValue(n, "AQAB"), "</RSAKeyValue>", "<Other>x</Other></RSAKeyValue>", 1),
		"XML, on more lines":    strings.Replace(keyValue(n, "AQAB"), "<RSAKeyValue>", "<RSAKeyValue\r\n\txmlns='urn:x'\r\n>", 1),
		"XML, zero padded":      keyValue(base64.StdEncoding.EncodeToString(append([]byte{0}, testKey().N.Bytes()...)), "AAEAAQ=="),
	}
}

func TestParsePublicKeys(t *testing.T) {
	for name, text := range keyFiles(t) {
		keys, err := ParsePublicKeys([]byte(text))
		if err != nil || len(keys) != 1 || !keys[0].Equal(&testKey().PublicKey) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
}

func TestParseSeveralPublicKeys(t *testing.T) {
	one, two := pemBlock("PUBLIC KEY", spki(t, &testKey().PublicKey)), pemBlock("PUBLIC KEY", spki(t, &otherKey().PublicKey))
	for name, text := range map[string]string{
		"PEM": one + two, "PEM, apart": one + "\n# the next one\n" + two,
		"XML": keyValue(modulus(testKey()), "AQAB") + "\n" + keyValue(modulus(otherKey()), "AQAB"),
	} {
		keys, err := ParsePublicKeys([]byte(text))
		if err != nil || len(keys) != 2 || !keys[0].Equal(&testKey().PublicKey) || !keys[1].Equal(&otherKey().PublicKey) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
}

func TestParsePublicKeysRefuses(t *testing.T) {
	public := pemBlock("PUBLIC KEY", spki(t, &testKey().PublicKey))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, testKey())
	if err != nil {
		t.Fatal(err)
	}
	n := modulus(testKey())
	for name, test := range map[string]struct{ text, says string }{
		"nothing":                {"", "empty"},
		"blanks":                 {" \r\n\t", "empty"},
		"words":                  {"my public key", "no known form"},
		"private PEM":            {pemBlock("PRIVATE KEY", pkcs8), "private key"},
		"private PKCS #1":        {pemBlock("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey())), "private key"},
		"private beside public":  {public + pemBlock("PRIVATE KEY", pkcs8), "private key"},
		"private XML":            {strings.Replace(keyValue(n, "AQAB"), "</RSAKeyValue>", "<D>AQAB</D></RSAKeyValue>", 1), "private key"},
		"private DER":            {string(pkcs8), "private key"},
		"private PKCS #1 DER":    {string(x509.MarshalPKCS1PrivateKey(testKey())), "private key"},
		"private base64":         {base64.StdEncoding.EncodeToString(pkcs8), "private key"},
		"private EC":             {string(sec1), "private key"},
		"private EC, OpenSSL":    {pemBlock("EC PARAMETERS", []byte{6, 1, 1}) + pemBlock("EC PRIVATE KEY", sec1), "private key"},
		"private, encrypted":     {pemBlock("ENCRYPTED PRIVATE KEY", []byte{1}), "private key"},
		"private of OpenSSH":     {pemBlock("OPENSSH PRIVATE KEY", []byte{1}), "private key"},
		"private, newlines lost": {strings.ReplaceAll(pemBlock("PRIVATE KEY", pkcs8), "\n", `\n`), "private key"},
		"elliptic curve":         {pemBlock("PUBLIC KEY", spki(t, &curve.PublicKey)), "elliptic curve"},
		"elliptic curve DER":     {string(spki(t, &curve.PublicKey)), "elliptic curve"},
		"Ed25519":                {pemBlock("PUBLIC KEY", spki(t, edwards)), "Ed25519"},
		"request":                {pemBlock("CERTIFICATE REQUEST", request), "certificate request and no public key"},
		"SSH":                    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ== me@host", "SSH"},
		"SSH, exported":          {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "SSH"},
		"OpenPGP":                {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----", "OpenPGP"},
		"a JSON Web Key":         {`{"kty":"RSA","n":"AQAB","e":"AQAB"}`, "JSON Web Key"},
		"a file's name":          {"keys/vendor.pem", "name of a file"},
		"a Windows file's name":  {`C:\keys\vendor.xml`, "name of a file"},
		"PEM, no DER":            {pemBlock("PUBLIC KEY", []byte("x")), "damaged"},
		"PEM, no certificate":    {pemBlock("CERTIFICATE", []byte("x")), "damaged"},
		"PEM, cut off":           {public[:len(public)-20], "cut off"},
		"PEM, damaged":           {strings.Replace(public, "M", "!", 1), "damaged"},
		"PEM, a line is missing": {strings.Join(slices.Delete(strings.SplitAfter(public, "\n"), 2, 3), ""), "damaged"},
		"second PEM is damaged":  {public + public[:100], "cut off"},
		"first PEM is damaged":   {public[:100] + "\n" + public, "cut off"},
		"XML, cut off":           {keyValue(n, "AQAB")[:100], "RSAKeyValue"},
		"XML of something else":  {"<html><body>Sign in</body></html>", "RSAKeyValue"},
		"XML and something else": {keyValue(n, "AQAB") + "<html/>", "RSAKeyValue"},
		"XML, no modulus":        {"<RSAKeyValue><Exponent>AQAB</Exponent></RSAKeyValue>", "Modulus"},
		"XML, bad modulus":       {keyValue("!", "AQAB"), "Modulus"},
		"XML, no exponent":       {"<RSAKeyValue><Modulus>" + n + "</Modulus></RSAKeyValue>", "Exponent"},
		"XML, exponent of 1":     {keyValue(n, "AQ=="), "Exponent"},
		"XML, even exponent":     {keyValue(n, "AQAA"), "Exponent"},
		"XML, large exponent":    {keyValue(n, "/////w=="), "Exponent"},
		"XML, huge exponent":     {keyValue(n, n), "Exponent"},
		"only a comment":         {"<!-- key -->", "RSAKeyValue"},
		"comment, cut off":       {keyValue(n, "AQAB") + "<!-- key ", "RSAKeyValue"},
		"XML, words around":      {keyValue(n, "AQAB") + " the end", "RSAKeyValue"},
		"XML, words inside":      {strings.Replace(keyValue(n, "AQAB"), "<Exponent>", "and <Exponent>", 1), "RSAKeyValue"},
		"XML, not closed":        {strings.Replace(keyValue(n, "AQAB"), "</Modulus>", "", 1), "RSAKeyValue"},
		"XML, element in text":   {keyValue("<!-- x -->"+n, "AQAB"), "Modulus"},
		"XML, private second":    {keyValue(n, "AQAB") + strings.Replace(keyValue(n, "AQAB"), "</RSAKeyValue>", "<P>AQAB</P><D>AQAB</D></RSAKeyValue>", 1), "private key"},
	} {
		keys, err := ParsePublicKeys([]byte(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), "slascone: ") || !strings.Contains(err.Error(), test.says) || keys != nil {
			t.Errorf("%s: %v, %v; want an error with %q", name, keys, err, test.says)
		}
	}
}

// FuzzParsePublicKeys: what is accepted is usable, and nothing panics.
func FuzzParsePublicKeys(f *testing.F) {
	for _, text := range keyFiles(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte(keyValue("AA==", "AQAB")))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParsePublicKeys(data)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys and error %v", len(keys), err)
		}
		for _, k := range keys {
			if k == nil || k.N == nil || k.N.Sign() < 0 || k.E < 2 {
				t.Fatalf("%v is no key", k)
			}
			if v, err := RSA(k); err == nil && v.verify([]byte("x"), signRSA(testKey(), []byte("y"))) == nil {
				t.Fatal("a key that verifies anything")
			}
		}
	})
}
