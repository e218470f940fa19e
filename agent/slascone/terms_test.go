package slascone

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// TestEveryFieldArrives activates a licence that has everything.
func TestEveryFieldArrives(t *testing.T) {
	s := realServer(t)
	s.UpdateProduct(testProduct, func(p *slasconetest.Product) {
		p.Name, p.LatestVersion, p.DownloadLink = "CAD", "26.1", "https://vendor.example/cad"
	})
	lic := s.AddLicense(slasconetest.License{
		Key: testLicense, LegacyKey: "OLD-0815", Name: "Gold", Edition: "Professional", Floating: true, ForUsers: true, Temporary: true,
		Customer: slasconetest.Customer{Name: "Ring Retail Ltd", Number: "87012"}, Type: slasconetest.Type{Name: "Subscription"},
		Starts: noon.AddDate(0, -1, 0), Expires: noon.AddDate(1, 0, 0), TokenLimit: new(5), FloatingTokenLimit: new(3),
		SessionPeriod: new(7), HeartbeatPeriod: new(1), Freeride: new(14), ReleaseLimit: "26", EnforceUpgrade: true,
		Features: []slasconetest.Feature{{Name: "PDF export", Description: "as PDF/A"}, {Name: "Cloud", Disabled: true, Expires: noon}},
		Limitations: []slasconetest.Limitation{
			{Name: "Documents", Value: "10.25", Reset: slasconetest.ResetPeriodically, ResetDays: 30}, {Name: "Cores", Value: "4"}, {Name: "Endless"},
		},
		Variables: []slasconetest.Variable{{Name: "Colour", Value: "blue", Description: "of the icon"}},
		Choices:   []slasconetest.Choice{{Name: "Language", Values: []string{"de", "en"}}},
		Users:     []slasconetest.User{{ID: "ann@ring.example", Name: "Ann"}},
	})
	call := activation()
	call.ClientID, call.Description = testClient+"/ann@ring.example", "the desk"
	a := clientOf(t, s.URL).Activate(t.Context(), call, Known{})
	if got := sound(t, a); got != (outcome{kind: Yes}) {
		t.Fatalf("%+v (%v)", got, a.Err)
	}
	amount := func(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }
	want := license.Terms{
		Key: testLicense, TokenKey: s.Tokens(testLicense)[0].Key, LegacyKey: "OLD-0815", Name: "Gold",
		Customer: license.Customer{ID: lic.Customer.ID, Company: "Ring Retail Ltd", Number: "87012"},
		ClientID: call.ClientID, ClientName: "PC", ClientDescription: "the desk", ProductID: testProduct, ProductName: "CAD",
		EditionID: lic.EditionID, EditionName: "Professional", TypeID: lic.Type.ID, TypeName: "Subscription",
		ProvisioningMode: license.Floating, ClientType: license.Users, Active: true, Valid: true, VersionValid: true,
		Starts: noon.AddDate(0, -1, 0), Expires: noon.AddDate(1, 0, 0), Temporary: true, TokenLimit: new(5), FloatingTokenLimit: new(3),
		ReleaseLimit: "26", EnforceUpgrade: true, NewerRelease: true,
		LatestRelease:        &license.Shipment{Version: "26.1", DownloadLink: "https://vendor.example/cad"},
		SessionPeriodMinutes: new(7), HeartbeatPeriodDays: new(1), FreerideDays: new(14),
		Features: []license.Feature{
			{ID: lic.Features[0].ID, Name: "PDF export", Description: "as PDF/A", Active: true},
			{ID: lic.Features[1].ID, Name: "Cloud", Expires: noon},
		},
		Limitations: []license.Limitation{
			{ID: lic.Limitations[0].ID, Name: "Documents", Value: amount("10.25"), Remaining: amount("10.25"), Balance: amount("0"),
				ResetMode: license.ResetPeriodically, ResetPeriodDays: new(30)},
			{ID: lic.Limitations[1].ID, Name: "Cores", Value: amount("4"), Remaining: amount("4"), Balance: amount("0")},
			{ID: lic.Limitations[2].ID, Name: "Endless", Balance: amount("0")},
		},
		Variables: []license.Variable{{ID: lic.Variables[0].ID, Name: "Colour", Description: "of the icon", Value: "blue"}},
		Choices:   []license.Choice{{ID: lic.Choices[0].ID, Name: "Language", ListID: lic.Choices[0].ListID, Values: []string{"de", "en"}}},
		Users:     []license.User{{ID: "ann@ring.example", Name: "Ann", Active: true}},
	}
	if got := a.Value.Terms(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
	if !a.At.Equal(noon) || !a.Value.IssuedAt().Equal(noon) || !a.Value.FromActivation() || a.Evidence.Kind != KindActivation {
		t.Errorf("at %v, from activation %v, %s", a.At, a.Value.FromActivation(), a.Evidence.Kind)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReleasesArrive(t *testing.T) {
	body := licenseBody(map[string]any{"software_release_limitation": map[string]any{
		"id": testProduct, "product_id": testProduct, "software_release": "26", "description": nil,
		"software_shipments": []any{
			map[string]any{"id": testToken, "product_id": testProduct, "version_number": "26.1", "description": "fixes", "download_link": "https://vendor.example/26.1",
				"properties": []any{map[string]any{"name": "size", "value": "9 MB"}}, "software_release_limitation_id": testProduct, "is_latest": true},
			map[string]any{"id": testToken, "product_id": testProduct, "version_number": "26.0", "properties": nil},
		},
	}})
	lic, err := clientOf(t, "http://127.0.0.1:1").Open(evidenceOf(KindHeartbeat, body), testClient)
	if err != nil {
		t.Fatal(err)
	}
	want := []license.Shipment{{Version: "26.1", Description: "fixes", DownloadLink: "https://vendor.example/26.1"}, {Version: "26.0"}}
	if got := lic.Terms(); !reflect.DeepEqual(got.Releases, want) || got.ReleaseLimit != "26" {
		t.Errorf("up to %s: %+v", got.ReleaseLimit, got.Releases)
	}
}

// TestOddFields reads what other servers may write.
func TestOddFields(t *testing.T) {
	read := func(t *testing.T, edit map[string]any) license.Terms {
		t.Helper()
		lic, fail := clientOf(t, "https://host").readLicense(verified.Heartbeat, []byte(licenseBody(edit)), binding{clientID: testClient})
		if fail != nil {
			t.Fatalf("%v: %v", edit, fail)
		}
		return lic.Terms()
	}
	for name, test := range map[string]struct {
		edit map[string]any
		ok   func(license.Terms) bool
	}{
		"enumerations by name": {map[string]any{"provisioning_mode": "Floating", "client_type": "Users", "date_validity": "Expired"}, func(t license.Terms) bool {
			return t.ProvisioningMode == license.Floating && t.ClientType == license.Users && t.DateValidity == license.DateExpired
		}},
		"unknown enumerations": {map[string]any{"provisioning_mode": 9, "client_type": "Robots"}, func(t license.Terms) bool {
			return t.ProvisioningMode == 9 && t.ClientType == -1
		}},
		"everything null": {map[string]any{"customer": null, "token_key": null, "features": null, "limitations": null, "date_validity": null,
			"is_software_version_valid": null, "software_release_limitation": null, "provisioning_mode": null, "license_type": null}, func(t license.Terms) bool {
			return t.TokenKey == "" && t.Features == nil && t.VersionValid && t.DateValidity == license.DateValid && t.ProvisioningMode == license.Named
		}},
		"a perpetual licence": {map[string]any{"expiration_date_utc": "9999-12-31T23:59:59.9999999"}, func(t license.Terms) bool { return t.Expires.IsZero() }},
		"a date with an escaped plus": {map[string]any{"expiration_date_utc": json.RawMessage(`"2026-03-10T14:00:00\u002B02:00"`)}, func(t license.Terms) bool {
			return t.Expires.Equal(noon)
		}},
		"a date with seven digits": {map[string]any{"start_date_utc": "2026-03-10T12:00:00.1234567Z"}, func(t license.Terms) bool {
			return t.Starts.Equal(noon.Add(123456700 * time.Nanosecond))
		}},
		"an empty feature": {map[string]any{"features": []any{null, map[string]any{}}}, func(t license.Terms) bool { return len(t.Features) == 2 && !t.Features[0].Active }},
		"a large amount": {map[string]any{"limitations": []any{map[string]any{"value": json.RawMessage("12345678901234567890.5"), "balance": -2.5}}}, func(t license.Terms) bool {
			l := t.Limitations[0]
			return l.Value.String() == "12345678901234567890.5" && l.Balance.String() == "-2.5" && l.Remaining == nil
		}},
		"unknown members": {map[string]any{"new_in_2027": map[string]any{"a": []int{1}}}, func(t license.Terms) bool { return t.Key == testLicense }},
		"broken UTF-8": {map[string]any{"license_name": json.RawMessage("\"a\\ud800b\"")}, func(t license.Terms) bool {
			return t.Name == "a\ufffdb"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, test.edit); !test.ok(got) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// vectors returns the folder of files that the real service signed.
func vectors(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LEASEHOLD_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no files of the real service here; set LEASEHOLD_VECTORS to their folder")
	}
	return dir
}

// TestRealHeartbeat reads a body that the real service signed in January 2023.
func TestRealHeartbeat(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(vectors(t), name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	body, signature := read("heartbeat-2023.json"), strings.TrimSpace(string(read("heartbeat-2023.signature.txt")))
	keys, err := ParsePublicKeys(read("demo-public-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := RSA(keys...)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.verify(body, signature); err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string][]byte{
		"one byte more": append(body[:len(body):len(body)], '\n'), "one byte less": body[:len(body)-1], "another byte": append([]byte{'['}, body[1:]...),
		"byte order mark": append([]byte("\xef\xbb\xbf"), body...),
	} {
		if v.verify(changed, signature) == nil {
			t.Errorf("%s verifies", name)
		}
	}

	// A body of 2023 names no product, so nothing binds it: it is not believed.
	c := clientOf(t, "https://host", func(c *Config) { c.Verifier = v })
	if _, err := c.Open(Evidence{Kind: KindHeartbeat, Body: body, Signature: signature}, testClient); err == nil || !strings.Contains(err.Error(), "product_id") {
		t.Errorf("%v; want a refusal for want of product_id", err)
	}
	// Its other fields decode.
	withProduct := append([]byte(`{"product_id":"`+testProduct+`",`), body[1:]...)
	lic, fail := c.readLicense(verified.Heartbeat, withProduct, binding{clientID: testClient, license: testLicense})
	if fail != nil {
		t.Fatal(fail)
	}
	three := decimal.NewFromInt(3)
	want := license.Terms{
		Key: testLicense, TokenKey: "19bf20dc-7e49-46cf-8667-ff3424b2fe20", Name: "New License",
		Customer: license.Customer{ID: "103aba57-4c33-494c-bdd5-fd345bc683f5", Company: "Ring Retail Ltd", Number: "87012"},
		ClientID: testClient, ClientDescription: "SLASCONE-demo-csharp-swagger", ProductID: testProduct, ProductName: "CAD",
		EditionName: "Standard Edition - Floating", ProvisioningMode: license.Floating, Active: true, Valid: true, VersionValid: true,
		Expires: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), SessionPeriodMinutes: new(5), FreerideDays: new(7),
		Features: []license.Feature{
			{ID: "e25ddf42-e79c-4e3a-986c-08da6fa43551", Name: "Cloud backup", Active: true},
			{ID: "55afe16d-f426-49ee-9415-08da83332dd7", Name: "AI supported recommendations", Active: true},
		},
		Limitations: []license.Limitation{{ID: "00cf2984-d71a-4c66-9f49-08da833189e3", Name: "Number of cores", Value: &three, ResetMode: license.ResetFirstDayOfMonth}},
	}
	if got := lic.Terms(); asJSON(t, got) != asJSON(t, want) {
		t.Errorf("got  %s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
	if !lic.IssuedAt().Equal(time.Date(2023, 1, 12, 15, 21, 55, 0, time.UTC)) {
		t.Errorf("issued at %v", lic.IssuedAt())
	}
}
