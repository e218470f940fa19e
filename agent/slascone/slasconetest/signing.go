package slasconetest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// Signing is how a server signs bodies and nonces.
type Signing string

// The signature modes of the service.
const (
	SigningRSA  Signing = "rsa"  // RSASSA-PKCS1-v1_5 with SHA-256, base64: the service's default
	SigningHMAC Signing = "hmac" // HMAC-SHA256 in hex, keyed with the text of [Config.HMACKey]
	SigningNone Signing = "none" // no signature headers at all
)

const keyBits = 2048

// signer signs byte strings in one of the modes.
type signer struct {
	mode     Signing
	key      *rsa.PrivateKey
	hmacKey  string
	upperHex bool
}

// newKey makes the server's own key.
func newKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("slasconetest: generate the signing key: %w", err)
	}
	return key, nil
}

// sign returns the header value for message, empty when nothing is signed.
func (s signer) sign(message []byte) (string, error) {
	switch s.mode {
	case SigningRSA:
		raw, err := s.signRSA(message)
		return base64.StdEncoding.EncodeToString(raw), err
	case SigningHMAC:
		mac := hmac.New(sha256.New, []byte(s.hmacKey))
		mac.Write(message)
		text := hex.EncodeToString(mac.Sum(nil))
		if s.upperHex {
			text = strings.ToUpper(text)
		}
		return text, nil
	default:
		return "", nil
	}
}

// signRSA is the raw signature, which licence files carry in every mode.
func (s signer) signRSA(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	raw, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, fmt.Errorf("slasconetest: sign: %w", err)
	}
	return raw, nil
}

// SetKey has the server sign with another RSA key from now on, as after the vendor
// has made a new one: answers, and licence files. It panics when the key has fewer
// than 2048 bits.
func (s *Server) SetKey(key *rsa.PrivateKey) {
	if key.N.BitLen() < keyBits {
		panic(fmt.Sprintf("slasconetest: the key has %d bits; at least %d are needed", key.N.BitLen(), keyBits))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signer.key = key
}

// PublicKeyPEM returns the key that verifies the server's signatures and its
// licence files, as a PEM block "PUBLIC KEY".
func (s *Server) PublicKeyPEM() string {
	der, err := x509.MarshalPKIXPublicKey(&s.currentSigner().key.PublicKey)
	if err != nil {
		panic("slasconetest: an RSA key always marshals: " + err.Error())
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// PublicKeyXML returns the same key as .NET's RSAKeyValue.
func (s *Server) PublicKeyXML() string {
	pub := &s.currentSigner().key.PublicKey
	encode := base64.StdEncoding.EncodeToString
	return "<RSAKeyValue><Modulus>" + encode(pub.N.Bytes()) + "</Modulus><Exponent>" +
		encode(big.NewInt(int64(pub.E)).Bytes()) + "</Exponent></RSAKeyValue>"
}
