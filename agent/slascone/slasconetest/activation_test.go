package slasconetest_test

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestActivationGivesWhatTheLicenseSays(t *testing.T) {
	s := server(t)
	s.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) { p.LatestVersion = "1.2" })
	lic := s.AddLicense(slasconetest.License{
		Key: slasconetest.DemoLicense, LegacyKey: "OLD-1", Name: "Gold", Expires: start.AddDate(1, 0, 0),
		TokenLimit: new(2), Freeride: new(7), HeartbeatPeriod: new(1), ReleaseLimit: "24",
		Type:     slasconetest.Type{Name: "Commercial"},
		Features: []slasconetest.Feature{{Name: "PDF export"}, {Name: "Cloud", Disabled: true, Expires: start}},
		Limitations: []slasconetest.Limitation{
			{Name: "Documents", Value: "10.5", Reset: slasconetest.ResetNever}, {Name: "Cores", Value: "4"}, {Name: "Endless"},
		},
		Variables: []slasconetest.Variable{{Name: "Colour", Value: "blue"}},
		Choices:   []slasconetest.Choice{{Name: "Language", Values: []string{"de", "en"}}},
	})
	c := call(t, s)
	got := info(t, c.want(c.activate(lic.Key, "Device-1"), 200))

	if got.LicenseKey != lic.Key || *got.ClientID != "Device-1" || *got.ProductID != slasconetest.DemoProduct || *got.LegacyLicenseKey != "OLD-1" {
		t.Errorf("bound to %s, %s, %s", got.LicenseKey, *got.ClientID, *got.ProductID)
	}
	if !*got.IsLicenseValid || !*got.IsLicenseActive || *got.IsLicenseExpired || got.DateValidity.Number != 0 || !*got.IsSoftwareVersionValid {
		t.Errorf("flags: %+v", got)
	}
	if *got.TokenLimit != 2 || got.FloatingTokenLimit != nil || *got.Freeride != 7 || *got.HeartbeatPeriod != 1 || got.SessionPeriod != nil {
		t.Errorf("limits and periods: %+v", got)
	}
	if !got.CreatedDate.Time.Equal(start) || !got.ExpirationDate.Time.Equal(start.AddDate(1, 0, 0)) || got.StartDate != nil {
		t.Errorf("dates: %v, %v, %v", got.CreatedDate, got.ExpirationDate, got.StartDate)
	}
	if len(got.Features) != 2 || !got.Features[0].IsActive || got.Features[1].IsActive || !got.Features[1].ExpirationDate.Time.Equal(start) {
		t.Errorf("features: %+v", got.Features)
	}
	if l := got.Limitations; l[0].Value.Decimal.String() != "10.5" || l[0].Remaining.Decimal.String() != "10.5" || l[1].Remaining.Decimal.String() != "4" || l[2].Value != nil || l[2].Remaining != nil {
		t.Errorf("limitations: %+v", l)
	}
	if got.Variables[0].Value != "blue" || len(got.ConstrainedVariables[0].Value) != 2 || got.ConstrainedVariables[0].CustomListID == "" {
		t.Errorf("variables: %+v, %+v", got.Variables, got.ConstrainedVariables)
	}
	if got.SoftwareReleaseLimitation.SoftwareRelease != "24" || got.LicenseType.Name != "Commercial" {
		t.Errorf("release limit and type: %+v, %+v", got.SoftwareReleaseLimitation, got.LicenseType)
	}
	if !got.IsNewerSoftwareShipmentAvail || got.LatestSoftwareShipment.VersionNumber != "1.2" {
		t.Errorf("shipment: %v, %+v", got.IsNewerSoftwareShipmentAvail, got.LatestSoftwareShipment)
	}
}

func TestPerpetualIsYear9999(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	if got := info(t, c.want(c.activate(lic.Key, "one"), 200)); got.ExpirationDate.Time.Year() != 9999 {
		t.Errorf("expiration_date_utc = %v", got.ExpirationDate)
	}
}

func TestActivationConflicts(t *testing.T) {
	for name, test := range map[string]struct {
		license slasconetest.License
		change  func(*wire.ActivationRequest)
		want    int
	}{
		"invalid key":        {change: func(r *wire.ActivationRequest) { r.LicenseKey = "nonsense" }, want: 1000},
		"expired":            {license: slasconetest.License{Expires: start}, want: 1001},
		"inactive":           {license: slasconetest.License{Inactive: true, Expires: start}, want: 1002},
		"version":            {license: slasconetest.License{ReleaseLimit: "0.9"}, want: 1003},
		"version is allowed": {license: slasconetest.License{ReleaseLimit: "0.9", AllowInvalidRelease: true}, want: 200},
		"not started":        {license: slasconetest.License{Starts: start.Add(time.Hour)}, want: 200},
		"no token":           {license: slasconetest.License{TokenLimit: new(0)}, want: 2000},
		"no client":          {change: func(r *wire.ActivationRequest) { r.ClientID = " " }, want: 2010},
		"unknown product": {change: func(r *wire.ActivationRequest) {
			r.ProductID = "00000000-0000-4000-8000-000000000000"
		}, want: 3000},
		"user is missing": {license: slasconetest.License{ForUsers: true}, want: 1010},
		"user is closed out": {license: slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "a@b.c"}}},
			change: func(r *wire.ActivationRequest) { r.UserID = "x@b.c" }, want: 1010},
		"user is inactive": {license: slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "a@b.c", Inactive: true}}},
			change: func(r *wire.ActivationRequest) { r.UserID = "a@b.c" }, want: 1010},
		"user is listed": {license: slasconetest.License{ForUsers: true, Users: []slasconetest.User{{ID: "a@b.c"}}},
			change: func(r *wire.ActivationRequest) { r.ClientID = "pc/A@b.c" }, want: 200},
		"users are full": {license: slasconetest.License{ForUsers: true, UserLimit: new(1), Users: []slasconetest.User{{ID: "a@b.c"}}},
			change: func(r *wire.ActivationRequest) { r.UserID = "x@b.c" }, want: 1009},
	} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			lic := s.AddLicense(test.license)
			if test.change == nil {
				test.change = func(*wire.ActivationRequest) {}
			}
			c := call(t, s)
			c.want(c.activate(lic.Key, "one", test.change), test.want)
		})
	}
}

func TestTokens(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{TokenLimit: new(1), GoodwillTokens: 1})
	c := call(t, s)
	first := info(t, c.want(c.activate(lic.Key, "one"), 200))
	c.want(c.activate(lic.Key, "two"), 200) // of goodwill
	c.want(c.activate(lic.Key, "three"), 2000)

	again := info(t, c.want(c.activate(lic.Key, "ONE"), 200))
	if *again.TokenKey != *first.TokenKey {
		t.Error("activating again took another token")
	}
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: *first.TokenKey}), 200)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: *first.TokenKey}), 2004)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: slasconetest.DemoISV}), 2003)
	third := info(t, c.want(c.activate(lic.Key, "three"), 200))
	if *third.TokenKey != *first.TokenKey {
		t.Error("the freed token was not the one given")
	}
}

func TestTokenKeyIsUsedOnce(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{TokenLimit: new(2)})
	key := s.IssueToken(lic.Key)
	c := call(t, s)
	c.want(c.activate(key, "one"), 200)
	c.want(c.activate(key, "one"), 200)
	c.want(c.activate(key, "two"), 2001)
	other := s.IssueToken(lic.Key)
	moved := info(t, c.want(c.activate(other, "one"), 200))
	if *moved.TokenKey != other {
		t.Errorf("token %s; want the one that was named, %s", *moved.TokenKey, other)
	}
	c.want(c.activate(key, "two"), 200) // it was freed by the move
}

func TestAnotherLicenseReplacesTheFirst(t *testing.T) {
	s := server(t)
	old := s.AddLicense(slasconetest.License{LegacyKey: "OLD"})
	fresh := s.AddLicense(slasconetest.License{})
	trial := s.AddLicense(slasconetest.License{Temporary: true, Expires: start.Add(time.Hour)})
	c := call(t, s)
	c.want(c.activate("old", "one"), 200)
	c.want(c.activate(fresh.Key, "one"), 200)
	if held := s.Tokens(old.Key); held[0].ClientID != "" {
		t.Error("the previous licence's token is still held")
	}

	c.want(c.activate(trial.Key, "one"), 200)
	if got := info(t, c.want(c.heartbeat("one"), 200)); got.LicenseKey != trial.Key || !got.IsTemporary {
		t.Errorf("licence %s; want the temporary one", got.LicenseKey)
	}
	s.Advance(time.Hour)
	if got := info(t, c.want(c.heartbeat("one"), 200)); got.LicenseKey != fresh.Key {
		t.Errorf("licence %s; want the normal one again", got.LicenseKey)
	}
}

func TestUsersEnrol(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{ForUsers: true, UserLimit: new(1)})
	c := call(t, s)
	got := info(t, c.want(c.activate(lic.Key, "pc/a@b.c"), 200))
	if got.ClientType.Number != 1 || len(got.LicenseUsers) != 1 || got.LicenseUsers[0].UserID != "a@b.c" {
		t.Errorf("users: %+v", got.LicenseUsers)
	}
	c.want(c.activate(lic.Key, "laptop/a@b.c"), 200)
	c.want(c.activate(lic.Key, "pc/x@b.c"), 1009)
}

func TestSuspension(t *testing.T) {
	s := server(t, func(cfg *slasconetest.Config) { cfg.SuspendedConflict = 1002 })
	lic := s.AddLicense(slasconetest.License{Floating: true})
	c := call(t, s)
	token := *info(t, c.want(c.activate(lic.Key, "one"), 200)).TokenKey
	if !s.Suspend("ONE", start.Add(time.Hour)) || s.Suspend("two", start) {
		t.Fatal("Suspend does not know which clients there are")
	}
	c.want(c.heartbeat("one"), 1002)
	c.want(c.activate(lic.Key, "one"), 1002)
	c.want(c.session(pathSessionOpen, lic.Key, "one", sessionA), 1002)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: token}), 1002)
	s.Advance(time.Hour)
	c.want(c.heartbeat("one"), 200)
}
