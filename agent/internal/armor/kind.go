package armor

import "encoding/asn1"

// Kind says what an object in DER is.
type Kind uint8

// The kinds that are told apart.
const (
	Unknown      Kind = iota
	PublicKey         // SubjectPublicKeyInfo, of any algorithm
	RSAPublicKey      // PKCS #1
	Certificate
	PrivateKey // of any form, encrypted too
	Container  // PKCS #12, such as .pfx
	Bundle     // PKCS #7, such as .p7b
	Request    // PKCS #10
)

// String names what it is, in a sentence.
func (k Kind) String() string {
	switch k {
	case PublicKey, RSAPublicKey:
		return "a public key"
	case Certificate:
		return "a certificate"
	case PrivateKey:
		return "a private key"
	case Container:
		return "a PKCS #12 container"
	case Bundle:
		return "a PKCS #7 bundle"
	case Request:
		return "a certificate request"
	}
	return "unknown"
}

// ofDER tells by the first elements what an object is, and returns it without
// what follows it. What it says is checked by who parses the object; the forms
// that are refused need no parser for this.
func ofDER(data []byte) (Kind, []byte) {
	const sequence = 0x30
	if len(data) == 0 || data[0] != sequence {
		return Unknown, nil
	}
	whole, rest, ok := element(data)
	if !ok || !blankOnly(rest) {
		return Unknown, nil
	}
	first, rest, ok := element(whole.Bytes)
	if !ok {
		return Unknown, nil
	}
	second, _, two := element(rest)
	kind := Unknown
	switch {
	case first.Tag == asn1.TagOID && first.Class == asn1.ClassUniversal:
		kind = Bundle
	case first.Tag == asn1.TagInteger && two && len(first.Bytes) > 16 && second.Tag == asn1.TagInteger:
		kind = RSAPublicKey
	case first.Tag == asn1.TagInteger && two && len(first.Bytes) == 1:
		switch {
		case first.Bytes[0] == 3 && second.Tag == asn1.TagSequence:
			kind = Container
		case first.Bytes[0] <= 1: // PKCS #1, PKCS #8, SEC 1
			kind = PrivateKey
		}
	case first.Tag == asn1.TagSequence && two:
		kind = ofSequences(first, second)
	}
	return kind, whole.FullBytes
}

func ofSequences(first, second asn1.RawValue) Kind {
	inner, _, ok := element(first.Bytes)
	switch {
	case !ok:
		return Unknown
	case inner.Tag == asn1.TagOID && second.Tag == asn1.TagBitString:
		return PublicKey
	case inner.Tag == asn1.TagOID && second.Tag == asn1.TagOctetString:
		return PrivateKey // encrypted
	case second.Tag != asn1.TagSequence:
		return Unknown
	case inner.Class == asn1.ClassContextSpecific:
		return Certificate
	case inner.Tag == asn1.TagInteger && len(inner.Bytes) == 1 && inner.Bytes[0] == 0:
		return Request
	case inner.Tag == asn1.TagInteger:
		return Certificate // of version 1
	}
	return Unknown
}

func element(data []byte) (asn1.RawValue, []byte, bool) {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(data, &v)
	return v, rest, err == nil
}

func blankOnly(data []byte) bool {
	for _, c := range data {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0 {
			return false
		}
	}
	return true
}
