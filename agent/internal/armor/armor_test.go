package armor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// certificate makes a certificate with a key of its own.
func certificate(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "proxy"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestCertificates(t *testing.T) {
	one, two := certificate(t), certificate(t)
	pair := block("CERTIFICATE", one) + block("CERTIFICATE", two)
	for name, tt := range map[string]struct {
		data string
		want int
	}{
		"PEM":                {block("CERTIFICATE", one), 1},
		"two":                {pair, 2},
		"with words":         {"subject=/CN=proxy\n" + pair, 2},
		"with a private key": {pair + block("PRIVATE KEY", []byte{1}), 2},
		"trusted":            {block("TRUSTED CERTIFICATE", one), 1},
		"DER":                {string(one), 1},
		"base64":             {base64.StdEncoding.EncodeToString(one), 1},
		"base64 of PEM":      {base64.StdEncoding.EncodeToString([]byte(pair)), 2},
		"Windows":            {"\xef\xbb\xbf" + strings.ReplaceAll(pair, "\n", "\r\n"), 2},
		"escaped":            {strings.ReplaceAll(pair, "\n", `\n`), 2},
	} {
		certs, err := Certificates([]byte(tt.data))
		if err != nil || len(certs) != tt.want {
			t.Errorf("%s: %d certificates, %v; want %d", name, len(certs), err, tt.want)
		}
	}
	for name, tt := range map[string]struct{ data, says string }{
		"nothing":      {"", "no known form"},
		"words":        {"none yet", "no known form"},
		"private key":  {block("PRIVATE KEY", []byte{1}), "a private key and no certificate"},
		"cut off":      {pair[:len(pair)-9], "cut off"},
		"damaged":      {block("CERTIFICATE", one[:len(one)-9]), "damaged"},
		"altered":      {block("CERTIFICATE", bytes.Replace(one, []byte{0x30, 0x0a}, []byte{0x31, 0x0a}, 1)), "certificate 1"},
		"PKCS #7":      {string(signedData), "PKCS #7"},
		"a word alone": {"in the BEGIN there was", "no known form"},
	} {
		certs, err := Certificates([]byte(tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %d certificates, %v; want an error with %q", name, len(certs), err, tt.says)
		}
	}
}

// signedData is a PKCS #7 object as far as its type.
var signedData = []byte{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x00}

// However a text was broken up, its blocks are the same.
func TestReadForgivesHowATextIsBroken(t *testing.T) {
	der := certificate(t)
	rapid.Check(t, func(t *rapid.T) {
		text := block("CERTIFICATE", der)
		breaks := rapid.SampledFrom([]string{"\n", "\r\n", "\r", " ", "", `\n`, `\r\n`, "\n\n", "\n\t ", "\u2028", "\u00a0\n", "\n> "})
		var b strings.Builder
		for line := range strings.Lines(text) {
			b.WriteString(strings.TrimRight(line, "\n"))
			b.WriteString(breaks.Draw(t, "break"))
		}
		blocks, err := Read([]byte(b.String()))
		if err != nil || len(blocks) != 1 || blocks[0].Kind != Certificate || !bytes.Equal(blocks[0].DER, der) {
			t.Fatalf("%q: %d blocks, %v", b.String(), len(blocks), err)
		}
	})
}

func FuzzRead(f *testing.F) {
	der := certificate(f)
	f.Add(der)
	f.Add([]byte(block("CERTIFICATE", der)))
	f.Add([]byte(base64.StdEncoding.EncodeToString(der)))
	f.Add([]byte("-----BEGIN -----BEGIN X-----END X-----"))
	f.Add([]byte("\xff\xfe-\x00"))
	f.Add(signedData)
	f.Fuzz(func(t *testing.T, data []byte) {
		blocks, err := Read(data)
		if (err == nil) != (len(blocks) > 0) {
			t.Fatalf("%d blocks and error %v", len(blocks), err)
		}
		for _, b := range blocks {
			if b.Kind == Unknown || b.Kind != PrivateKey && len(b.DER) == 0 {
				t.Fatalf("a block of kind %s with %d bytes", b.Kind, len(b.DER))
			}
		}
		if errors.Is(err, ErrNotFound) && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}
