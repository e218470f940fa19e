package benchmarks

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// leaseholdEvidence returns the job of verifying and decoding the kept answer
// of a server, and its size.
func leaseholdEvidence(b *testing.B) (job func() error, size int) {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := slascone.RSA(&key.PublicKey)
	if err != nil {
		b.Fatal(err)
	}
	client, err := slascone.New(slascone.Config{
		ServerURL: "https://licences.example", ISVID: "9a4f2d10-8f5e-4c52-a1c0-3d6b5e7f8a90", ProductID: "6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01",
		ProvisioningKey: "key", Verifier: verifier,
	})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(answer())
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	kept, err := slascone.Evidence{
		Kind: slascone.KindHeartbeat, Body: body, Signature: base64.StdEncoding.EncodeToString(signature),
	}.MarshalText()
	if err != nil {
		b.Fatal(err)
	}
	return func() error {
		var e slascone.Evidence
		if err := e.UnmarshalText(kept); err != nil {
			return err
		}
		l, err := client.Open(e, "client")
		if err == nil && len(l.Features()) != features {
			err = fmt.Errorf("%d features", len(l.Features()))
		}
		return err
	}, len(kept)
}

// answer is a heartbeat's answer with the members that the service writes.
func answer() string {
	var list []string
	for i := range features {
		list = append(list, fmt.Sprintf(`{"id":"f0000000-0000-4000-8000-%012d","name":"Feature %d","description":null,"is_active":true,"expiration_date_utc":null}`, i, i))
	}
	var limits []string
	for i := range 2 {
		limits = append(limits, fmt.Sprintf(`{"id":"a0000000-0000-4000-8000-%012d","name":"Limit %d","description":null,"value":1000,"remaining":null,"balance":null,`+
			`"consumption_reset_mode":0,"consumption_reset_period_days":null}`, i, i))
	}
	return `{"customer":{"customer_id":"9a4f2d10-8f5e-4c52-a1c0-3d6b5e7f8a90","company_name":"Example","customer_number":"10"},"license_name":"Workstation",` +
		`"license_key":"0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10","token_key":"19bf20dc-7e49-46cf-8667-ff3424b2fe20","legacy_license_key":null,"client_id":"client",` +
		`"client_name":null,"client_description":"desk","product_name":"Plan Viewer","product_id":"6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01","template_name":"Professional",` +
		`"template_id":"e1f1a2b3-0000-4000-8000-0000000000bb","provisioning_mode":0,"client_type":0,"is_license_active":true,"is_license_expired":false,` +
		`"is_license_valid":true,"start_date_utc":null,"expiration_date_utc":"2099-12-31T00:00:00Z","date_validity":0,"token_limit":5,"floating_token_limit":null,` +
		`"is_temporary":false,"is_software_version_valid":true,"software_release_limitation":null,"is_newer_software_shipment_available":false,` +
		`"latest_software_shipment":null,"session_period":null,"heartbeat_period":1,"freeride":3,"enforce_software_version_upgrade":false,` +
		`"features":[` + strings.Join(list, ",") + `],"limitations":[` + strings.Join(limits, ",") + `],"variables":[],"constrained_variables":[],"license_users":[],` +
		`"created_date_utc":"2026-04-29T09:35:05.43186Z","license_type":{"id":"e1f1a2b3-0000-4000-8000-0000000000dd","name":"Subscription"}}`
}

// BenchmarkEvidence is what a start of the application verifies and decodes.
func BenchmarkEvidence(b *testing.B) { compare(b, leaseholdEvidence) }

func BenchmarkEvidenceRatio(b *testing.B) { ratio(b, leaseholdEvidence) }
