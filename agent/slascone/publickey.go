package slascone

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/armor"
)

// ParsePublicKeys reads the RSA keys that a vendor's account page hands out:
// PEM, DER or the base64 of DER (a public key, bare or as PKCS #1, or a
// certificate), or .NET's <RSAKeyValue> XML. Of PEM and XML there may be several.
// What a variable, a word processor or a mail did to the text is forgiven: line
// ends that are blanks, missing or the two characters \n, indentation, quotes,
// UTF-16. A private key is refused.
func ParsePublicKeys(data []byte) ([]*rsa.PublicKey, error) {
	blocks, err := armor.Read(data)
	if errors.Is(err, armor.ErrNotFound) {
		switch text := armor.Text(data); {
		case strings.TrimSpace(text) == "":
			return nil, errors.New("slascone: the public key is empty")
		case strings.HasPrefix(text, "<"):
			return parseXML(text)
		}
		return nil, errors.New(`slascone: the public key is in no known form; expected PEM ("-----BEGIN PUBLIC KEY-----"), DER or <RSAKeyValue> XML`)
	}
	if err != nil {
		return nil, fmt.Errorf("slascone: the public key cannot be read: %w", err)
	}
	var keys []*rsa.PublicKey
	for _, block := range blocks {
		if block.Kind == armor.PrivateKey {
			return nil, errPrivateKey
		}
	}
	for _, block := range blocks {
		key, err := parseBlock(block)
		if err != nil {
			return nil, fmt.Errorf("slascone: the public key: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

var errPrivateKey = errors.New("slascone: this is a private key; the application needs the public key, and the private one must not leave the server")

func parseBlock(block armor.Block) (*rsa.PublicKey, error) {
	switch block.Kind {
	case armor.PublicKey:
		key, err := x509.ParsePKIXPublicKey(block.DER)
		if err != nil {
			return nil, fmt.Errorf("it is not of RSA, with which the service signs, or it is damaged: %w", err)
		}
		return rsaOnly(key)
	case armor.RSAPublicKey:
		return x509.ParsePKCS1PublicKey(block.DER)
	case armor.Certificate:
		cert, err := x509.ParseCertificate(block.DER)
		if err != nil {
			return nil, err
		}
		return rsaOnly(cert.PublicKey)
	}
	return nil, fmt.Errorf("it is %s and no public key; ask the vendor for the account's public key", block.Kind)
}

func rsaOnly(key any) (*rsa.PublicKey, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key, nil
	case *ecdsa.PublicKey:
		return nil, errors.New("it is an elliptic curve key (EC); the service signs with RSA")
	case ed25519.PublicKey:
		return nil, errors.New("it is an Ed25519 key; the service signs with RSA")
	}
	return nil, fmt.Errorf("it is a %T; the service signs with RSA", key)
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
