package slasconetest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// FuzzRequests sends any body to every endpoint: each must be answered as the
// contract says, and with a status that the service has.
func FuzzRequests(f *testing.F) {
	s := handlerOnly(f, slasconetest.License{Key: slasconetest.DemoLicense, Floating: true, Limitations: []slasconetest.Limitation{
		{ID: slasconetest.DemoISV, Value: "10", Reset: slasconetest.ResetPeriodically, ResetDays: 1},
	}})
	f.Cleanup(func() { _ = s.Close() })
	paths := []struct{ path, kind string }{
		{pathActivation, "LicenseInfo"}, {pathHeartbeat, "LicenseInfo"}, {pathSessionOpen, "Session"}, {pathSessionClose, "text"}, {pathUnassign, "text"},
		{wire.PathValidate, "LicenseInfo"}, {wire.PathLicensesByUser, "[ListedLicense]"}, {wire.PathConsumption, "[Consumption]"},
		{wire.PathConsumptionRollback, "Consumption"}, {wire.PathConsumptionStatus, "Consumption"},
		{wire.PathUsage, "text"}, {wire.PathUsageByName, "text"}, {wire.PathAnalytics, "text"},
		{wire.PathLicensesByCustomer, "[ListedLicense]"}, {wire.PathLicensesByLicense, "[ListedLicense]"}, {wire.PathLicenseState, "LicenseState"},
		{wire.PathLookupCustomer, "uuid"}, {wire.PathLookupProduct, "uuid"}, {wire.PathLookupLicenses, "[uuid]"},
	}
	for i, seed := range []string{
		`{"product_id":"` + slasconetest.DemoProduct + `","license_key":"` + slasconetest.DemoLicense + `","client_id":"two"}`,
		`{"product_id":"` + slasconetest.DemoProduct + `","client_id":"one","software_version":"1","operating_system":"x"}`,
		`{"license_id":"` + slasconetest.DemoLicense + `","client_id":"one","session_id":"` + sessionA + `","checkout_period":1e-300}`,
		`{"license_id":"` + slasconetest.DemoLicense + `","client_id":"one","session_id":null}`,
		`{"token_key":[]}`, `{"license_key":"x"}`, `null`,
		`{"client_id":"one","consumption_heartbeat":[{"limitation_id":"` + slasconetest.DemoISV + `","value":1e-30}]}`,
	} {
		f.Add(i, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, endpoint int, body []byte) {
		path, kind := paths[uint(endpoint)%uint(len(paths))].path, paths[uint(endpoint)%uint(len(paths))].kind
		r := httptest.NewRequest(http.MethodPost, wire.Prefix(s.ISV())+path, strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(wire.HeaderProvisioningKey, s.ProvisioningKey())
		r.Header.Set(wire.HeaderAuthorization, "Bearer x")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusConflict && w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d for %q", path, w.Code, body)
		}
		keeps(t, path, kind, reply{status: w.Code, body: w.Body.Bytes()})
	})
}
