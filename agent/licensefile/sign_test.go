package licensefile

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	xsdDecl = ` xmlns:xsd="http://www.w3.org/2001/XMLSchema"`
	xsiDecl = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	dsDecl  = ` xmlns="http://www.w3.org/2000/09/xmldsig#"`

	productID = "6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01"
	clientID  = "4C4C4544-0042-3510-8052-B7C04F4A3132"
	keyID     = "0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10"
)

// signingKey is a key pair of the tests' own. It is kept in a file so that all
// workers of a fuzz run share it.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	text, err := os.ReadFile("testdata/signing-key.pem")
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode([]byte(strings.ReplaceAll(string(text), "TESTING KEY", "PRIVATE KEY")))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key.(*rsa.PrivateKey)
})

func testConfig() Config {
	return Config{
		Key:             &signingKey().PublicKey,
		ProductID:       productID,
		ClientID:        clientID,
		Now:             time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		SoftwareVersion: "24.1.3",
	}
}

// signedInfo is the text of a SignedInfo; scope is what its canonical form
// declares and its source inherits.
func signedInfo(scope, digest string) string {
	return `<SignedInfo` + scope + `>` +
		`<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>` +
		`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>` +
		`<Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform></Transforms>` +
		`<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>` + digest + `</DigestValue></Reference></SignedInfo>`
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func signatureOf(canonicalSignedInfo string) string {
	sum := sha256.Sum256([]byte(canonicalSignedInfo))
	value, err := rsa.SignPKCS1v15(rand.Reader, signingKey(), crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(value)
}

// signatureFor returns the Signature element of a document whose canonical form
// is given. It uses nothing of the code under test.
func signatureFor(canonical string) string {
	opening, _, _ := strings.Cut(canonical, ">")
	declared := func(decl string) string {
		if strings.Contains(opening, decl) {
			return decl
		}
		return ""
	}
	scope := dsDecl + declared(xsdDecl) + declared(xsiDecl)
	digest := digestOf(canonical)
	return `<Signature` + dsDecl + `>` + signedInfo("", digest) +
		`<SignatureValue>` + signatureOf(signedInfo(scope, digest)) + `</SignatureValue></Signature>`
}

// sign signs source, whose canonical form is canonical, as the service does:
// the Signature is the last child of the root.
func sign(source, canonical string) []byte {
	end := strings.LastIndex(source, "</")
	return []byte(source[:end] + signatureFor(canonical) + source[end:])
}

// signed signs a text that is its own canonical form.
func signed(canonical string) []byte { return sign(canonical, canonical) }

// edit replaces the one occurrence of what.
func edit(t testing.TB, text, what, with string) string {
	t.Helper()
	if n := strings.Count(text, what); n != 1 {
		t.Fatalf("%q occurs %d times", what, n)
	}
	return strings.Replace(text, what, with, 1)
}

// short writes elements without content as the service does: <a /> for the
// canonical <a></a>.
func short(canonical string) string {
	for {
		at := strings.Index(canonical, `"true"></`)
		if at < 0 {
			return canonical
		}
		end := strings.Index(canonical[at+8:], ">") + at + 9
		canonical = canonical[:at+6] + " />" + canonical[end:]
	}
}

// sampleLicense is a licence file in canonical form, without its Signature, of
// the size and shape of those that the service issues.
const sampleLicense = `<slascone_license_file` + xsdDecl + xsiDecl + `>` +
	`<modified_date_utc>2026-10-01T08:30:00.12345Z</modified_date_utc>` +
	`<customer><customer_id>9a4f2d10-8f5e-4c52-a1c0-3d6b5e7f8a90</customer_id><company_name>Kanzlei Müller &amp; Söhne</company_name><customer_number>20417</customer_number></customer>` +
	`<license_name>Workstation</license_name><license_key>` + keyID + `</license_key><legacy_license_key>11111 22222 33333</legacy_license_key>` +
	`<license_type_id>e1f1a2b3-0000-4000-8000-0000000000aa</license_type_id><license_type_name>Direct sales</license_type_name>` +
	`<product_name>Plan Viewer</product_name><product_id>` + productID + `</product_id>` +
	`<template_name>Professional</template_name><template_id>e1f1a2b3-0000-4000-8000-0000000000bb</template_id>` +
	`<provisioning_mode>1</provisioning_mode><floating_tokens>7</floating_tokens><user_limits xsi:nil="true"></user_limits>` +
	`<start_date_utc>2025-01-01T00:00:00Z</start_date_utc><expiration_date_utc>2027-01-01T00:00:00Z</expiration_date_utc><is_temporary>false</is_temporary>` +
	`<software_release_limitation><id>e1f1a2b3-0000-4000-8000-0000000000cc</id><product_id>` + productID + `</product_id><software_release>24.1</software_release></software_release_limitation>` +
	`<session_period>30</session_period><heartbeat_period>2</heartbeat_period><freeride>14</freeride>` +
	`<features><id>f0000000-0000-4000-8000-000000000001</id><name>PDF export</name><description xsi:nil="true"></description><is_active>true</is_active><expiration_date_utc xsi:nil="true"></expiration_date_utc></features>` +
	`<features><id>f0000000-0000-4000-8000-000000000002</id><name>Printing</name><description>On paper</description><is_active>false</is_active><expiration_date_utc>2026-12-01T00:00:00Z</expiration_date_utc></features>` +
	`<features><id>f0000000-0000-4000-8000-000000000003</id><name>Layers</name><description xsi:nil="true"></description><is_active>true</is_active><expiration_date_utc>9999-12-31T23:59:59Z</expiration_date_utc></features>` +
	`<features><id>f0000000-0000-4000-8000-000000000004</id><name>Measuring</name><description xsi:nil="true"></description><is_active>true</is_active><expiration_date_utc xsi:nil="true"></expiration_date_utc></features>` +
	`<features><id>f0000000-0000-4000-8000-000000000005</id><name>Redlining</name><description xsi:nil="true"></description><is_active>true</is_active><expiration_date_utc xsi:nil="true"></expiration_date_utc></features>` +
	`<features><id>f0000000-0000-4000-8000-000000000006</id><name>Batch plot</name><description xsi:nil="true"></description><is_active>true</is_active><expiration_date_utc xsi:nil="true"></expiration_date_utc></features>` +
	`<limitations><id>a0000000-0000-4000-8000-000000000001</id><name>Plans</name><description xsi:nil="true"></description><value>1000</value><remaining>12.5</remaining><consumption_reset_mode>2</consumption_reset_mode><consumption_reset_period_days>30</consumption_reset_period_days></limitations>` +
	`<limitations><id>a0000000-0000-4000-8000-000000000002</id><name>Exports</name><description xsi:nil="true"></description><value xsi:nil="true"></value><consumption_reset_mode>0</consumption_reset_mode><consumption_reset_period_days xsi:nil="true"></consumption_reset_period_days></limitations>` +
	`<constrained_variables><id>c0000000-0000-4000-8000-000000000001</id><name>Sheet sizes</name><description xsi:nil="true"></description><custom_list_id>c0000000-0000-4000-8000-0000000000ff</custom_list_id><values>A0</values><values>A1</values></constrained_variables>` +
	`<variables><id>b0000000-0000-4000-8000-000000000001</id><name>Theme</name><description>Colours of the window</description><value>dark</value></variables>` +
	`<license_users><user_id>u-17</user_id><name>Ada</name><is_active>true</is_active></license_users>` +
	`</slascone_license_file>`

// boundLicense is sampleLicense with inline activation.
func boundLicense(t testing.TB) string {
	return edit(t, sampleLicense, `<product_name>`, `<client_id>`+clientID+`</client_id><product_name>`)
}

const sampleActivation = `<slascone_activation_file` + xsdDecl + xsiDecl + `>` +
	`<license_key>` + keyID + `</license_key><token_key>d0000000-0000-4000-8000-000000000001</token_key>` +
	`<client_id>` + clientID + `</client_id><activation_date_utc>2026-10-02T13:12:50.3029826Z</activation_date_utc>` +
	`</slascone_activation_file>`
