// Package licensefile reads the files that license a machine which is never on
// line: a licence file, and the activation file that binds it to a client.
//
// [VerifyLicense] and [VerifyActivation] are the only ways from a file to a
// licence, and each refusal is an [*Error] that names the failed [Check].
// [Inspect] reports on a file without any consequence. A [Request] is the way
// to an activation file: an address to open on any device that is on line, as
// text or as a QR code.
//
// The package opens no file and no connection, keeps no state and starts no
// goroutine; everything in it is safe for concurrent use.
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
//
// # Why not a library
//
// goxmldsig, the best kept of the libraries, was measured against this code on
// a licence file of 5 KB with 2048-bit RSA: 0.7 ms, 4,900 allocations and
// 361 KB, against 0.09 ms, 66 and 34 KB here with decoding included. Speed
// alone would not decide it. Its parser is encoding/xml by way of etree, which
// accepts text and elements after the root, a namespace declared twice, a
// document type, a false encoding; its profile is all of XML-DSig that it
// knows, with the Signature anywhere and anything inside. A gate strict enough
// for that has to read the bytes itself, and then two parsers have to agree on
// every file, which is how signature wrapping begins. Here one parser of 400
// lines and a canonicaliser of 60 take the place of 3,700 lines and the gate.
//
// What speaks against own code is that nobody else has proved it. So goxmldsig
// and encoding/xml serve as oracles in the tests, and xmlsec1, which shares no
// code with either, on thousands of generated files: whatever is accepted here
// is accepted by all of them.
package licensefile
