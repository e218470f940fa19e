package slasconetest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// step is one request of a client and what the server must make of it.
type step struct {
	path, body string // {license}, {token} and {limit} stand for what the client has learned
	want       int    // 200, or the ID of a conflict
	kind       string // of the contract
}

// officialClient speaks as one of the vendor's published clients does. Requests
// are written from what these send: which members, which are left out and which
// are null, which headers, and in which order at a first start.
type officialClient struct {
	header  http.Header
	nonce   bool
	license slasconetest.License
	steps   []step
}

const (
	device      = "24A43FCC-3674-0B19-A95F-047C160137E5"
	startBeat   = "7d3f6a52-1c0b-4e57-9a8d-5b6c7d8e9f01" // a heartbeat type
	fieldID     = "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"
	featureID   = "1f2e3d4c-5b6a-4988-8776-655443322110"
	productJSON = `"product_id":"` + slasconetest.DemoProduct + `"`
)

var officialClients = map[string]officialClient{
	// SLASCONE-demo-java: no session ID, no token key with consumption, an
	// Accept-Encoding that is none.
	"Java V26.1": {
		header:  http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"utf-8"}},
		nonce:   true,
		license: slasconetest.License{Floating: true, FloatingTokenLimit: new(1)},
		steps: []step{
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"25.2.0","operating_system":"Linux"}`, 2006, ""},
			{wire.PathActivation, `{` + productJSON + `,"license_key":"{license}","client_id":"` + device + `","client_description":"","client_name":"Java","software_version":"25.2.0"}`, 200, "LicenseInfo"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"25.2.0","operating_system":"Linux"}`, 200, "LicenseInfo"},
			{wire.PathAnalytics, `{"client_id":"` + device + `","analytical_heartbeat":[{"analytical_field_id":"` + fieldID + `","value":"42"}]}`, 200, "text"},
			{wire.PathUsage, `{"client_id":"` + device + `","usage_heartbeat":[{"usage_feature_id":"` + featureID + `","usage_module_id":null,"value":10.0}]}`, 200, "text"},
			{wire.PathConsumption, `{"client_id":"` + device + `","consumption_heartbeat":[{"limitation_id":"{limit}","value":1}]}`, 200, "[Consumption]"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `"}`, 200, "Session"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `"}`, 200, "Session"},
			{wire.PathSessionClose, `{"license_id":"{license}","client_id":"` + device + `"}`, 200, "text"},
			{wire.PathUnassign, `{"token_key":"{token}"}`, 200, "text"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"25.2.0","operating_system":"Linux"}`, 2006, ""},
		},
	},
	// SLASCONE-demo-cpp: activates first, an ID for each session, and asks for
	// another one while it holds one.
	"C++ V26.2": {
		header:  http.Header{"Accept": {"application/json"}, "User-Agent": {"cpprestsdk/2.10"}},
		nonce:   true,
		license: slasconetest.License{Floating: true, FloatingTokenLimit: new(2), MaxSessionsPerClient: new(1)},
		steps: []step{
			{wire.PathActivation, `{"client_description":"","client_id":"` + device + `","client_name":"C++","license_key":"{license}",` + productJSON + `,"software_version":"25.2.0"}`, 200, "LicenseInfo"},
			{wire.PathHeartbeat, `{"client_id":"` + device + `","operating_system":"Linux",` + productJSON + `,"software_version":"25.2.0"}`, 200, "LicenseInfo"},
			{wire.PathConsumption, `{"client_id":"` + device + `","consumption_heartbeat":[{"limitation_id":"{limit}","value":1.5}],"token_key":"{token}"}`, 200, "[Consumption]"},
			{wire.PathSessionOpen, `{"client_id":"` + device + `","license_id":"{license}","session_id":"` + sessionA + `"}`, 200, "Session"},
			{wire.PathSessionOpen, `{"client_id":"` + device + `","license_id":"{license}","session_id":"` + sessionB + `"}`, 12002, ""},
			{wire.PathSessionClose, `{"client_id":"` + device + `","license_id":"{license}","session_id":"` + sessionA + `"}`, 200, "text"},
			{wire.PathUnassign, `{"token_key":"{token}"}`, 200, "text"},
		},
	},
	// SLASCONE-demo-csharp-device-floating (2022): no nonce, a heartbeat type, the
	// name of the operating system's user with a session of a device, five minutes
	// of checkout.
	"C# 2022, device floating": {
		header:  http.Header{"Accept": {"application/json"}},
		license: slasconetest.License{Floating: true, FloatingTokenLimit: new(1)},
		steps: []step{
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"22","operating_system":"Windows","heartbeat_type_id":"` + startBeat + `"}`, 2006, ""},
			{wire.PathActivation, `{` + productJSON + `,"license_key":"{license}","client_id":"` + device + `","client_name":"C#","client_description":"C#","software_version":"22"}`, 200, "LicenseInfo"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"22","operating_system":"Windows","heartbeat_type_id":"` + startBeat + `"}`, 200, "LicenseInfo"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `","session_id":"` + sessionA + `","user_id":"jo","checkout_period":5.0}`, 200, "Session"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `","session_id":"` + sessionA + `","user_id":"jo","checkout_period":5.0}`, 200, "Session"},
			{wire.PathSessionClose, `{"license_id":"{license}","client_id":"` + device + `","session_id":"` + sessionA + `","user_id":"jo"}`, 200, "text"},
			{wire.PathSessionClose, `{"license_id":"{license}","client_id":"` + device + `","session_id":"` + sessionA + `","user_id":"jo"}`, 12001, ""},
		},
	},
	// SLASCONE-demo-csharp: a device with a named licence, nulls left out.
	"C# 2022": {
		header:  http.Header{"Accept": {"application/json"}},
		license: slasconetest.License{TokenLimit: new(1)},
		steps: []step{
			{wire.PathActivation, `{` + productJSON + `,"license_key":"{license}","client_id":"` + device + `","client_description":"","client_name":"","software_version":"22.1"}`, 200, "LicenseInfo"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `","software_version":"22.1","operating_system":"Windows"}`, 200, "LicenseInfo"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `"}`, 12000, ""},
			{wire.PathValidate, `{"license_key":"{license}"}`, 200, "LicenseInfo"},
			{wire.PathConsumptionStatus, `{"license_id":"{license}","limitation_id":"{limit}"}`, 200, "Consumption"},
			{wire.PathUnassign, `{"token_key":"{token}"}`, 200, "text"},
		},
	},
	// SLASCONE-demo-wpf-nuget: signs a user in, looks the licence up, names user
	// and device, and opens a session although the licence is named.
	"WPF": {
		header:  http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer eyJ"}, "UserType": {"3"}},
		nonce:   true,
		license: slasconetest.License{ForUsers: true, TokenLimit: new(2), Users: []slasconetest.User{{ID: "jo@example.com"}}},
		steps: []step{
			{wire.PathLicensesByUser, `{` + productJSON + `,"user_id":"jo@example.com","active_licenses_only":true}`, 200, "[ListedLicense]"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `/jo@example.com","user_id":"jo@example.com","software_version":"23.1","operating_system":"Windows","token_key":null}`, 2006, ""},
			{wire.PathActivation, `{` + productJSON + `,"license_key":"{license}","client_id":"` + device + `/jo@example.com","client_description":"","client_name":"WPF","software_version":"23.1"}`, 200, "LicenseInfo"},
			{wire.PathHeartbeat, `{` + productJSON + `,"client_id":"` + device + `/jo@example.com","user_id":"jo@example.com","software_version":"23.1","operating_system":"Windows","token_key":null}`, 200, "LicenseInfo"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `/jo@example.com","session_id":"` + sessionA + `","user_id":"jo@example.com"}`, 200, "Session"},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `/jo@example.com","session_id":"","user_id":"jo@example.com"}`, 12005, ""},
			{wire.PathSessionOpen, `{"license_id":"{license}","client_id":"` + device + `/jo@example.com","session_id":"` + sessionB + `","user_id":null}`, 12004, ""},
			{wire.PathUsageByName, `{` + productJSON + `,"client_id":"` + device + `/jo@example.com","user_id":"jo@example.com","create_usage_feature_if_not_exists":true,"create_usage_module_if_not_exists":false,"token_key":"{token}","usage_heartbeat":[{"usage_feature_name":"Open","value":1.0}]}`, 200, "text"},
			{wire.PathConsumption, `{"client_id":"` + device + `/jo@example.com","token_key":"{token}","consumption_heartbeat":[{"limitation_id":"{limit}","user_id":"jo@example.com","value":12}]}`, 200, "[Consumption]"},
			{wire.PathSessionClose, `{"license_id":"{license}","client_id":"` + device + `/jo@example.com","session_id":"` + sessionA + `","user_id":"jo@example.com"}`, 200, "text"},
			{wire.PathUnassign, `{"token_key":"{token}"}`, 200, "text"},
		},
	},
}

// TestOfficialClients runs each client's first start and its day.
func TestOfficialClients(t *testing.T) {
	for name, client := range officialClients {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			s.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
				p.LatestVersion, p.HeartbeatTypes = "99", []string{startBeat}
				p.AnalyticalFields, p.UsageFeatures = map[string]string{fieldID: "numeric"}, map[string]string{featureID: "Open"}
			})
			client.license.Type = slasconetest.Type{Name: "Commercial"}
			client.license.Limitations = []slasconetest.Limitation{{Name: "Documents", Value: "10", Goodwill: 20, Reset: slasconetest.ResetNever}}
			lic := s.AddLicense(client.license)
			c := call(t, s)
			token := ""
			for i, step := range client.steps {
				body := strings.NewReplacer("{license}", lic.Key, "{token}", token, "{limit}", lic.Limitations[0].ID).Replace(step.body)
				header := client.header.Clone()
				header.Set("Content-Type", "application/json")
				header.Set(wire.HeaderProvisioningKey, s.ProvisioningKey())
				if client.nonce {
					header.Set(wire.HeaderNonce, base64.StdEncoding.EncodeToString(c.nonce))
				}
				r := c.do(http.MethodPost, s.URL+wire.Prefix(s.ISV())+step.path, []byte(body), header)
				got := r.status
				var refused wire.Conflict
				if r.status == http.StatusConflict && json.Unmarshal(r.body, &refused) == nil {
					got = refused.ID
				}
				if got != step.want {
					t.Fatalf("step %d, %s: %d %s; want %d", i+1, step.path, r.status, r.body, step.want)
				}
				keeps(t, step.path, step.kind, r)
				signed(t, c, r, client.nonce)
				if step.kind == "LicenseInfo" {
					if id := info(t, r).TokenKey; id != nil {
						token = *id
					}
				}
			}
		})
	}
}

// signed fails unless a reply has the signatures that the client asked for, and
// no others.
func signed(t *testing.T, c *caller, r reply, nonce bool) {
	t.Helper()
	if nonce {
		if err := c.verify(r); err != nil {
			t.Fatalf("signature of %s: %v", r.body, err)
		}
		return
	}
	if r.header.Get(wire.HeaderSignature) == "" || r.header.Get(wire.HeaderNonceSignature) != "" {
		t.Fatalf("signatures without a nonce: %v", r.header)
	}
}
