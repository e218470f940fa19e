package slasconetest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

const (
	fieldNumber  = "0d1b2a52-6a1e-4a51-9a0e-7d9f0d3b5f10"
	fieldBool    = "0d1b2a52-6a1e-4a51-9a0e-7d9f0d3b5f11"
	fieldText    = "0d1b2a52-6a1e-4a51-9a0e-7d9f0d3b5f12"
	usageExport  = "0d1b2a52-6a1e-4a51-9a0e-7d9f0d3b5f13"
	usageInvoice = "0d1b2a52-6a1e-4a51-9a0e-7d9f0d3b5f14"
)

// reporting is a server whose client one may report.
func reporting(t *testing.T) (*slasconetest.Server, *caller) {
	t.Helper()
	s := server(t, func(cfg *slasconetest.Config) {
		cfg.Products = []slasconetest.Product{{
			ID: slasconetest.DemoProduct, Name: "CAD",
			AnalyticalFields: map[string]string{fieldNumber: "numeric", fieldBool: "bool", fieldText: "text"},
			UsageFeatures:    map[string]string{usageExport: "Export"}, UsageModules: map[string]string{usageInvoice: "Invoice"},
		}}
	})
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	return s, c
}

func TestUsageReports(t *testing.T) {
	s, c := reporting(t)
	then := &wire.Time{Time: start.Add(-time.Hour)}
	report := func(feature, module string) reply {
		return c.post(wire.PathUsage, wire.UsageRequest{ClientID: "one", UserID: "a@b.c", Usage: []wire.Usage{
			{FeatureID: feature, ModuleID: module, Timestamp: then, Value: wire.Decimal{Decimal: decimal.RequireFromString("1.5")}},
		}})
	}
	if got := decode[string](t, c.want(report(usageExport, usageInvoice), 200)); got == "" {
		t.Error("the answer is no text")
	}
	c.want(report(usageInvoice, ""), 6002)
	c.want(report(usageExport, usageExport), 6004)
	c.want(report("x", ""), 400)
	if got := s.Usages(); len(got) != 1 || got[0].Feature != "Export" || got[0].Value != "1.5" || !got[0].Time.Equal(then.Time) || got[0].UserID != "a@b.c" {
		t.Errorf("usages %+v", got)
	}
	c.want(c.post(wire.PathUsage, wire.UsageRequest{ClientID: "stranger", Usage: []wire.Usage{{FeatureID: usageExport}}}), 2006)
	c.want(c.post(wire.PathUsage, wire.UsageRequest{ClientID: "one", TokenKey: slasconetest.DemoISV, Usage: []wire.Usage{{FeatureID: usageExport}}}), 2003)
	if got := must[[]slasconetest.Usage](c, c.control("GET", "/emulator/usage", "")); len(got) != 1 {
		t.Errorf("usages %+v", got)
	}
}

func TestUsageReportsByName(t *testing.T) {
	s, c := reporting(t)
	report := func(feature, module string, create bool) reply {
		return c.post(wire.PathUsageByName, wire.UsageByNameRequest{ProductID: slasconetest.DemoProduct, ClientID: "one",
			CreateFeature: create, CreateModule: create, Usage: []wire.NamedUsage{{FeatureName: feature, ModuleName: module}}})
	}
	c.want(report("export", "", false), 200)
	c.want(report("Import", "", false), 6002)
	c.want(report("export", "Ledger", false), 6004)
	c.want(report("Import", "Ledger", true), 200)
	c.want(report("Import", "Ledger", false), 200)
	c.want(report("", "", true), 400)
	if got := s.Usages(); len(got) != 3 || got[0].FeatureID != usageExport || got[1].FeatureID != got[2].FeatureID || !got[0].Time.Equal(start) {
		t.Errorf("usages %+v", got)
	}
	if got := s.Products()[0]; len(got.UsageFeatures) != 2 || len(got.UsageModules) != 2 {
		t.Errorf("product %+v", got)
	}
}

func TestMeasurements(t *testing.T) {
	s, c := reporting(t)
	report := func(fields ...wire.AnalyticalRecord) reply {
		return c.post(wire.PathAnalytics, wire.AnalyticsRequest{ClientID: "one", Fields: fields})
	}
	c.want(report(wire.AnalyticalRecord{FieldID: fieldNumber, Value: "1.5"}, wire.AnalyticalRecord{FieldID: fieldBool, Value: "true"},
		wire.AnalyticalRecord{FieldID: fieldText, Value: "any", ValueArray: []string{"x"}}), 200)
	c.want(report(wire.AnalyticalRecord{FieldID: usageExport, Value: "1"}), 6000)
	c.want(report(wire.AnalyticalRecord{FieldID: fieldNumber, Value: "many"}), 6001)
	c.want(report(wire.AnalyticalRecord{FieldID: fieldBool, Value: "maybe"}), 6005)
	c.want(report(wire.AnalyticalRecord{FieldID: fieldText}, wire.AnalyticalRecord{FieldID: fieldText}), 6003)
	c.want(report(wire.AnalyticalRecord{FieldID: "x"}), 400)
	if got := s.Measurements(); len(got) != 3 || got[0].Value != "1.5" || got[2].Values[0] != "x" {
		t.Errorf("measurements %+v", got)
	}
	if got := must[[]slasconetest.Measurement](c, c.control("GET", "/emulator/measurements", "")); len(got) != 3 {
		t.Errorf("measurements %+v", got)
	}
}

func TestValidate(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{LegacyKey: "OLD", TokenLimit: new(1)})
	c := call(t, s)
	validate := func(key string) reply { return c.post(wire.PathValidate, wire.ValidateRequest{LicenseKey: key}) }
	for _, key := range []string{lic.Key, "old"} {
		if got := info(t, c.want(validate(key), 200)); got.LicenseKey != lic.Key || got.TokenKey != nil || got.ClientID != nil {
			t.Errorf("%s: %+v", key, got)
		}
	}
	token := *info(t, c.want(c.activate(lic.Key, "one"), 200)).TokenKey
	if got := info(t, c.want(validate(token), 200)); *got.TokenKey != token || *got.ClientID != "one" {
		t.Errorf("token: %+v", got)
	}
	c.want(validate("nonsense"), 1000)
}

func TestLicensesOfAUser(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.UserTokens = map[string]string{"secret": "a@b.c"} })
	mine := s.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "A@b.c"}}})
	s.AddLicense(slasconetest.License{ForUsers: true, Inactive: true, Users: []slasconetest.User{{ID: "a@b.c"}}})
	s.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "a@b.c", Inactive: true}}})
	s.AddLicense(slasconetest.License{})
	c := call(t, s)
	list := func(token string, active bool) reply {
		header := http.Header{"Content-Type": {"application/json"}}
		header.Set(wire.HeaderProvisioningKey, s.ProvisioningKey())
		header.Set(wire.HeaderAuthorization, "Bearer "+token)
		body := `{"product_id":"` + slasconetest.DemoProduct + `","user_id":"a@b.c"}`
		if active {
			body = body[:len(body)-1] + `,"active_licenses_only":true}`
		}
		return c.do("POST", s.URL+wire.Prefix(s.ISV())+wire.PathLicensesByUser, []byte(body), header)
	}
	for active, want := range map[bool]int{false: 3, true: 2} {
		var got []struct {
			ID      string             `json:"id"`
			IsValid bool               `json:"is_valid"`
			Users   []wire.LicenseUser `json:"license_users"`
		}
		if err := json.Unmarshal(list("secret", active).body, &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != want || got[0].ID != mine.Key || !got[0].IsValid || !got[0].Users[0].IsActive || got[want-1].Users[0].IsActive {
			t.Errorf("active %v: %+v", active, got)
		}
	}
	for _, token := range []string{"", "other"} {
		if r := list(token, false); r.status != 401 {
			t.Errorf("token %q: status %d", token, r.status)
		}
	}
}
