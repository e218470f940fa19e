package slasconetest_test

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestHeartbeatTellsByFlags(t *testing.T) {
	for name, test := range map[string]struct {
		change                         func(*slasconetest.License)
		valid, active, expired, covers bool
		date                           int
	}{
		"fine":     {func(*slasconetest.License) {}, true, true, false, true, 0},
		"inactive": {func(l *slasconetest.License) { l.Inactive = true }, false, false, false, true, 0},
		"expired":  {func(l *slasconetest.License) { l.Expires = start }, false, true, true, true, 2},
		"early":    {func(l *slasconetest.License) { l.Starts = start.Add(time.Second) }, false, true, false, true, 1},
		"version":  {func(l *slasconetest.License) { l.ReleaseLimit = "0.9" }, false, true, false, false, 0},
		"version is allowed": {func(l *slasconetest.License) { l.ReleaseLimit, l.AllowInvalidRelease = "0.9", true },
			true, true, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			lic := s.AddLicense(slasconetest.License{})
			c := call(t, s)
			c.want(c.activate(lic.Key, "one"), 200)
			s.UpdateLicense(lic.Key, test.change)
			got := info(t, c.want(c.heartbeat("one"), 200))
			if *got.IsLicenseValid != test.valid || *got.IsLicenseActive != test.active || *got.IsLicenseExpired != test.expired ||
				*got.IsSoftwareVersionValid != test.covers || got.DateValidity.Number != test.date {
				t.Errorf("valid %v, active %v, expired %v, version %v, date %d", *got.IsLicenseValid, *got.IsLicenseActive,
					*got.IsLicenseExpired, *got.IsSoftwareVersionValid, got.DateValidity.Number)
			}
		})
	}
}

func TestHeartbeatConflicts(t *testing.T) {
	const heartbeatType = "3c9ac3a5-3d0b-4a8a-9d34-6a4ad9f0bb0e"
	s := server(t, func(cfg *slasconetest.Config) {
		cfg.Products = []slasconetest.Product{{ID: slasconetest.DemoProduct, Name: "CAD", HeartbeatTypes: []string{heartbeatType}}}
	})
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	mine := *info(t, c.want(c.activate(lic.Key, "one"), 200)).TokenKey
	theirs := *info(t, c.want(c.activate(lic.Key, "two"), 200)).TokenKey
	free := s.IssueToken(lic.Key)

	token := func(key string) func(*wire.HeartbeatRequest) {
		return func(r *wire.HeartbeatRequest) { r.TokenKey = key }
	}
	kind := func(id string) func(*wire.HeartbeatRequest) {
		return func(r *wire.HeartbeatRequest) { r.HeartbeatTypeID = id }
	}
	c.want(c.heartbeat("one", token(mine)), 200)
	c.want(c.heartbeat("one", token(theirs)), 5000)
	c.want(c.heartbeat("one", token(free)), 2002)
	c.want(c.heartbeat("one", token(slasconetest.DemoISV)), 2003)
	c.want(c.heartbeat("three"), 2006)
	c.want(c.heartbeat(""), 2010)
	c.want(c.heartbeat("one", kind(heartbeatType)), 200)
	c.want(c.heartbeat("one", kind(slasconetest.DemoISV)), 5001)
	c.want(c.heartbeat("one", func(r *wire.HeartbeatRequest) { r.ProductID = slasconetest.DemoISV }), 3000)

	s.ReleaseToken(mine)
	c.want(c.heartbeat("one", token(mine)), 2002)
	c.want(c.heartbeat("one"), 2006)
}

func TestHeartbeatKeepsWhatTheClientSaid(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	s.Advance(time.Hour)
	c.want(c.heartbeat("one", func(r *wire.HeartbeatRequest) { r.SoftwareVersion = "2.0" }), 200)
	got := s.Clients()[0]
	if got.SoftwareVersion != "2.0" || got.OperatingSystem != "Plan 9" || !got.LastHeartbeat.Equal(start.Add(time.Hour)) || got.Name != "PC" {
		t.Errorf("client %+v", got)
	}
	s.ForgetClient("one")
	c.want(c.heartbeat("one"), 2006)
	if len(s.Clients()) != 0 || s.Tokens(lic.Key)[0].ClientID != "" {
		t.Error("a forgotten client holds a seat")
	}
}
