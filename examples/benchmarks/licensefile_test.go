package benchmarks

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keygen-sh/keygen-go/v3"

	"github.com/leasehold-dev/leasehold/agent/licensefile"
)

// features is how many features, or entitlements, each file grants.
const features = 10

// leaseholdFile returns the job of reading, verifying and decoding a signed
// XML licence file, and the file's size.
func leaseholdFile(b *testing.B) (job func() error, size int) {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	file := signXML(b, key)
	cfg := licensefile.Config{
		Key: &key.PublicKey, ProductID: "6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01", ClientID: "client",
		Now: time.Now(), SoftwareVersion: "24.1",
	}
	return func() error {
		l, err := licensefile.VerifyLicense(file, cfg)
		if err == nil && len(l.Features()) != features {
			err = fmt.Errorf("%d features", len(l.Features()))
		}
		return err
	}, len(file)
}

// signXML writes a licence file with as many fields as the service's own. Its
// text is its own canonical form.
func signXML(b *testing.B, key *rsa.PrivateKey) []byte {
	b.Helper()
	const (
		scope = ` xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
		ds    = ` xmlns="http://www.w3.org/2000/09/xmldsig#"`
		end   = `</slascone_license_file>`
		null  = ` xsi:nil="true"></`
	)
	var doc strings.Builder
	doc.WriteString(`<slascone_license_file` + scope + `><modified_date_utc>2026-04-29T09:35:05.43186Z</modified_date_utc>` +
		`<customer><customer_id>9a4f2d10-8f5e-4c52-a1c0-3d6b5e7f8a90</customer_id><company_name>Example</company_name><customer_number>10</customer_number></customer>` +
		`<license_name>Workstation</license_name><license_key>0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10</license_key>` +
		`<legacy_license_key` + null + `legacy_license_key><product_name>Plan Viewer</product_name><product_id>6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01</product_id>` +
		`<template_name>Professional</template_name><template_id>e1f1a2b3-0000-4000-8000-0000000000bb</template_id><provisioning_mode>0</provisioning_mode>` +
		`<floating_tokens` + null + `floating_tokens><user_limits` + null + `user_limits><start_date_utc>2018-08-10T10:13:55Z</start_date_utc>` +
		`<expiration_date_utc>2099-12-31T00:00:00Z</expiration_date_utc><is_temporary>false</is_temporary>` +
		`<software_release_limitation><id>e1f1a2b3-0000-4000-8000-0000000000cc</id><software_release>24</software_release></software_release_limitation>` +
		`<session_period` + null + `session_period><heartbeat_period` + null + `heartbeat_period><freeride>3</freeride>`)
	for i := range features {
		fmt.Fprintf(&doc, `<features><id>f0000000-0000-4000-8000-%012d</id><name>Feature %d</name><description%sdescription><is_active>true</is_active>`+
			`<expiration_date_utc%sexpiration_date_utc></features>`, i, i, null, null)
	}
	for i := range 2 {
		fmt.Fprintf(&doc, `<limitations><id>a0000000-0000-4000-8000-%012d</id><name>Limit %d</name><value>1000</value><consumption_reset_mode>0</consumption_reset_mode></limitations>`, i, i)
	}
	content := doc.String()
	digest := sha256.Sum256([]byte(content + end))
	info := func(scope string) string {
		return `<SignedInfo` + scope + `><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>` +
			`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod><Reference URI="">` +
			`<Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform></Transforms>` +
			`<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>` +
			`<DigestValue>` + base64.StdEncoding.EncodeToString(digest[:]) + `</DigestValue></Reference></SignedInfo>`
	}
	sum := sha256.Sum256([]byte(info(ds + scope)))
	value, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	return []byte(content + `<Signature` + ds + `>` + info("") +
		`<SignatureValue>` + base64.StdEncoding.EncodeToString(value) + `</SignatureValue></Signature>` + end)
}

// keygenFile returns keygen-go's counterpart: verify and decrypt a licence
// file of the same content.
func keygenFile(b *testing.B) (job func() error, size int) {
	b.Helper()
	const secret = "A1B2C3-D4E5F6-A7B8C9-D0E1F2-A3B4C5-V3"
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	keygen.PublicKey = hex.EncodeToString(public)
	now := time.Now().UTC()

	var included []map[string]any
	for i := range features {
		included = append(included, map[string]any{
			"id": fmt.Sprintf("f0000000-0000-4000-8000-%012d", i), "type": "entitlements",
			"attributes": map[string]any{"name": fmt.Sprintf("Feature %d", i), "code": fmt.Sprintf("FEATURE_%d", i), "metadata": map[string]any{}, "created": now, "updated": now},
		})
	}
	dataset, err := json.Marshal(map[string]any{
		"data": map[string]any{
			"id": "0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10", "type": "licenses",
			"attributes": map[string]any{
				"name": "Workstation", "key": secret, "expiry": now.AddDate(9, 0, 0), "status": "ACTIVE", "scheme": nil,
				"requireHeartbeat": false, "lastValidated": now, "created": now, "updated": now,
				"metadata": map[string]any{"company": "Example", "limit": 1000},
			},
			"relationships": map[string]any{"policy": map[string]any{"data": map[string]any{"type": "policies", "id": "e1f1a2b3-0000-4000-8000-0000000000bb"}}},
		},
		"included": included,
		"meta":     map[string]any{"issued": now, "expiry": now.AddDate(1, 0, 0), "ttl": 31536000},
	})
	if err != nil {
		b.Fatal(err)
	}

	secretKey := sha256.Sum256([]byte(secret))
	block, err := aes.NewCipher(secretKey[:])
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	iv := make([]byte, gcm.NonceSize())
	sealed := gcm.Seal(nil, iv, dataset, nil)
	encode := base64.StdEncoding.EncodeToString
	tag := len(sealed) - gcm.Overhead()
	enc := encode(sealed[:tag]) + "." + encode(iv) + "." + encode(sealed[tag:])
	cert, err := json.Marshal(map[string]string{
		"enc": enc, "sig": encode(ed25519.Sign(private, []byte("license/"+enc))), "alg": "aes-256-gcm+ed25519",
	})
	if err != nil {
		b.Fatal(err)
	}
	file := "-----BEGIN LICENSE FILE-----\n" + encode(cert) + "\n-----END LICENSE FILE-----\n"
	return func() error {
		lic := &keygen.LicenseFile{Certificate: file}
		if err := lic.Verify(); err != nil {
			return err
		}
		data, err := lic.Decrypt(secret)
		if err == nil && len(data.Entitlements) != features {
			err = fmt.Errorf("%d entitlements", len(data.Entitlements))
		}
		return err
	}, len(file)
}

func BenchmarkLicenseFile(b *testing.B) { compare(b, leaseholdFile) }

func BenchmarkLicenseFileRatio(b *testing.B) { ratio(b, leaseholdFile) }

// maker returns a job to measure, and the size of what it reads.
type maker func(*testing.B) (job func() error, size int)

// compare measures our job beside keygen-go's.
func compare(b *testing.B, ours maker) {
	b.Helper()
	for _, peer := range []struct {
		name string
		make maker
	}{
		{"leasehold", ours},
		{"keygen-go", keygenFile},
	} {
		b.Run(peer.name, func(b *testing.B) {
			job, size := peer.make(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := job(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size), "file-bytes")
		})
	}
}

// ratio runs both by turns, so that whatever else the machine does touches both
// alike, and reports our time over theirs.
func ratio(b *testing.B, ours maker) {
	b.Helper()
	our, _ := ours(b)
	their, _ := keygenFile(b)
	var took [2]time.Duration
	for b.Loop() {
		for i, job := range []func() error{our, their} {
			start := time.Now()
			if err := job(); err != nil {
				b.Fatal(err)
			}
			took[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "leasehold/keygen-go")
}
