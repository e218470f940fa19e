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
	lic := s.AddLicence(slasconetest.Licence{ForUsers: true, UserLimit: new(2)})
	c := call(t, s)
	got := s.UpdateLicence(lic.Key, func(l *slasconetest.Licence) {
		s.Advance(time.Hour)
		l.Expires = s.Now().Add(time.Hour)
		c.want(c.activate(lic.Key, "pc/a@b.c"), 200) // enrols a user meanwhile
		if len(s.Clients()) != 1 || len(s.Licences()) != 1 {
			t.Error("the server shows nothing")
		}
	})
	if !got.Expires.Equal(start.Add(2*time.Hour)) || len(got.Users) != 1 {
		t.Errorf("licence %+v", got)
	}
	s.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) { p.LatestVersion = s.Now().Format("2006") })
	s.UpdateLicence(lic.Key, func(l *slasconetest.Licence) {
		c.want(c.post(wire.PathLicenceState, wire.LicenceStateRequest{ProductID: slasconetest.DemoProduct, LicenseKey: lic.Key, IsActive: false}), 200)
	})
	if got, _ := s.Licence(lic.Key); !got.Inactive {
		t.Error("switched off meanwhile, and lost")
	}
}

func TestMisusePanics(t *testing.T) {
	s := server(t)
	lic, other := s.AddLicence(slasconetest.Licence{}), s.AddLicence(slasconetest.Licence{})
	nothing := func(*slasconetest.Licence) {}
	for name, misuse := range map[string]func(){
		"update in an update": func() { s.UpdateLicence(lic.Key, func(*slasconetest.Licence) { s.UpdateLicence(other.Key, nothing) }) },
		"product in an update": func() {
			s.UpdateLicence(lic.Key, func(*slasconetest.Licence) { s.UpdateProduct(slasconetest.DemoProduct, func(*slasconetest.Product) {}) })
		},
		"unknown licence":             func() { s.UpdateLicence("x", nothing) },
		"licence without sense":       func() { s.UpdateLicence(lic.Key, func(l *slasconetest.Licence) { l.TokenLimit = new(-1) }) },
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
	s.UpdateLicence(lic.Key, nothing) // the turn was given back
}
