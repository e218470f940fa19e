package slascone

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// A Verifier checks the signatures that the server puts on bodies and nonces.
// The mode is one setting for a whole ISV; the client must know it, because a
// response cannot be asked how it wants to be trusted.
type Verifier struct {
	check func(message []byte, signature string) error // nil: nothing is signed
}

var errSignature = errors.New("the signature does not match")

// RSA returns the verifier for signature mode 2, the service's default:
// RSASSA-PKCS1-v1_5 with SHA-256, in standard base64. A message is accepted
// when any of the keys made its signature, so that a vendor can roll keys over.
func RSA(keys ...*rsa.PublicKey) (Verifier, error) {
	if len(keys) == 0 {
		return Verifier{}, errors.New("slascone: no public key was given; download it from the vendor's account settings")
	}
	for _, k := range keys {
		if k == nil || k.N == nil || k.N.BitLen() < 2048 {
			return Verifier{}, errors.New("slascone: the public key has fewer than 2048 bits; ask the vendor for the account's current key")
		}
	}
	keys = slices.Clone(keys)
	return Verifier{func(message []byte, signature string) error {
		raw, err := base64.StdEncoding.Strict().DecodeString(signature)
		if err != nil {
			return fmt.Errorf("the signature is not base64: %w", err)
		}
		digest := sha256.Sum256(message)
		for _, k := range keys {
			if rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], raw) == nil {
				return nil
			}
		}
		return errSignature
	}}, nil
}

// HMAC returns the verifier for signature mode 1: HMAC-SHA256 under the UTF-8
// bytes of the shared key as configured, in hex of either case. The service
// calls this mode obsolete: whoever can read the key can forge licences.
func HMAC(sharedKey string) (Verifier, error) {
	if sharedKey == "" {
		return Verifier{}, errors.New("slascone: the shared key is empty; copy it from the vendor's account settings")
	}
	return Verifier{func(message []byte, signature string) error {
		raw, err := hex.DecodeString(signature)
		if err != nil {
			return fmt.Errorf("the signature is not hexadecimal: %w", err)
		}
		mac := hmac.New(sha256.New, []byte(sharedKey))
		mac.Write(message)
		if !hmac.Equal(mac.Sum(nil), raw) {
			return errSignature
		}
		return nil
	}}, nil
}

// Unsigned returns the verifier for signature mode 0, in which the server
// signs nothing and anybody on the way can grant licences.
func Unsigned() Verifier {
	return Verifier{}
}

// verify checks one signature; a missing one never matches.
func (v Verifier) verify(message []byte, signature string) error {
	switch {
	case v.check == nil:
		return nil
	case signature == "":
		return errors.New("the signature is missing")
	}
	return v.check(message, signature)
}
