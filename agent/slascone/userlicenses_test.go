package slascone

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func listed(edit map[string]any) string {
	return body(map[string]any{"id": testLicense, "product_id": testProduct, "name": "Gold", "description": "for one", "is_active": true}, edit)
}

func TestLicensesOfUser(t *testing.T) {
	for _, test := range []struct {
		name string
		body string
		want outcome
		list []UserLicense
	}{
		{"one", "[" + listed(nil) + "]", outcome{kind: Yes}, []UserLicense{{Key: testLicense, Name: "Gold", Description: "for one"}}},
		{"the user is switched off in one", "[" + listed(map[string]any{"license_users": []any{
			map[string]any{"user_id": "other", "is_active": true}, map[string]any{"user_id": "U", "is_active": false}, map[string]any{"user_id": nil, "is_active": nil},
		}}) + "]", outcome{kind: Yes}, []UserLicense{{Key: testLicense, Name: "Gold", Description: "for one", Deactivated: true}}},
		{"the user is active", "[" + listed(map[string]any{"license_users": []any{map[string]any{"user_id": "u", "is_active": true}}}) + "]",
			outcome{kind: Yes}, []UserLicense{{Key: testLicense, Name: "Gold", Description: "for one"}}},
		{"no users are told", "[" + listed(map[string]any{"license_users": nil}) + "]", outcome{kind: Yes}, []UserLicense{{Key: testLicense, Name: "Gold", Description: "for one"}}},
		{"two", "[" + listed(nil) + "," + listed(map[string]any{"id": testSession, "name": null, "description": nil, "product_id": strings.ToUpper(testProduct)}) + "]",
			outcome{kind: Yes}, []UserLicense{{Key: testLicense, Name: "Gold", Description: "for one"}, {Key: testSession}}},
		{"none", "[]", outcome{kind: Yes}, []UserLicense{}},
		{"of another product", "[" + listed(nil) + "," + listed(map[string]any{"product_id": testSession}) + "]", outcome{reason: Foreign}, nil},
		{"of no product", "[" + listed(map[string]any{"product_id": nil}) + "]", outcome{reason: BadShape}, nil},
		{"without a key", "[" + listed(map[string]any{"id": null}) + "]", outcome{reason: BadShape}, nil},
		{"with a key that is none", "[" + listed(map[string]any{"id": "gold"}) + "]", outcome{reason: BadShape}, nil},
		{"licences of heartbeats", "[" + licenseBody(nil) + "]", outcome{reason: BadShape}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := scripted(t, always(testKey(), 200, test.body)).LicensesOfUser(t.Context(), UserLookup{UserID: "u", Token: "jwt"}, Known{})
			if got := sound(t, a); got != test.want || !reflect.DeepEqual(a.Value, test.list) {
				t.Errorf("%+v with %v (%v)", got, a.Value, a.Err)
			}
			if !a.Evidence.IsZero() {
				t.Error("a list is taken for evidence")
			}
		})
	}
}

// TestTokenGoesAlong: the user's token is sent with this call only, beside the
// provisioning key, and follows no redirect elsewhere.
func TestTokenGoesAlong(t *testing.T) {
	const token = "header.payload.sig-_~+/="
	hosts := map[string]http.Header{}
	c := scripted(t, func(r *http.Request) (*http.Response, error) {
		hosts[r.URL.Host+strings.TrimPrefix(r.URL.Path, "/api/v2/isv/"+testISV)] = r.Header
		if strings.HasSuffix(r.URL.Path, "by_user") {
			return reply(r, nil, http.StatusTemporaryRedirect, "", header("Location", "https://elsewhere.example/by_user")), nil
		}
		return reply(r, testKey(), 200, licenseBody(nil)), nil
	})
	if got := sound(t, c.LicensesOfUser(t.Context(), UserLookup{UserID: "u", Token: token}, Known{})); got.reason != Redirected {
		t.Errorf("%+v", got)
	}
	sound(t, c.Heartbeat(t.Context(), heartbeat(), Known{}))
	if len(hosts) != 2 {
		t.Fatalf("calls to %v", hosts)
	}
	lookup, beat := hosts["licences.example/provisioning/licenses/by_user"], hosts["licences.example/provisioning/heartbeats"]
	if lookup.Get("Authorization") != "Bearer "+token || lookup.Get("UserType") != "3" || lookup.Get("ProvisioningKey") != testSecret {
		t.Errorf("look-up: %v", lookup)
	}
	if beat.Get("Authorization") != "" || beat.Get("UserType") != "" {
		t.Errorf("heartbeat: %v", beat)
	}
}

// TestTokenIsNotLeft: a RoundTripper must not change the request it is given.
func TestTokenIsNotLeft(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://licences.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tokenTransport{inner: always(nil, 200, ""), token: "jwt"}.RoundTrip(r)
	if err != nil || len(r.Header) != 0 {
		t.Errorf("headers: %v, %v", r.Header, err)
	}
	_ = resp.Body.Close()
}

func TestUserLookupOnTheWire(t *testing.T) {
	path, payload, _ := sent(t, "[]", func(c *Client) outcome {
		return sound(t, c.LicensesOfUser(t.Context(), UserLookup{UserID: "a@b.example", Token: "jwt", ActiveOnly: true}, Known{}))
	})
	want := `{"product_id":"` + testProduct + `","user_id":"a@b.example","active_licenses_only":true}`
	if path != "/provisioning/licenses/by_user" || payload != want {
		t.Errorf("%s\n got %s\nwant %s", path, payload, want)
	}
}

func FuzzUserLicenses(f *testing.F) {
	f.Add([]byte("[" + listed(nil) + "]"))
	f.Add([]byte(`[{"id":"` + testLicense + `","product_id":null}]`))
	c := clientOf(f, "https://licences.example")
	f.Fuzz(func(t *testing.T, text []byte) {
		list, fail := c.readUserLicenses(text, "u")
		if fail != nil {
			if list != nil {
				t.Errorf("%d licences with %v", len(list), fail)
			}
			readable(t, fail)
			return
		}
		for _, l := range list {
			if _, err := uuid.Parse(l.Key); err != nil {
				t.Errorf("%q lists %q", text, l.Key)
			}
		}
	})
}
