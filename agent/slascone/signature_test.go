package slascone

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestRSA(t *testing.T) {
	message := []byte(`{"license_key":"x"}`)
	good := signRSA(testKey(), message)
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(good) - len("==") - 1
	respelt := good[:last] + string(alphabet[strings.IndexByte(alphabet, good[last])^1]) + "==" // the same bytes to a lax decoder
	both, err := RSA(&otherKey().PublicKey, &testKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		verifier  Verifier
		message   string
		signature string
		ok        bool
	}{
		"right":              {testVerifier(), string(message), good, true},
		"one of two keys":    {both, string(message), good, true},
		"missing":            {testVerifier(), string(message), "", false},
		"of another key":     {testVerifier(), string(message), signRSA(otherKey(), message), false},
		"one byte more":      {testVerifier(), string(message) + "\n", good, false},
		"one byte less":      {testVerifier(), string(message[1:]), good, false},
		"byte order mark":    {testVerifier(), "\xef\xbb\xbf" + string(message), good, false},
		"nothing signed":     {testVerifier(), "", good, false},
		"in hexadecimal":     {testVerifier(), string(message), hex.EncodeToString(raw), false},
		"URL alphabet":       {testVerifier(), string(message), base64.URLEncoding.EncodeToString(raw) + "-", false},
		"respelt":            {testVerifier(), string(message), respelt, false},
		"without padding":    {testVerifier(), string(message), strings.TrimRight(good, "="), false},
		"cut off":            {testVerifier(), string(message), base64.StdEncoding.EncodeToString(raw[:255]), false},
		"with a byte before": {testVerifier(), string(message), base64.StdEncoding.EncodeToString(append([]byte{0}, raw...)), false},
		"zeros":              {testVerifier(), string(message), base64.StdEncoding.EncodeToString(make([]byte, 256)), false},
		"not base64":         {testVerifier(), string(message), "?", false},
		"blank":              {testVerifier(), string(message), " ", false},
	} {
		if err := test.verifier.verify([]byte(test.message), test.signature); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRSAKeepsItsKeys(t *testing.T) {
	keys := []*rsa.PublicKey{&testKey().PublicKey}
	v, err := RSA(keys...)
	if err != nil {
		t.Fatal(err)
	}
	keys[0] = &otherKey().PublicKey
	if v.verify([]byte("x"), signRSA(otherKey(), []byte("x"))) == nil {
		t.Error("the verifier's keys can be changed from outside")
	}
}

func TestRSARefusesKeys(t *testing.T) {
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2046), E: 65537}
	for name, keys := range map[string][]*rsa.PublicKey{
		"none": nil, "nil": {nil}, "empty": {{}}, "2047 bits": {short}, "one of two": {&testKey().PublicKey, short},
	} {
		if _, err := RSA(keys...); err == nil || !strings.HasPrefix(err.Error(), "slascone: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHMAC(t *testing.T) {
	const shared = "a shared key, as text"
	message := []byte("body")
	mac := hmac.New(sha256.New, []byte(shared))
	mac.Write(message)
	sum := hex.EncodeToString(mac.Sum(nil))
	v, err := HMAC(shared)
	if err != nil {
		t.Fatal(err)
	}
	for signature, ok := range map[string]bool{
		sum: true, strings.ToUpper(sum): true, strings.ToUpper(sum[:32]) + sum[32:]: true,
		"": false, sum[:62]: false, sum[:63]: false, sum + "00": false, sum[:62] + "zz": false, " " + sum: false,
		strings.Repeat("0", 64): false, base64.StdEncoding.EncodeToString(mac.Sum(nil)): false,
	} {
		if err := v.verify(message, signature); (err == nil) != ok {
			t.Errorf("%q: %v", signature, err)
		}
	}
	if v.verify([]byte("bodY"), sum) == nil {
		t.Error("another body verifies")
	}
	if _, err := HMAC(""); err == nil {
		t.Error("an empty key was taken")
	}
}

func TestUnsigned(t *testing.T) {
	for name, v := range map[string]Verifier{"Unsigned": Unsigned(), "zero": {}} {
		if err := errors.Join(v.verify([]byte("x"), ""), v.verify(nil, "nonsense")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
