package slasconetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// ask posts JSON as a client does, without looking at signatures.
func ask(srv *slasconetest.Server, path, body string) (int, map[string]any) {
	client := srv.Client()
	defer client.CloseIdleConnections()
	req, err := http.NewRequest(http.MethodPost, srv.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("ProvisioningKey", srv.ProvisioningKey())
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	var answer map[string]any
	data, _ := io.ReadAll(resp.Body)
	_ = json.Unmarshal(data, &answer)
	return resp.StatusCode, answer
}

// A server with one licence of one seat: the second client is refused.
func Example() {
	srv := slasconetest.New(slasconetest.Config{})
	defer srv.Close()
	lic := srv.AddLicense(slasconetest.License{TokenLimit: new(1)})

	activations := "/api/v2/isv/" + srv.ISV() + "/provisioning/activations"
	for _, client := range []string{"first", "second"} {
		status, answer := ask(srv, activations, `{"product_id":"`+lic.ProductID+`","license_key":"`+lic.Key+`","client_id":"`+client+`"}`)
		fmt.Println(client, status, answer["is_license_valid"], answer["id"])
	}
	// Output:
	// first 200 true <nil>
	// second 409 <nil> 2000
}

// Time is moved, not waited for.
func ExampleServer_Advance() {
	srv := slasconetest.New(slasconetest.Config{})
	defer srv.Close()
	lic := srv.AddLicense(slasconetest.License{Expires: srv.Now().Add(24 * time.Hour)})

	base := "/api/v2/isv/" + srv.ISV() + "/provisioning"
	ask(srv, base+"/activations", `{"product_id":"`+lic.ProductID+`","license_key":"`+lic.Key+`","client_id":"one"}`)
	srv.Advance(48 * time.Hour)
	_, answer := ask(srv, base+"/heartbeats", `{"product_id":"`+lic.ProductID+`","client_id":"one","software_version":"1.0","operating_system":"linux"}`)
	fmt.Println(answer["is_license_valid"], answer["is_license_expired"])
	// Output: false true
}

// A fault that happens once; the log tells what the client had sent.
func ExampleServer_Inject() {
	srv := slasconetest.New(slasconetest.Config{})
	defer srv.Close()
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultStatus, Status: 503, RetryAfter: "30", Times: 1})

	heartbeats := "/api/v2/isv/" + srv.ISV() + "/provisioning/heartbeats"
	for range 2 {
		ask(srv, heartbeats, `{"product_id":"`+slasconetest.DemoProduct+`","client_id":"one","software_version":"1.0","operating_system":"linux"}`)
	}
	for _, r := range srv.Requests() {
		var body struct {
			ClientID string `json:"client_id"`
		}
		if err := r.Decode(&body); err != nil {
			fmt.Println(err)
		}
		fmt.Println(r.Endpoint, body.ClientID, r.Status, r.Conflict, r.Fault)
	}
	// Output:
	// heartbeat one 503 0 status
	// heartbeat one 409 2006
}

// Other programs control the server over HTTP.
func Example_control() {
	srv := slasconetest.New(slasconetest.Config{})
	defer srv.Close()

	_, lic := ask(srv, "/emulator/licences", `{"floating":true,"floating_token_limit":3,"freeride":7}`)
	fmt.Println(lic["floating_token_limit"], lic["session_period"])
	_, answer := ask(srv, "/emulator/licences", `{"floating_tokens":3}`)
	fmt.Println(answer["error"])
	// Output:
	// 3 5
	// json: unknown field "floating_tokens"
}
