package slasconetest_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestListsAndLookups(t *testing.T) {
	s := server(t)
	own := slasconetest.Customer{Name: "Ring Retail", Number: "87012"}
	seat := s.AddLicense(slasconetest.License{LegacyKey: "OLD-1", Customer: own, TokenLimit: new(1)})
	own.ID = seat.Customer.ID
	over := s.AddLicense(slasconetest.License{Customer: own, Expires: start})
	s.AddLicense(slasconetest.License{})
	c := call(t, s)
	keys := func(path string, request any) []string {
		t.Helper()
		var list []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(c.want(c.post(path, request), 200).body, &list); err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, l := range list {
			ids = append(ids, l.ID)
		}
		return ids
	}
	product := slasconetest.DemoProduct
	for name, test := range map[string]struct {
		path    string
		request any
		want    []string
	}{
		"customer":        {wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: product, CustomerNumber: "87012"}, []string{seat.Key, over.Key}},
		"customer active": {wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: product, CustomerNumber: "87012", ActiveLicensesOnly: true}, []string{seat.Key}},
		"key":             {wire.PathLicensesByLicense, wire.LicensesByLicenseRequest{ProductID: product, LicenseKey: over.Key}, []string{over.Key}},
		"legacy key":      {wire.PathLicensesByLicense, wire.LicensesByLicenseRequest{LicenseKey: "old-1"}, []string{seat.Key}},
		"unknown key":     {wire.PathLicensesByLicense, wire.LicensesByLicenseRequest{LicenseKey: "x"}, []string{}},
	} {
		if got := keys(test.path, test.request); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	if got := keys(wire.PathLicensesByLicense, wire.LicensesByLicenseRequest{}); len(got) != 3 {
		t.Errorf("all: %v", got)
	}
	c.want(c.post(wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: product, CustomerNumber: "1"}), 4000)
	c.want(c.post(wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: seat.Key, CustomerNumber: "87012"}), 3000)
	c.want(c.post(wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: product}), 400)

	if got := decode[string](t, c.want(c.post(wire.PathLookupCustomer, wire.LookupCustomerRequest{CustomerNumber: "87012"}), 200)); got != own.ID {
		t.Errorf("customer %s", got)
	}
	if got := decode[string](t, c.want(c.post(wire.PathLookupProduct, wire.LookupProductRequest{ProductName: "Demo"}), 200)); got != product {
		t.Errorf("product %s", got)
	}
	c.want(c.post(wire.PathLookupProduct, wire.LookupProductRequest{ProductName: "Other"}), 3000)
	c.want(c.activate(seat.Key, "one"), 200)
	lookup := func(client string) reply {
		return c.post(wire.PathLookupLicenses, wire.LookupLicensesRequest{ProductID: product, CustomerNumber: "87012", ClientID: client})
	}
	if got := decode[[]string](t, c.want(lookup("one"), 200)); !slices.Equal(got, []string{seat.Key}) {
		t.Errorf("for the client that has it: %v", got)
	}
	c.want(lookup("two"), 4001)
}

func TestLicenseState(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{LegacyKey: "OLD-1"})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	set := func(key string, active bool) reply {
		return c.post(wire.PathLicenseState, wire.LicenseStateRequest{ProductID: slasconetest.DemoProduct, LicenseKey: key, IsActive: active})
	}
	for _, active := range []bool{false, true} {
		got := decode[wire.LicenseState](t, c.want(set("old-1", active), 200))
		if got.IsActive != active || got.LicenseID != lic.Key {
			t.Errorf("state: %+v", got)
		}
		if got := info(t, c.want(c.heartbeat("one"), 200)); *got.IsLicenseActive != active {
			t.Errorf("heartbeat after %v: %v", active, *got.IsLicenseActive)
		}
	}
	c.want(set("x", false), 1000)
}

func TestASecondActivation(t *testing.T) {
	for id, want := range map[int]int{0: 200, 2001: 2001, 2005: 2005} {
		s := server(t, func(cfg *slasconetest.Config) { cfg.SecondActivation = id })
		lic, other := s.AddLicense(slasconetest.License{}), s.AddLicense(slasconetest.License{})
		c := call(t, s)
		first := info(t, c.want(c.activate(lic.Key, "one"), 200))
		r := c.want(c.activate(lic.Key, "one"), want)
		if want == 200 && *info(t, r).TokenKey != *first.TokenKey {
			t.Error("another token")
		}
		c.want(c.activate(*first.TokenKey, "one"), want)
		c.want(c.activate(other.Key, "one"), 200) // of another licence it is the first
	}
}

func TestSuspensionByAnyID(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true})
	c := call(t, s)
	token := *info(t, c.want(c.activate(lic.Key, "one"), 200)).TokenKey
	for id, want := range map[int]int{0: 2006, 2012: 2012, 65000: 65000} {
		s.SuspendWith("one", start.Add(time.Hour), id)
		c.want(c.heartbeat("one"), want)
		c.want(c.activate(lic.Key, "one"), want)
		c.want(c.session(pathSessionOpen, lic.Key, "one", ""), want)
		c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: token}), want)
	}
	s.Suspend("one", time.Time{})
	c.want(c.heartbeat("one"), 200)
	if r := c.do("POST", s.URL+"/emulator/clients/one/suspend", []byte(`{"for":"1h","conflict":4711}`), nil); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	c.want(c.heartbeat("one"), 4711)
}
