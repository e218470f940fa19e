package slascone

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
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
		return parseXML(string(text))
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

// parseXML reads .NET's form of a key as its ToXmlString writes it: elements
// that hold nothing but text, with declarations and comments around them. A
// decoder for the whole of XML would be in every application's binary for this.
func parseXML(text string) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	for {
		text = strings.TrimSpace(text)
		switch {
		case text == "" && len(keys) > 0:
			return keys, nil
		case strings.HasPrefix(text, "<?") && strings.Contains(text, "?>"):
			_, text, _ = strings.Cut(text, "?>")
			continue
		case strings.HasPrefix(text, "<!--") && strings.Contains(text, "-->"):
			_, text, _ = strings.Cut(text, "-->")
			continue
		}
		name, content, rest, err := cutElement(text)
		if err == nil && name != "RSAKeyValue" {
			err = fmt.Errorf("there is <%.40s>", name)
		}
		var key *rsa.PublicKey
		if err == nil {
			key, err = parseKeyValue(content)
		}
		if errors.Is(err, errPrivateKey) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key is not readable as <RSAKeyValue> XML: %w", err)
		}
		keys, text = append(keys, key), rest
	}
}

// cutElement splits the element that text begins with from what follows it.
func cutElement(text string) (name, content, rest string, err error) {
	tag, after, ok := strings.Cut(text, ">")
	name, isTag := strings.CutPrefix(tag, "<")
	if i := strings.IndexAny(name, " \t\r\n"); i >= 0 {
		name = name[:i] // without the namespace
	}
	content, rest, closed := strings.Cut(after, "</"+name+">")
	if !ok || !isTag || !closed || name == "" {
		return "", "", "", errors.New("an element is missing, cut off or not closed")
	}
	return name, content, rest, nil
}

func parseKeyValue(content string) (*rsa.PublicKey, error) {
	var modulus, exponent string
	for content = strings.TrimSpace(content); content != ""; content = strings.TrimSpace(content) {
		name, value, rest, err := cutElement(content)
		if err != nil {
			return nil, err
		}
		switch name {
		case "Modulus":
			modulus = value
		case "Exponent":
			exponent = value
		case "D": // in a private key only
			return nil, errPrivateKey
		}
		content = rest
	}
	n, err := base64Text(modulus)
	if err != nil || len(n) == 0 {
		return nil, errors.New("its Modulus is not base64")
	}
	e, err := base64Text(exponent)
	if err != nil || len(e) == 0 || len(e) > 4 {
		return nil, errors.New("its Exponent is not a small base64 number")
	}
	number := new(big.Int).SetBytes(e).Int64()
	if number < 3 || number%2 == 0 || number > 1<<31-1 {
		return nil, errors.New("its Exponent is no RSA exponent")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(number)}, nil
}

// base64Text decodes base64 that an editor may have wrapped and indented.
func base64Text(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
}
