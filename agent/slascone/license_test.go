package slascone

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

func TestShape(t *testing.T) {
	// What makes a body a licence's, each missing, null or of another type.
	for _, name := range []string{"license_key", "product_id", "client_id", "is_license_active", "is_license_expired", "is_license_valid", "created_date_utc"} {
		for _, v := range []any{nil, null, "", 7, []int{}, map[string]int{}} {
			a := scripted(t, always(testKey(), 200, licenseBody(map[string]any{name: v}))).Heartbeat(t.Context(), heartbeat(), Known{})
			if got := sound(t, a); got != (outcome{reason: BadShape}) {
				t.Errorf("%s = %v: %+v (%v)", name, v, got, a.Err)
			}
		}
	}
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for name, test := range map[string]struct {
		body string
		ok   bool
	}{
		"plain":                {licenseBody(nil), true},
		"blanks around":        {" \n" + licenseBody(nil) + "\r\n", true},
		"a member twice":       {strings.Replace(licenseBody(nil), `"license_name"`, `"license_name":"Silver","license_name"`, 1), false},
		"twice in capitals":    {strings.Replace(licenseBody(nil), `"license_name"`, `"LICENSE_NAME":"Silver","license_name"`, 1), false},
		"in capitals":          {strings.Replace(licenseBody(nil), `"license_name"`, `"LICENSE_NAME"`, 1), true},
		"deep, unknown member": {licenseBody(map[string]any{"x": json.RawMessage(deep)}), true},
		"too deep":             {strings.Replace(licenseBody(map[string]any{"x": 0}), `"x":0`, `"x":`+strings.Repeat("[", 10001)+strings.Repeat("]", 10001), 1), false},
		"empty":                {"", false},
		"null":                 {"null", false},
		"true":                 {"true", false},
		"a number":             {"1", false},
		"an array":             {"[" + licenseBody(nil) + "]", false},
		"two":                  {licenseBody(nil) + licenseBody(nil), false},
		"trailing bytes":       {licenseBody(nil) + "\x00", false},
		"byte order mark":      {"\xef\xbb\xbf" + licenseBody(nil), false},
		"cut off":              {licenseBody(nil)[:100], false},
		"UTF-16":               {"\xff\xfe{\x00}\x00", false},
		"number out of range":  {licenseBody(map[string]any{"token_limit": json.RawMessage("1e999")}), false},
		"integer out of range": {licenseBody(map[string]any{"freeride": json.RawMessage("99999999999999999999")}), false},
		"a very long number":   {licenseBody(map[string]any{"session_period": json.RawMessage("1" + string(make0(100000)))}), false},
		"not whole":            {licenseBody(map[string]any{"freeride": 1.5}), false},
		"hostile exponent":     {licenseBody(map[string]any{"limitations": json.RawMessage(`[{"value":1e999999999}]`)}), false},
		"date of .NET":         {licenseBody(map[string]any{"created_date_utc": "0001-01-01T00:00:00"}), false},
		"date of another form": {licenseBody(map[string]any{"expiration_date_utc": "31.12.2026"}), false},
		"feature is a text":    {licenseBody(map[string]any{"features": []string{"x"}}), false},
		"features are a map":   {licenseBody(map[string]any{"features": map[string]any{}}), false},
	} {
		a := scripted(t, always(testKey(), 200, test.body)).Heartbeat(t.Context(), heartbeat(), Known{})
		want := outcome{reason: BadShape}
		if test.ok {
			want = outcome{kind: Yes}
		}
		if got := sound(t, a); got != want {
			t.Errorf("%s: %+v (%v)", name, got, a.Err)
		}
	}
}

func TestBinding(t *testing.T) {
	upper := func(name, v string) map[string]any { return map[string]any{name: strings.ToUpper(v)} }
	yes, foreign := outcome{kind: Yes}, outcome{reason: Foreign}
	for name, test := range map[string]struct {
		edit                map[string]any
		heartbeat, activate outcome
	}{
		"right":                    {nil, yes, yes},
		"client in another case":   {map[string]any{"client_id": strings.ToLower(testClient)}, yes, yes},
		"product in another case":  {upper("product_id", testProduct), yes, yes},
		"licence in another case":  {upper("license_key", testLicense), yes, yes},
		"another client":           {map[string]any{"client_id": "another"}, foreign, foreign},
		"another user's client":    {map[string]any{"client_id": testClient + "/ann"}, foreign, foreign},
		"client with a blank":      {map[string]any{"client_id": testClient + " "}, foreign, foreign},
		"another product":          {map[string]any{"product_id": testISV}, foreign, foreign},
		"another licence":          {map[string]any{"license_key": testISV}, foreign, foreign},
		"another seat":             {map[string]any{"token_key": testISV}, yes, yes},
		"without seat and old key": {map[string]any{"token_key": null, "legacy_license_key": null}, yes, yes},
	} {
		c := scripted(t, always(testKey(), 200, licenseBody(test.edit)))
		if got := sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{})); got != test.heartbeat {
			t.Errorf("%s: heartbeat: %+v", name, got)
		}
		if got := sound(t, c.Activate(t.Context(), activation(), Known{})); got != test.activate {
			t.Errorf("%s: activation: %+v", name, got)
		}
	}
	// Without a licence held, a heartbeat may bring any licence of the product.
	c := scripted(t, always(testKey(), 200, licenseBody(map[string]any{"license_key": testISV})))
	free := heartbeat()
	free.LicenseKey = ""
	if got := sound(t, c.Heartbeat(t.Context(), free, Known{})); got != yes {
		t.Errorf("%+v", got)
	}
}

// TestTypedKeys: a person may type the licence key, the seat's, or the one of
// the vendor's former system.
func TestTypedKeys(t *testing.T) {
	for key, want := range map[string]Kind{
		testLicense: Yes, strings.ToUpper(testLicense): Yes, testToken: Yes, strings.ToUpper(testToken): Yes, "OLD-0815": Yes, "old-0815": Yes,
		testISV: Silence, "OLD": Silence, "Gold": Silence,
	} {
		call := activation()
		call.Key = key
		a := scripted(t, always(testKey(), 200, licenseBody(nil))).Activate(t.Context(), call, Known{})
		if sound(t, a); a.Kind != want {
			t.Errorf("%s: %v (%v)", key, a.Kind, a.Err)
		}
	}
}

func TestFlagsAreANo(t *testing.T) {
	for name, edit := range map[string]map[string]any{
		"inactive": {"is_license_active": false}, "expired": {"is_license_expired": true}, "not valid": {"is_license_valid": false},
		"version": {"is_software_version_valid": false}, "date": {"date_validity": 2}, "not yet": {"date_validity": 1},
	} {
		a := scripted(t, always(testKey(), 200, licenseBody(edit))).Heartbeat(t.Context(), heartbeat(), Known{})
		if got := sound(t, a); got != (outcome{kind: No}) || a.Value.IsZero() || a.Evidence.IsZero() || !a.At.Equal(noon) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestStale(t *testing.T) {
	c := scripted(t, always(testKey(), 200, licenseBody(nil)))
	for notBefore, want := range map[time.Time]outcome{
		{}: {kind: Yes}, noon: {kind: Yes}, noon.Add(999 * time.Millisecond): {kind: Yes}, noon.Add(time.Second): {reason: Stale}, noon.Add(-time.Hour): {kind: Yes},
	} {
		for name, a := range map[string]outcome{
			"heartbeat":  sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{NotBefore: notBefore})),
			"activation": sound(t, c.Activate(t.Context(), activation(), Known{NotBefore: notBefore})),
		} {
			if a != want {
				t.Errorf("%s, not before %v: %+v", name, notBefore, a)
			}
		}
	}
}

// TestTypeConfusion gives every call every kind of signed body under both
// statuses: only its own may mean anything.
func TestTypeConfusion(t *testing.T) {
	bodies := map[string]string{"licence": licenseBody(nil), "session": sessionBody(nil), "acknowledgement": ackBody, "conflict": conflictBody,
		// Answers of endpoints that this client does not call.
		"licence of the back office": `{"id":"` + testLicense + `","product_id":"` + testProduct + `","is_active":true,"is_expired":false,"is_valid":true}`,
		"consumption":                `{"transaction_id":null,"limitation_id":"` + testISV + `","remaining":1.5,"balance":1.5,"limit":2}`,
		"list of licences":           `[` + licenseBody(nil) + `]`,
		"count":                      `3`,
		"problem":                    `{"type":"x","title":"Bad Request","status":400,"detail":"x"}`,
	}
	own := map[string]string{wire.PathActivation: "licence", wire.PathHeartbeat: "licence", wire.PathSessionOpen: "session",
		wire.PathSessionClose: "acknowledgement", wire.PathUnassign: "acknowledgement"}
	for name, text := range bodies {
		for _, status := range []int{200, 409} {
			path := ""
			c := scripted(t, func(r *http.Request) (*http.Response, error) {
				path = strings.TrimPrefix(r.URL.Path, wire.Prefix(testISV))
				return reply(r, testKey(), status, text), nil
			})
			for _, call := range calls(c, testToken) {
				got, want := call.make(t, Known{}), outcome{reason: BadShape}
				switch {
				case status == 409 && name == "conflict":
					want = outcome{kind: No, code: 1001}
				case status == 200 && own[path] == name:
					want = outcome{kind: Yes}
				}
				if got != want {
					t.Errorf("%d with a %s for the %s: %+v", status, name, call.endpoint, got)
				}
			}
		}
	}
}

// FuzzReadLicense: whatever is signed, it is a licence for this client or an
// error that can be read, and never a panic.
func FuzzReadLicense(f *testing.F) {
	f.Add([]byte(licenseBody(nil)))
	f.Add([]byte(licenseBody(map[string]any{"features": []any{null, map[string]any{"id": "x", "name": "y", "expiration_date_utc": "9999-12-31T00:00:00Z"}},
		"limitations": json.RawMessage(`[{"value":"1.5","remaining":1e5,"consumption_reset_mode":"never"}]`), "license_users": json.RawMessage(`[{"active_sessions":[1]}]`),
		"constrained_variables": json.RawMessage(`[{"customListId":"x","value":["a"]}]`), "latest_software_shipment": json.RawMessage(`{}`)})))
	f.Add([]byte(sessionBody(nil)))
	f.Add([]byte("null"))
	c := clientOf(f, "https://host")
	f.Fuzz(func(t *testing.T, data []byte) {
		lic, fail := c.readLicense(verified.Heartbeat, data, binding{clientID: testClient, license: testLicense, known: Known{NotBefore: noon}})
		if (fail == nil) == lic.IsZero() {
			t.Fatalf("%v beside a licence: %v", fail, !lic.IsZero())
		}
		if fail != nil {
			readable(t, fail)
			return
		}
		if !strings.EqualFold(lic.ClientID(), testClient) || !strings.EqualFold(lic.Key(), testLicense) || !strings.EqualFold(lic.Terms().ProductID, testProduct) ||
			lic.IssuedAt().Before(noon.Add(-time.Second)) {
			t.Fatalf("believed: %s", data)
		}
		_ = fmt.Sprint(lic.Terms())
	})
}
