// Package licensefile reads the files that license a machine which is never on
// line: a licence file, and the activation file that binds it to a client.
//
// [VerifyLicence] and [VerifyActivation] are the only ways from a file to a
// licence, and each refusal is an [*Error] that names the failed [Check].
// [Inspect] reports on a file without any consequence. A [Request] is the way
// to an activation file: an address to open on any device that is on line, as
// text or as a QR code.
//
// The package does no I/O, keeps no state and starts no goroutine; everything
// in it is safe for concurrent use.
//
// # The profile
//
// A file is accepted only in the form in which the service writes it:
//
//   - at most 1 MiB of UTF-8, elements at most 32 deep, at most 16 attributes on one;
//   - one root element; no document type, processing instruction, comment or
//     CDATA section; no references but the five predefined and numeric ones;
//   - element names are ASCII without prefix; the prefixes xsi and xsd are declared
//     by the root or not at all, with their usual meaning; the only default
//     namespace is the Signature's; no other prefix, no xml: attribute;
//   - one Signature in the whole file, the last element under the root, made of
//     SignedInfo and SignatureValue only: inclusive Canonical XML 1.0,
//     RSA PKCS#1 v1.5 with SHA-256, one Reference with URI="", one
//     enveloped-signature transform, one SHA-256 digest. A KeyInfo is refused.
//
// A byte order mark, an XML declaration that says UTF-8, white space around the
// root element and within the signature's base64 are accepted: none is part of
// what is signed, none can change what is read, and an honest user's editor or
// mail program adds them.
//
// What is decoded is the tree whose canonical form was verified, from one copy
// of the bytes. That form is injective within the profile, so a file with the
// same signature says the same thing.
//
// Elements that this version does not know are passed over, wherever the file
// has named elements, so that a newer server does not lock anyone out. Known
// elements are never guessed at: twice where once is expected, an attribute
// other than xsi:nil, a number out of bounds, a missing expiration date are all
// refused. Null, or the year 9999, is a perpetual licence.
package licensefile
