package licensefile

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/license"
)

func ptr[T any](v T) *T { return &v }

// Every field of a licence file arrives in the domain model, the names that
// XML spells in its own way included.
func TestTermsAllFields(t *testing.T) {
	l, err := VerifyLicense(signed(boundLicense(t)), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	feature := func(n, name, description string, active bool, expires time.Time) license.Feature {
		return license.Feature{ID: "f0000000-0000-4000-8000-00000000000" + n, Name: name, Description: description, Active: active, Expires: expires}
	}
	want := license.Terms{
		Key: keyID, LegacyKey: "11111 22222 33333", Name: "Workstation",
		Customer:  license.Customer{ID: "9a4f2d10-8f5e-4c52-a1c0-3d6b5e7f8a90", Company: "Kanzlei Müller & Söhne", Number: "20417"},
		ClientID:  clientID,
		ProductID: productID, ProductName: "Plan Viewer",
		EditionID: "e1f1a2b3-0000-4000-8000-0000000000bb", EditionName: "Professional",
		TypeID: "e1f1a2b3-0000-4000-8000-0000000000aa", TypeName: "Direct sales",
		ProvisioningMode: license.Floating,
		Active:           true, Valid: true, VersionValid: true,
		Starts:             time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		Expires:            time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		FloatingTokenLimit: ptr(7),
		ReleaseLimit:       "24.1",

		SessionPeriodMinutes: ptr(30), HeartbeatPeriodDays: ptr(2), FreerideDays: ptr(14),
		Features: []license.Feature{
			feature("1", "PDF export", "", true, time.Time{}),
			feature("2", "Printing", "On paper", false, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)),
			feature("3", "Layers", "", true, time.Time{}),
			feature("4", "Measuring", "", true, time.Time{}),
			feature("5", "Redlining", "", true, time.Time{}),
			feature("6", "Batch plot", "", true, time.Time{}),
		},
		Limitations: []license.Limitation{
			{
				ID: "a0000000-0000-4000-8000-000000000001", Name: "Plans", Value: ptr(decimal.RequireFromString("1000")),
				Remaining: ptr(decimal.RequireFromString("12.5")), ResetMode: license.ResetPeriodically, ResetPeriodDays: ptr(30),
			},
			{ID: "a0000000-0000-4000-8000-000000000002", Name: "Exports"},
		},
		Choices: []license.Choice{{
			ID: "c0000000-0000-4000-8000-000000000001", Name: "Sheet sizes",
			ListID: "c0000000-0000-4000-8000-0000000000ff", Values: []string{"A0", "A1"},
		}},
		Variables: []license.Variable{{ID: "b0000000-0000-4000-8000-000000000001", Name: "Theme", Description: "Colours of the window", Value: "dark"}},
		Users:     []license.User{{ID: "u-17", Name: "Ada", Active: true}},
	}
	if got := l.Terms(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// The smallest licence file: what every server has written since the format
// exists.
func TestTermsFewFields(t *testing.T) {
	const least = `<slascone_license_file` + xsdDecl + xsiDecl + `><modified_date_utc>2024-01-01T00:00:00Z</modified_date_utc>` +
		`<license_key>k</license_key><product_id>` + productID + `</product_id>` +
		`<expiration_date_utc xsi:nil="true"></expiration_date_utc></slascone_license_file>`
	l, err := VerifyLicense(signed(least), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	want := license.Terms{Key: "k", ProductID: productID, Active: true, Valid: true, VersionValid: true}
	if got := l.Terms(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	for _, field := range []string{"modified_date_utc", "license_key", "product_id"} {
		at := strings.Index(least, "<"+field)
		end := strings.Index(least, "</"+field+">") + len(field) + 3
		_, err := VerifyLicense(signed(least[:at]+least[end:]), testConfig())
		wantCheck(t, err, CheckContent)
		for _, none := range []string{"<" + field + "></" + field + ">", "<" + field + ` xsi:nil="true"></` + field + ">"} {
			_, err = VerifyLicense(signed(least[:at]+none+least[end:]), testConfig())
			wantCheck(t, err, CheckContent)
		}
	}
}

// What a newer server may add is passed over, in every place.
func TestTermsUnknownElements(t *testing.T) {
	want, err := VerifyLicense(signed(sampleLicense), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	const added = `<new_thing a="1" xsi:type="xsd:string"><value>9000</value><license_key>other</license_key>text</new_thing>`
	for _, before := range []string{
		"<modified_date_utc>", "<customer_id>", "<software_release>", "</slascone_license_file>", "<name>Printing", "<name>Plans", "<name>Sheet", "<name>Theme", "<name>Ada",
	} {
		for _, space := range []string{"", "\n  "} {
			l, err := VerifyLicense(signed(edit(t, sampleLicense, before, space+added+added+space+before)), testConfig())
			if err != nil {
				t.Errorf("before %s: %v", before, err)
				continue
			}
			if !sameLicense(l, want) {
				t.Errorf("before %s: reads %+v", before, l.Terms())
			}
		}
	}
}

func TestTermsIncompleteItems(t *testing.T) {
	for _, change := range [][2]string{
		{"<id>f0000000-0000-4000-8000-000000000002</id>", ""},
		{"<is_active>false</is_active>", ""},
		{"<is_active>false</is_active>", `<is_active xsi:nil="true"></is_active>`},
		{"<id>a0000000-0000-4000-8000-000000000001</id>", ""},
		{"<value>1000</value>", ""}, // absent is not unlimited
		{"<id>c0000000-0000-4000-8000-000000000001</id>", ""},
		{"<id>b0000000-0000-4000-8000-000000000001</id>", ""},
	} {
		_, err := VerifyLicense(signed(edit(t, sampleLicense, change[0], change[1])), testConfig())
		wantCheck(t, err, CheckContent)
	}
	l, err := VerifyLicense(signed(edit(t, sampleLicense, "<freeride>", `<features xsi:nil="true"></features><freeride>`)), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Features()); n != 6 {
		t.Errorf("%d features; want the 6 that are not null", n)
	}
}
