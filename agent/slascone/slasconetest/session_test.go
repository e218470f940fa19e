package slasconetest_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

const (
	sessionA = "6f1f3d1e-0f0e-4a52-8f39-c0a1b2d3e4f5"
	sessionB = "0c5d0a3b-7f0c-4a0a-9d4e-51f2f1b5a6c7"
	sessionC = "b51e5a3b-2c1d-4c7b-8f0e-9a8b7c6d5e4f"
)

func TestSessionRenewAndLapse(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(1), SessionPeriod: new(10)})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	c.want(c.activate(lic.Key, "two"), 200) // activations of a floating licence are not limited

	opened := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 200))
	if !*opened.IsSessionValid || !opened.SessionValidUntil.Time.Equal(start.Add(10*time.Minute)) || *opened.MaxOpenSessionCount != 1 {
		t.Errorf("opened: %+v", opened)
	}
	c.want(c.session(pathSessionOpen, lic.Key, "two", sessionB), 1007)

	s.Advance(9 * time.Minute)
	renewed := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 200))
	if !renewed.SessionCreatedDate.Time.Equal(start) || !renewed.SessionValidUntil.Time.Equal(start.Add(19*time.Minute)) {
		t.Errorf("renewed: %+v", renewed)
	}
	s.Advance(9 * time.Minute)
	c.want(c.session(pathSessionOpen, lic.Key, "two", sessionB), 1007)
	s.Advance(time.Minute)
	c.want(c.session(pathSessionOpen, lic.Key, "two", sessionB), 200) // the first has lapsed
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 1007)
	c.want(c.session(pathSessionClose, lic.Key, "one", sessionA), 12001)
	c.want(c.session(pathSessionClose, lic.Key, "two", sessionB), 200)
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 200)
}

func TestSessionCheckout(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(1)})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	for _, minutes := range []string{"0", "-1", "1e300"} {
		c.want(c.post(pathSessionOpen, []byte(`{"license_id":"`+lic.Key+`","client_id":"one","session_id":"`+sessionA+`","checkout_period":`+minutes+`}`)), 12003)
	}
	day := func(r *wire.SessionRequest) { r.CheckoutPeriod = 24 * 60 }
	got := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA, day), 200))
	if !got.SessionValidUntil.Time.Equal(start.Add(24 * time.Hour)) {
		t.Errorf("valid until %v", got.SessionValidUntil)
	}
	c.want(c.session(pathSessionClose, lic.Key, "one", sessionA), 200) // an early return
	if open := s.Sessions(); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
}

func TestSessionConflicts(t *testing.T) {
	for name, test := range map[string]struct {
		license slasconetest.License
		change  func(*wire.SessionRequest)
		want    int
	}{
		"fine":                    {want: 200},
		"unknown key":             {change: func(r *wire.SessionRequest) { r.LicenseID = slasconetest.DemoISV }, want: 1000},
		"no session ID":           {change: func(r *wire.SessionRequest) { r.SessionID = "" }, want: 200},
		"no session ID, no user":  {change: func(r *wire.SessionRequest) { r.SessionID, r.UserID = "", "" }, want: 200},
		"no session ID of a user": {license: slasconetest.License{ForUsers: true}, change: func(r *wire.SessionRequest) { r.SessionID, r.UserID = "", "a@b.c" }, want: 12005},
		"no client":               {change: func(r *wire.SessionRequest) { r.ClientID = "" }, want: 2010},
		"unknown client": {change: func(r *wire.SessionRequest) {
			r.ClientID = "stranger"
		}, want: 2006},
		"no user": {license: slasconetest.License{ForUsers: true}, change: func(r *wire.SessionRequest) { r.UserID = "" }, want: 12004},
	} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			test.license.Floating = true
			lic := s.AddLicense(test.license)
			c := call(t, s)
			c.want(c.activate(lic.Key, "pc/a@b.c"), 200)
			if test.change == nil {
				test.change = func(*wire.SessionRequest) {}
			}
			c.want(c.session(pathSessionOpen, lic.Key, "pc/a@b.c", sessionA, test.change), test.want)
		})
	}
}

// The vendor's Java clients send no session ID: such a client has one session.
func TestSessionWithoutAnID(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(1)})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	c.want(c.activate(lic.Key, "two"), 200)
	c.want(c.session(pathSessionClose, lic.Key, "one", ""), 12001)
	c.want(c.session(pathSessionOpen, lic.Key, "one", ""), 200)
	s.Advance(time.Minute)
	renewed := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, lic.Key, "one", ""), 200))
	if !renewed.SessionCreatedDate.Time.Equal(start) || !renewed.SessionModifiedDate.Time.Equal(start.Add(time.Minute)) {
		t.Errorf("renewed: %+v", renewed)
	}
	c.want(c.session(pathSessionOpen, lic.Key, "two", ""), 1007)
	c.want(c.session(pathSessionOpen, lic.Key, "two", sessionA), 1007)
	if open := s.Sessions(); len(open) != 1 || !open[0].Unnamed || !s.EndSession(open[0].ID) {
		t.Fatalf("open: %+v", open)
	}
	c.want(c.session(pathSessionOpen, lic.Key, "two", ""), 200)
	c.want(c.session(pathSessionClose, lic.Key, "two", sessionA), 12001)
	c.want(c.session(pathSessionClose, lic.Key, "two", ""), 200)
	c.want(c.session(pathSessionClose, lic.Key, "two", ""), 12001)
}

// A licence of users has sessions, be it named or floating.
func TestSessionOfANamedUser(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{ForUsers: true})
	c := call(t, s)
	if got := info(t, c.want(c.activate(lic.Key, "pc/a@b.c"), 200)); *got.SessionPeriod != 5 {
		t.Errorf("session period %d", *got.SessionPeriod)
	}
	user := func(r *wire.SessionRequest) { r.UserID = "a@b.c" }
	c.want(c.session(pathSessionOpen, lic.Key, "pc/a@b.c", sessionA, user), 200)
	c.want(c.session(pathSessionClose, lic.Key, "pc/a@b.c", sessionA, user), 200)
	c.want(c.session(pathSessionClose, lic.Key, "pc/a@b.c", "", user), 12005)
}

// Overusage: the limit is told and not kept.
func TestSoftFloatingLimit(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(1), SoftFloatingLimit: true})
	c := call(t, s)
	for _, client := range []string{"one", "two"} {
		c.want(c.activate(lic.Key, client), 200)
		if got := decode[wire.SessionInfo](t, c.want(c.session(pathSessionOpen, lic.Key, client, ""), 200)); *got.MaxOpenSessionCount != 1 {
			t.Errorf("%s: %+v", client, got)
		}
	}
	url := s.URL + wire.Prefix(s.ISV()) + strings.Replace(wire.PathFloatingCount, "{license_id}", lic.Key, 1)
	if r := c.do("GET", url, nil, http.Header{wire.HeaderProvisioningKey: {s.ProvisioningKey()}}); r.status != 200 || string(r.body) != "2" {
		t.Errorf("active floating tokens: %d %s", r.status, r.body)
	}
}

func TestSessionOfALicenseThatChanged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*slasconetest.License)
		want   int
	}{
		"inactive":    {func(l *slasconetest.License) { l.Inactive = true }, 1002},
		"expired":     {func(l *slasconetest.License) { l.Expires = start }, 1001},
		"not started": {func(l *slasconetest.License) { l.Starts = start.Add(time.Hour) }, 1002},
		"named":       {func(l *slasconetest.License) { l.Floating = false }, 12000},
	} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			lic := s.AddLicense(slasconetest.License{Floating: true})
			c := call(t, s)
			c.want(c.activate(lic.Key, "one"), 200)
			s.UpdateLicense(lic.Key, test.change)
			c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), test.want)
		})
	}
}

func TestSessionNeedsASeatOfThatLicense(t *testing.T) {
	s := server(t)
	mine := s.AddLicense(slasconetest.License{Floating: true})
	other := s.AddLicense(slasconetest.License{Floating: true})
	c := call(t, s)
	token := *info(t, c.want(c.activate(mine.Key, "one"), 200)).TokenKey
	c.want(c.session(pathSessionOpen, other.Key, "one", sessionA), 2002)
	c.want(c.session(pathSessionOpen, mine.Key, "one", sessionA), 200)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: token}), 200)
	if open := s.Sessions(); len(open) != 0 {
		t.Errorf("open after unassign: %+v", open)
	}
	c.want(c.session(pathSessionOpen, mine.Key, "one", sessionA), 2002)
}

func TestSessionsOfOneClientAndUser(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Floating: true, MaxSessionsPerClient: new(2), FloatingTokenLimit: new(2)})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 200)
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionB), 200)
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionC), 12002)
	if !s.EndSession(sessionB) || s.EndSession(sessionB) {
		t.Error("EndSession does not know which sessions there are")
	}
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionC), 200)

	users := s.AddLicense(slasconetest.License{Floating: true, ForUsers: true})
	user := func(r *wire.SessionRequest) { r.UserID = "a@b.c" }
	c.want(c.activate(users.Key, "pc/a@b.c"), 200)
	c.want(c.activate(users.Key, "laptop/a@b.c"), 200)
	c.want(c.session(pathSessionOpen, users.Key, "pc/a@b.c", sessionA, user), 200)
	c.want(c.session(pathSessionOpen, users.Key, "pc/a@b.c", sessionA, user), 200)
	c.want(c.session(pathSessionOpen, users.Key, "laptop/a@b.c", sessionB, user), 12006)
}

func TestSessionsAreCountedUnderLoad(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.Signing = slasconetest.SigningNone })
	lic := s.AddLicense(slasconetest.License{Floating: true, FloatingTokenLimit: new(3)})
	c := call(t, s)
	if r := c.activate(lic.Key, "one"); r.status != http.StatusOK {
		t.Fatal(r.status)
	}
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if r := c.session(pathSessionOpen, lic.Key, "one", uuid.NewString()); r.status == http.StatusOK {
				opened.Add(1)
			}
			s.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Features = append(l.Features, slasconetest.Feature{Name: "more"}) })
			c.heartbeat("one")
			s.Clients()
		})
	}
	all.Wait()
	if n := opened.Load(); n != 3 || len(s.Sessions()) != 3 {
		t.Errorf("%d sessions were opened, %d are open; want 3", n, len(s.Sessions()))
	}
	if got, _ := s.License(lic.Key); len(got.Features) != 12 {
		t.Errorf("%d features", len(got.Features))
	}
}
