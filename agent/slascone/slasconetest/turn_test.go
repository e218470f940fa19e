package slasconetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// A function that changes a licence may look at the server's clock, and at
// everything else.
func TestAChangeMayAskTheServer(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{ForUsers: true, UserLimit: new(2)})
	c := call(t, s)
	got := s.UpdateLicense(lic.Key, func(l *slasconetest.License) {
		s.Advance(time.Hour)
		l.Expires = s.Now().Add(time.Hour)
		c.want(c.activate(lic.Key, "pc/a@b.c"), 200) // enrols a user meanwhile
		if len(s.Clients()) != 1 || len(s.Licenses()) != 1 {
			t.Error("the server shows nothing")
		}
	})
	if !got.Expires.Equal(start.Add(2*time.Hour)) || len(got.Users) != 1 {
		t.Errorf("licence %+v", got)
	}
	s.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) { p.LatestVersion = s.Now().Format("2006") })
	s.UpdateLicense(lic.Key, func(l *slasconetest.License) {
		c.want(c.post(wire.PathLicenseState, wire.LicenseStateRequest{ProductID: slasconetest.DemoProduct, LicenseKey: lic.Key, IsActive: false}), 200)
	})
	if got, _ := s.License(lic.Key); !got.Inactive {
		t.Error("switched off meanwhile, and lost")
	}
}

func TestMisusePanics(t *testing.T) {
	s := server(t)
	lic, other := s.AddLicense(slasconetest.License{}), s.AddLicense(slasconetest.License{})
	nothing := func(*slasconetest.License) {}
	for name, misuse := range map[string]func(){
		"update in an update": func() { s.UpdateLicense(lic.Key, func(*slasconetest.License) { s.UpdateLicense(other.Key, nothing) }) },
		"product in an update": func() {
			s.UpdateLicense(lic.Key, func(*slasconetest.License) { s.UpdateProduct(slasconetest.DemoProduct, func(*slasconetest.Product) {}) })
		},
		"unknown licence":             func() { s.UpdateLicense("x", nothing) },
		"licence without sense":       func() { s.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.TokenLimit = new(-1) }) },
		"unknown endpoint of the log": func() { s.Requests("heartbeats") },
		"negative conflict":           func() { s.SuspendWith("one", start, -1) },
		"fault without sense":         func() { s.Inject(slasconetest.Fault{Kind: "x"}) },
		"token of an unknown licence": func() { s.IssueToken("x") },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "slasconetest: ") {
					t.Errorf("%s: %q", name, text)
				}
			}()
			misuse()
		}()
	}
	s.UpdateLicense(lic.Key, nothing) // the turn was given back
}
