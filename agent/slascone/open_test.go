package slascone

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func evidenceOf(kind, body string) Evidence {
	return Evidence{Kind: kind, Body: []byte(body), Signature: signRSA(testKey(), []byte(body))}
}

func TestOpen(t *testing.T) {
	c := clientOf(t, "https://host")
	edited := evidenceOf(KindHeartbeat, licenseBody(nil))
	edited.Body = []byte(strings.Replace(string(edited.Body), "Gold", "Geld", 1))
	unsigned := evidenceOf(KindHeartbeat, licenseBody(nil))
	unsigned.Signature = ""
	for name, test := range map[string]struct {
		evidence Evidence
		client   string
		want     error
	}{
		"heartbeat":              {evidenceOf(KindHeartbeat, licenseBody(nil)), testClient, nil},
		"activation":             {evidenceOf(KindActivation, licenseBody(nil)), testClient, nil},
		"client in another case": {evidenceOf(KindHeartbeat, licenseBody(nil)), strings.ToLower(testClient), nil},
		"flags that say no":      {evidenceOf(KindHeartbeat, licenseBody(map[string]any{"is_license_valid": false})), testClient, nil},
		"another client":         {evidenceOf(KindHeartbeat, licenseBody(nil)), "another", ErrForeignEvidence},
		"no client":              {evidenceOf(KindHeartbeat, licenseBody(nil)), "", ErrForeignEvidence},
		"nobody's":               {evidenceOf(KindHeartbeat, licenseBody(map[string]any{"client_id": ""})), "", ErrBadEvidence},
		"another product":        {evidenceOf(KindHeartbeat, licenseBody(map[string]any{"product_id": testISV})), testClient, ErrForeignEvidence},
		"edited":                 {edited, testClient, ErrBadEvidence},
		"unsigned":               {unsigned, testClient, ErrBadEvidence},
		"nothing":                {Evidence{}, testClient, ErrBadEvidence},
		"session":                {evidenceOf(KindSession, sessionBody(nil)), testClient, ErrBadEvidence},
		"licence as a session":   {evidenceOf(KindSession, licenseBody(nil)), testClient, ErrBadEvidence},
		"session as a licence":   {evidenceOf(KindHeartbeat, sessionBody(nil)), testClient, ErrBadEvidence},
		"conflict":               {evidenceOf(KindHeartbeat, conflictBody), testClient, ErrBadEvidence},
		"another kind":           {evidenceOf(strings.Repeat("kind ", 100), licenseBody(nil)), testClient, ErrBadEvidence},
	} {
		lic, err := c.Open(test.evidence, test.client)
		if !errors.Is(err, test.want) || (err == nil) == lic.IsZero() {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil {
			readable(t, err)
			continue
		}
		if lic.Key() != testLicense || lic.FromActivation() != (test.evidence.Kind == KindActivation) || !lic.IssuedAt().Equal(noon) {
			t.Errorf("%s: %+v", name, lic.Terms())
		}
	}
	stranger := clientOf(t, "https://host", func(c *Config) { c.Verifier, _ = RSA(&otherKey().PublicKey) })
	if _, err := stranger.Open(evidenceOf(KindHeartbeat, licenseBody(nil)), testClient); !errors.Is(err, ErrBadEvidence) {
		t.Errorf("with another key: %v", err)
	}
}

// TestOpenGivesWhatTheCallGave: a licence is the same after a restart.
func TestOpenGivesWhatTheCallGave(t *testing.T) {
	_, c, _ := seated(t)
	a := c.Heartbeat(t.Context(), heartbeat(), Known{})
	kept, err := c.Open(a.Evidence, testClient)
	if err != nil || fmt.Sprintf("%+v", kept.Verdict()) != fmt.Sprintf("%+v", a.Value.Verdict()) || asJSON(t, kept.Terms()) != asJSON(t, a.Value.Terms()) ||
		!kept.IssuedAt().Equal(a.At) {
		t.Errorf("%v", err)
	}
}

func tenFeatures() string {
	var features []any
	for i := range 10 {
		features = append(features, map[string]any{"id": fmt.Sprintf("e25ddf42-e79c-4e3a-986c-08da6fa4355%d", i), "name": fmt.Sprintf("Feature %d", i),
			"description": "what it does", "is_active": true, "expiration_date_utc": null})
	}
	return licenseBody(map[string]any{
		"customer":    map[string]any{"customer_id": "103aba57-4c33-494c-bdd5-fd345bc683f5", "company_name": "Ring Retail Ltd", "customer_number": "87012"},
		"client_name": "PC", "client_description": "the desk", "product_name": "CAD", "template_name": "Standard", "template_id": testISV,
		"provisioning_mode": 0, "client_type": 0, "start_date_utc": null, "expiration_date_utc": "2027-12-31T00:00:00Z", "token_limit": 5,
		"floating_token_limit": null, "session_period": null, "heartbeat_period": 1, "freeride": 7, "features": features,
		"limitations": []any{map[string]any{"id": testToken, "name": "Cores", "description": null, "value": 3, "consumption_reset_mode": 0}},
		"variables":   []any{}, "constrained_variables": []any{}, "license_users": []any{}, "license_type": map[string]any{"id": testISV, "name": "Gold"},
	})
}

// BenchmarkOpen is what a start of the application costs here: verify and
// decode kept evidence with ten features.
func BenchmarkOpen(b *testing.B) {
	c := clientOf(b, "https://host")
	e := evidenceOf(KindHeartbeat, tenFeatures())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Open(e, testClient); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify is the part of BenchmarkOpen that is RSA.
func BenchmarkVerify(b *testing.B) {
	e, v := evidenceOf(KindHeartbeat, tenFeatures()), testVerifier()
	b.ReportAllocs()
	for b.Loop() {
		if err := v.verify(e.Body, e.Signature); err != nil {
			b.Fatal(err)
		}
	}
}
