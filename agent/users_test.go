package agent

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestEachUsersStateIsKeptApart(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{ForUsers: true, TokenLimit: new(1)})
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
	lic := srv.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "jo@example.com", Name: "Jo"}, {ID: "kim@example.com", Inactive: true}}})
	cfg := configFor(t, srv)
	cfg.UserID = "jo@example.com"
	a := newAgent(t, cfg)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	off := func(inactive bool) {
		srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Users[0].Inactive = inactive })
	}
	off(true)
	d, _ := a.Heartbeat(ctx)
	expect(t, d, enforcement.Locked, enforcement.UserInactive)
	off(false)
	d, err := a.Heartbeat(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
}

func TestFindLicenses(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "jo@example.com"}}})
	srv.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "kim@example.com"}}})
	srv.AddLicense(slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "Jo@example.com", Inactive: true}}})
	cfg := configFor(t, srv)
	if _, err := newAgent(t, cfg).FindLicenses(ctx, "token"); !errors.Is(err, ErrInput) {
		t.Errorf("without a user: %v", err)
	}
	cfg.UserID = "jo@example.com"
	a := newAgent(t, cfg)
	if _, err := a.FindLicenses(ctx, " "); !errors.Is(err, ErrInput) {
		t.Errorf("without a token: %v", err)
	}
	found, err := a.FindLicenses(ctx, "token")
	if err != nil || len(found) != 1 || found[0].Key != lic.Key {
		t.Fatalf("found %+v, %v", found, err)
	}
	if _, err := a.Activate(ctx, found[0].Key); err != nil {
		t.Error(err)
	}
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.LicensesByUser, Kind: slasconetest.FaultStatus, Status: 401})
	if _, err := a.FindLicenses(ctx, "token"); err == nil || !strings.Contains(err.Error(), "sign the user in again") || strings.Contains(err.Error(), "provisioning key") {
		t.Errorf("a token that is over: %v", err)
	}
}

// journeys notes where calls go.
type journeys struct {
	http.RoundTripper
	mu    sync.Mutex
	paths []string
}

func (j *journeys) RoundTrip(r *http.Request) (*http.Response, error) {
	j.mu.Lock()
	j.paths = append(j.paths, path.Base(r.URL.Path))
	j.mu.Unlock()
	return j.RoundTripper.RoundTrip(r)
}

// The floating seat is closed before the assigned one is given back, which alone
// might leave it to lapse.
func TestSigningOutClosesTheSession(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		calls := &journeys{RoundTripper: w.line}
		w.cfg.UserID, w.cfg.HTTPClient = "jo@example.com", &http.Client{Transport: calls}
		lic := floating
		lic.ForUsers = true
		a, _ := w.activated(lic)
		w.start(a)
		w.sleep(time.Minute)
		w.wantIDs("signed in", a.Session().ID)
		calls.mu.Lock()
		calls.paths = nil
		calls.mu.Unlock()
		if err := a.SignOut(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.wantIDs("signed out")
		w.close(a)
		if want := []string{"close", "unassign"}; !slices.Equal(calls.paths, want) {
			t.Errorf("the calls were %v, want %v", calls.paths, want)
		}
	})
}

func TestASuspendedClient(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{SuspendedConflict: 1099})
	lic := srv.AddLicense(slasconetest.License{})
	cfg := configFor(t, srv)
	cfg.SuspendedConflict = 1099
	a := newAgent(t, cfg)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	srv.Suspend(testDevice, time.Now().Add(time.Hour))
	d, err := a.Heartbeat(ctx)
	if d.Cause != enforcement.Suspended || d.State < enforcement.ReadOnly || err == nil {
		t.Errorf("suspended: %v (%v), %v", d.State, d.Cause, err)
	}
	srv.Advance(2 * time.Hour)
	d, err = a.Heartbeat(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
}

func TestSpecialLicenses(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		lic   slasconetest.License
		state enforcement.State
		cause enforcement.Cause
	}{
		"temporary":           {slasconetest.License{Temporary: true, Expires: time.Now().Add(48 * time.Hour)}, enforcement.Active, enforcement.NoCause},
		"not yet valid":       {slasconetest.License{Starts: time.Now().Add(48 * time.Hour)}, enforcement.Locked, enforcement.NotYetValid},
		"on a goodwill token": {slasconetest.License{TokenLimit: new(0), GoodwillTokens: 1}, enforcement.Active, enforcement.NoCause},
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{})
			// The service refuses to activate what has not begun, so it begins later.
			starts := c.lic.Starts
			c.lic.Starts = time.Time{}
			lic := srv.AddLicense(c.lic)
			a := newAgent(t, configFor(t, srv))
			if _, err := a.Activate(ctx, lic.Key); err != nil {
				t.Fatal(err)
			}
			srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Starts = starts })
			d, err := a.Heartbeat(ctx)
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

func TestATemporaryLicenseFallsBackToTheNormalOne(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	normal := srv.AddLicense(slasconetest.License{Name: "normal"})
	trial := srv.AddLicense(slasconetest.License{Name: "trial", Temporary: true, Expires: time.Now().Add(24 * time.Hour)})
	cfg := configFor(t, srv)
	cfg.Now = srv.Now
	a := newAgent(t, cfg)
	for _, lic := range []slasconetest.License{normal, trial} {
		if _, err := a.Activate(ctx, lic.Key); err != nil {
			t.Fatal(err)
		}
	}
	if a.License().Key() != trial.Key {
		t.Fatalf("the licence is %q, want the trial", a.License().Terms().Name)
	}
	srv.Advance(25 * time.Hour)
	d, err := a.Heartbeat(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if a.License().Key() != normal.Key {
		t.Errorf("the licence is %q, want the normal one", a.License().Terms().Name)
	}
}

// However many heartbeats repeat that the user is no longer active, the time is
// counted from the first.
func TestAnInactiveUsersLadder(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.UserID, w.cfg.Policy = "jo@example.com", enforcement.Lenient()
		a, lic := w.activated(slasconetest.License{ForUsers: true, SessionPeriod: new(1440), Users: []slasconetest.User{{ID: "jo@example.com"}}})
		w.start(a)
		w.srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Users[0].Inactive = true })
		w.sleep(3 * 24 * time.Hour)
		expect(t, a.Decision(), enforcement.Grace, enforcement.UserInactive)
		w.sleep(7 * 24 * time.Hour)
		expect(t, a.Decision(), enforcement.ReadOnly, enforcement.UserInactive)
	})
}

// Every call that can name the user does.
func TestTheUserIsNamed(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		w.cfg.UserID = "jo@example.com"
		f := floating
		f.ForUsers, f.Users = true, []slasconetest.User{{ID: "jo@example.com"}}
		f.Limitations = []slasconetest.Limitation{{Name: "pages", Value: "10", Reset: slasconetest.ResetMonthly}}
		lic := w.srv.AddLicense(f)
		a := w.open()
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		w.start(a)
		w.sleep(time.Second)
		w.use(a, "f")
		w.consume(a, 1)
		if _, err := a.Heartbeat(w.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.SignOut(w.Context()); err != nil {
			t.Fatal(err)
		}
		seen := map[slasconetest.Endpoint]bool{}
		for _, r := range w.srv.Requests() {
			seen[r.Endpoint] = true
			// The contract has no user_id on an activation; the client ID names the user.
			if r.Endpoint == slasconetest.Activation {
				if strings.Contains(string(r.Body), "user_id") || !strings.Contains(string(r.Body), "/jo@example.com") {
					t.Errorf("%s: %s", r.Endpoint, r.Body)
				}
				continue
			}
			if r.Endpoint != slasconetest.Unassign && !strings.Contains(string(r.Body), `"user_id":"jo@example.com"`) {
				t.Errorf("%s: %s", r.Endpoint, r.Body)
			}
		}
		for _, e := range []slasconetest.Endpoint{
			slasconetest.Activation, slasconetest.Heartbeat, slasconetest.SessionOpen, slasconetest.SessionClose, slasconetest.UsageByNameReport, slasconetest.ConsumptionReport,
		} {
			if !seen[e] {
				t.Errorf("%s was not called", e)
			}
		}
	})
}
