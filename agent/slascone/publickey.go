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
	"math/big"
)

// ParsePublicKeys reads the RSA keys that a vendor's account page hands out:
// PEM ("BEGIN PUBLIC KEY", "BEGIN RSA PUBLIC KEY" or "BEGIN CERTIFICATE"; one
// block for each key), .NET's <RSAKeyValue> XML, or a DER certificate, which
// early samples shipped under the ending .pfx.
func ParsePublicKeys(data []byte) ([]*rsa.PublicKey, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	switch {
	case len(data) == 0:
		return nil, errors.New("slascone: the public key is empty")
	case bytes.Contains(data, []byte("PRIVATE KEY")):
		return nil, errors.New("slascone: this is a private key; the application needs the public key, and the private one must not leave the server")
	case bytes.HasPrefix(data, []byte("<")):
		key, err := parseRSAKeyValue(data)
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key is not readable as RSAKeyValue XML: %w", err)
		}
		return []*rsa.PublicKey{key}, nil
	case bytes.HasPrefix(data, []byte("-----BEGIN ")):
		return parsePEM(data)
	}
	if cert, err := x509.ParseCertificate(data); err == nil {
		return rsaOnly(cert.PublicKey)
	}
	return nil, errors.New(`slascone: the public key is in no known form; expected PEM ("-----BEGIN PUBLIC KEY-----") or <RSAKeyValue> XML`)
}

func parsePEM(data []byte) (keys []*rsa.PublicKey, err error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		var key any
		switch block.Type {
		case "PUBLIC KEY":
			key, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "RSA PUBLIC KEY":
			key, err = x509.ParsePKCS1PublicKey(block.Bytes)
		case "CERTIFICATE":
			var cert *x509.Certificate
			if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
				key = cert.PublicKey
			}
		default:
			err = fmt.Errorf("a block of type %q is no public key", block.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key's PEM: %w", err)
		}
		one, err := rsaOnly(key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, one...)
	}
	if len(keys) == 0 {
		return nil, errors.New("slascone: the public key's PEM is cut off or damaged; copy the whole block, from BEGIN to END")
	}
	return keys, nil
}

func rsaOnly(key any) ([]*rsa.PublicKey, error) {
	if k, ok := key.(*rsa.PublicKey); ok {
		return []*rsa.PublicKey{k}, nil
	}
	return nil, fmt.Errorf("slascone: the public key is a %T; the service signs with RSA", key)
}

func parseRSAKeyValue(data []byte) (*rsa.PublicKey, error) {
	var doc struct {
		XMLName  xml.Name `xml:"RSAKeyValue"`
		Modulus  string
		Exponent string
	}
	if err := xml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	n, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields([]byte(doc.Modulus)), nil)))
	if err != nil || len(n) == 0 {
		return nil, errors.New("its Modulus is not base64")
	}
	e, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace([]byte(doc.Exponent))))
	if err != nil || len(e) == 0 || len(e) > 4 {
		return nil, errors.New("its Exponent is not a small base64 number")
	}
	exponent := new(big.Int).SetBytes(e).Int64()
	if exponent < 3 || exponent%2 == 0 || exponent > 1<<31-1 {
		return nil, errors.New("its Exponent is no RSA exponent")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent)}, nil
}
