package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestEachUsersStateIsKeptApart(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicence(slasconetest.Licence{ForUsers: true, TokenLimit: new(1)})
	dir := t.TempDir()
	as := func(user string) *Agent {
		cfg := configFor(t, srv)
		cfg.StateDir, cfg.UserID = dir, user
		return newAgent(t, cfg)
	}
	jo := as("jo@example.com")
	if got := jo.ClientID(); got != testDevice+"/jo@example.com" {
		t.Errorf("client ID is %q", got)
	}
	if _, err := jo.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	jo.Close(ctx)

	kim := as("kim@example.com")
	expect(t, kim.Decision(), enforcement.Locked, enforcement.NotActivated)
	d, err := kim.Activate(ctx, lic.Key)
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != enforcement.TokensExhausted {
		t.Errorf("a second user on one seat: %v, %v", d.State, err)
	}

	jo = as("JO@example.com")
	expect(t, jo.Decision(), enforcement.Active, enforcement.NoCause)
	if err := jo.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if err := jo.SignOut(ctx); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	if d, err = kim.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
}

func TestAUserWhoIsNoLongerActive(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicence(slasconetest.Licence{ForUsers: true, Users: []slasconetest.User{{ID: "jo@example.com", Name: "Jo"}, {ID: "kim@example.com", Inactive: true}}})
	cfg := configFor(t, srv)
	cfg.UserID = "jo@example.com"
	a := newAgent(t, cfg)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	off := func(inactive bool) {
		srv.UpdateLicence(lic.Key, func(l *slasconetest.Licence) { l.Users[0].Inactive = inactive })
	}
	off(true)
	d, _ := a.Refresh(ctx)
	expect(t, d, enforcement.Locked, enforcement.UserInactive)
	off(false)
	d, err := a.Refresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
}

func TestFindLicences(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicence(slasconetest.Licence{ForUsers: true, Users: []slasconetest.User{{ID: "jo@example.com"}}})
	srv.AddLicence(slasconetest.Licence{ForUsers: true, Users: []slasconetest.User{{ID: "kim@example.com"}}})
	cfg := configFor(t, srv)
	if _, err := newAgent(t, cfg).FindLicences(ctx, "token"); !errors.Is(err, ErrInput) {
		t.Errorf("without a user: %v", err)
	}
	cfg.UserID = "jo@example.com"
	a := newAgent(t, cfg)
	if _, err := a.FindLicences(ctx, " "); !errors.Is(err, ErrInput) {
		t.Errorf("without a token: %v", err)
	}
	found, err := a.FindLicences(ctx, "token")
	if err != nil || len(found) != 1 || found[0].Key != lic.Key {
		t.Fatalf("found %+v, %v", found, err)
	}
	if _, err := a.Activate(ctx, found[0].Key); err != nil {
		t.Error(err)
	}
}

func TestASuspendedClient(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{SuspendedConflict: 1099})
	lic := srv.AddLicence(slasconetest.Licence{})
	cfg := configFor(t, srv)
	cfg.SuspendedConflict = 1099
	a := newAgent(t, cfg)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	srv.Suspend(testDevice, time.Now().Add(time.Hour))
	d, err := a.Refresh(ctx)
	if d.Cause != enforcement.Suspended || d.State < enforcement.ReadOnly || err == nil {
		t.Errorf("suspended: %v (%v), %v", d.State, d.Cause, err)
	}
	srv.Advance(2 * time.Hour)
	d, err = a.Refresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
}

func TestSpecialLicences(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		lic   slasconetest.Licence
		state enforcement.State
		cause enforcement.Cause
	}{
		"temporary":           {slasconetest.Licence{Temporary: true, Expires: time.Now().Add(48 * time.Hour)}, enforcement.Active, enforcement.NoCause},
		"not yet valid":       {slasconetest.Licence{Starts: time.Now().Add(48 * time.Hour)}, enforcement.Locked, enforcement.NotYetValid},
		"on a goodwill token": {slasconetest.Licence{TokenLimit: new(0), GoodwillTokens: 1}, enforcement.Active, enforcement.NoCause},
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{})
			// The service refuses to activate what has not begun, so it begins later.
			starts := c.lic.Starts
			c.lic.Starts = time.Time{}
			lic := srv.AddLicence(c.lic)
			a := newAgent(t, configFor(t, srv))
			if _, err := a.Activate(ctx, lic.Key); err != nil {
				t.Fatal(err)
			}
			srv.UpdateLicence(lic.Key, func(l *slasconetest.Licence) { l.Starts = starts })
			d, err := a.Refresh(ctx)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, d, c.state, c.cause)
			if a.License().Temporary() != c.lic.Temporary {
				t.Errorf("temporary is %v", a.License().Temporary())
			}
		})
	}
}

func TestATemporaryLicenceFallsBackToTheNormalOne(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	normal := srv.AddLicence(slasconetest.Licence{Name: "normal"})
	trial := srv.AddLicence(slasconetest.Licence{Name: "trial", Temporary: true, Expires: time.Now().Add(24 * time.Hour)})
	cfg := configFor(t, srv)
	cfg.Now = srv.Now
	a := newAgent(t, cfg)
	for _, lic := range []slasconetest.Licence{normal, trial} {
		if _, err := a.Activate(ctx, lic.Key); err != nil {
			t.Fatal(err)
		}
	}
	if a.License().Key() != trial.Key {
		t.Fatalf("the licence is %q, want the trial", a.License().Terms().Name)
	}
	srv.Advance(25 * time.Hour)
	d, err := a.Refresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if a.License().Key() != normal.Key {
		t.Errorf("the licence is %q, want the normal one", a.License().Terms().Name)
	}
}
