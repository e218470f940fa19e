package slascone

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// ParsePublicKeys reads the RSA keys that a vendor's account page hands out:
// PEM ("BEGIN PUBLIC KEY", "BEGIN RSA PUBLIC KEY" or "BEGIN CERTIFICATE") or
// .NET's <RSAKeyValue> XML, one or several of them, or a single DER
// certificate, which early samples shipped under the ending .pfx. A private key
// is refused.
func ParsePublicKeys(data []byte) ([]*rsa.PublicKey, error) {
	// DER may end in bytes that look like blanks.
	if cert, err := x509.ParseCertificate(data); err == nil {
		return rsaOnly(cert.PublicKey)
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	switch {
	case len(text) == 0:
		return nil, errors.New("slascone: the public key is empty")
	case bytes.Contains(text, []byte("PRIVATE KEY-----")):
		return nil, errPrivateKey
	case bytes.HasPrefix(text, []byte("<")):
		return parseXML(text)
	case bytes.Contains(text, []byte(beginPEM)):
		return parsePEM(text)
	}
	return nil, errors.New(`slascone: the public key is in no known form; expected PEM ("-----BEGIN PUBLIC KEY-----") or <RSAKeyValue> XML`)
}

const beginPEM = "-----BEGIN "

var errPrivateKey = errors.New("slascone: this is a private key; the application needs the public key, and the private one must not leave the server")

func parsePEM(text []byte) (keys []*rsa.PublicKey, err error) {
	blocks := bytes.Count(text, []byte(beginPEM))
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		key, err := parseBlock(block)
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key's PEM: %w", err)
		}
		one, err := rsaOnly(key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, one...)
	}
	// A damaged block is skipped by pem.Decode, which would lose a key in silence.
	if len(keys) != blocks {
		return nil, errors.New("slascone: the public key's PEM is cut off or damaged; copy the whole block, from BEGIN to END")
	}
	return keys, nil
}

func parseBlock(block *pem.Block) (any, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return cert.PublicKey, nil
	}
	return nil, fmt.Errorf("a block of type %.40q is no public key", block.Type)
}

func rsaOnly(key any) ([]*rsa.PublicKey, error) {
	if k, ok := key.(*rsa.PublicKey); ok {
		return []*rsa.PublicKey{k}, nil
	}
	return nil, fmt.Errorf("slascone: the public key is a %T; the service signs with RSA", key)
}

// rsaKeyValue is .NET's form of a key; D is there in a private one only.
type rsaKeyValue struct {
	XMLName  xml.Name `xml:"RSAKeyValue"`
	Modulus  string
	Exponent string
	D        *struct{}
}

func parseXML(text []byte) (keys []*rsa.PublicKey, err error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		var doc rsaKeyValue
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) && len(keys) > 0 {
			return keys, nil
		}
		if err == nil && doc.D != nil {
			return nil, errPrivateKey
		}
		var key *rsa.PublicKey
		if err == nil {
			key, err = doc.publicKey()
		}
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key is not readable as <RSAKeyValue> XML: %w", err)
		}
		keys = append(keys, key)
	}
}

func (doc rsaKeyValue) publicKey() (*rsa.PublicKey, error) {
	n, err := base64Text(doc.Modulus)
	if err != nil || len(n) == 0 {
		return nil, errors.New("its Modulus is not base64")
	}
	e, err := base64Text(doc.Exponent)
	if err != nil || len(e) == 0 || len(e) > 4 {
		return nil, errors.New("its Exponent is not a small base64 number")
	}
	exponent := new(big.Int).SetBytes(e).Int64()
	if exponent < 3 || exponent%2 == 0 || exponent > 1<<31-1 {
		return nil, errors.New("its Exponent is no RSA exponent")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent)}, nil
}

// base64Text decodes base64 that an editor may have wrapped and indented.
func base64Text(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
}
