package licensefile

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func testRequest() Request {
	return Request{
		Server:          "https://api365.slascone.com",
		ISV:             "2af5fe02-6207-4214-946e-b00ac5309f53",
		ProductID:       productID,
		LicenseKey:      keyID,
		ClientID:        clientID + "/ada@example.com",
		ClientName:      "Büro 3 & Lager",
		SoftwareVersion: "24.1.3",
		FileName:        "activation.xml",
	}
}

func TestRequestURL(t *testing.T) {
	r := testRequest()
	r.ClientDescription = "behind the door"
	r.Tags = []string{"a b", "c"}
	text, err := r.URL()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := u.Scheme+"://"+u.Host+u.Path, "https://api365.slascone.com/api/v2/isv/2af5fe02-6207-4214-946e-b00ac5309f53/provisioning/activations/offline"; got != want {
		t.Errorf("the address is %s; want %s", got, want)
	}
	want := url.Values{
		"product_id": {productID}, "license_key": {keyID}, "client_id": {clientID + "/ada@example.com"},
		"client_name": {"Büro 3 & Lager"}, "client_description": {"behind the door"}, "software_version": {"24.1.3"},
		"tags": {"a b", "c"}, "file_name": {"activation.xml"},
	}
	if got := u.Query(); !reflect.DeepEqual(got, want) {
		t.Errorf("the query is %v; want %v", got, want)
	}
	if strings.ContainsAny(text, " \"<>") {
		t.Errorf("%s is not a URL in plain characters", text)
	}
}

func TestRequestURLLeavesOutWhatIsEmpty(t *testing.T) {
	r := testRequest()
	r.ClientName, r.SoftwareVersion, r.FileName = "", "", ""
	for _, server := range []string{"https://licences.example.com/slascone", "https://licences.example.com/slascone//", "http://127.0.0.1:8080"} {
		r.Server = server
		text, err := r.URL()
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Query()) != 3 || !strings.HasPrefix(text, strings.TrimRight(server, "/")+"/api/v2/isv/") {
			t.Errorf("got %s", text)
		}
	}
}

func TestRequestRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Request){
		"no server":          func(r *Request) { r.Server = "" },
		"server without web": func(r *Request) { r.Server = "api365.slascone.com" },
		"other scheme":       func(r *Request) { r.Server = "ftp://example.com" },
		"server with query":  func(r *Request) { r.Server = "https://example.com?a=b" },
		"server with user":   func(r *Request) { r.Server = "https://a:b@example.com" },
		"broken server":      func(r *Request) { r.Server = "https://exa mple.com" },
		"no ISV":             func(r *Request) { r.ISV = "" },
		"no product":         func(r *Request) { r.ProductID = "" },
		"no key":             func(r *Request) { r.LicenseKey = "" },
		"no client":          func(r *Request) { r.ClientID = "" },
	} {
		r := testRequest()
		spoil(&r)
		if text, err := r.URL(); err == nil || !strings.HasPrefix(err.Error(), "licensefile: ") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if _, err := r.PNG(); err == nil {
			t.Errorf("%s: a PNG", name)
		}
		if _, err := r.Terminal(); err == nil {
			t.Errorf("%s: a code for the terminal", name)
		}
	}
}
