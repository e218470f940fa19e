package record

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Only a wrong signature is told as one. What the server has signed, for
// another or long ago, is no fault of the keys.
func TestSilenceKind(t *testing.T) {
	for r, want := range map[slascone.Reason]enforcement.SilenceKind{
		slascone.BadSignature:  enforcement.SilentSignature,
		slascone.BadNonce:      enforcement.SilentSignature,
		slascone.BadShape:      enforcement.SilentNetwork,
		slascone.Foreign:       enforcement.SilentNetwork,
		slascone.Stale:         enforcement.SilentNetwork,
		slascone.Unauthorized:  enforcement.SilentUnauthorized,
		slascone.NotFound:      enforcement.SilentNetwork,
		slascone.Unreachable:   enforcement.SilentNetwork,
		slascone.ServerFailure: enforcement.SilentNetwork,
	} {
		if got := SilenceKind(r); got != want {
			t.Errorf("%v: %v, want %v", r, got, want)
		}
	}
}

func TestLicenseFacts(t *testing.T) {
	day := 24 * time.Hour
	hourly := heartbeat.Nearest(time.Hour)
	terms := license.Terms{
		Key: "key", Starts: spring.Add(-day), Expires: spring.Add(30 * day), Temporary: true, ReleaseLimit: "24",
		FreerideDays: new(7), HeartbeatPeriodDays: new(2),
	}
	want := enforcement.License{
		Source: enforcement.FromHeartbeat, Key: "key", ProvenAt: spring, Starts: terms.Starts, Expires: terms.Expires, Temporary: true,
		ReleaseLimit: "24", JudgedVersion: "1.4.2", Freeride: 7 * day, FreerideSet: true, Due: spring.Add(2 * day),
	}
	for name, tt := range map[string]struct {
		from     verified.Source
		schedule *heartbeat.Schedule
		change   func(*license.Terms)
		want     func(*enforcement.License)
	}{
		"a heartbeat":           {from: verified.Heartbeat},
		"an activation":         {from: verified.Activation, want: func(l *enforcement.License) { l.Source = enforcement.FromActivation }},
		"the vendor's schedule": {from: verified.Heartbeat, schedule: &hourly, want: func(l *enforcement.License) { l.Due = spring.Add(time.Hour) }},
		"no period: once a day": {from: verified.Heartbeat, change: func(x *license.Terms) { x.HeartbeatPeriodDays = nil }, want: func(l *enforcement.License) { l.Due = spring.Add(day) }},
		"no freeride is told":   {from: verified.Heartbeat, change: func(x *license.Terms) { x.FreerideDays = nil }, want: func(l *enforcement.License) { l.Freeride, l.FreerideSet = 0, false }},
		"perpetual":             {from: verified.Heartbeat, change: func(x *license.Terms) { x.Expires = time.Time{} }, want: func(l *enforcement.License) { l.Expires = time.Time{} }},
		"a file is never due": {from: verified.LicenseFile, want: func(l *enforcement.License) {
			l.Source, l.Due, l.Freeride, l.FreerideSet = enforcement.FromLicenseFile, time.Time{}, 0, false
		}},
	} {
		terms, want := terms, want
		if tt.change != nil {
			tt.change(&terms)
		}
		if tt.want != nil {
			tt.want(&want)
		}
		o := Opener{Schedule: tt.schedule}
		if got := o.LicenseFacts(grant.License(verified.By(tt.from, spring), terms), "1.4.2"); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	if got := (&Opener{}).LicenseFacts(license.License{}, "1.4.2"); got != (enforcement.License{}) {
		t.Errorf("no licence: %+v", got)
	}
}

func TestFlags(t *testing.T) {
	fine := license.Terms{Active: true, Valid: true, VersionValid: true, Users: []license.User{{ID: "Ann", Active: true}, {ID: "bob"}}}
	for name, tt := range map[string]struct {
		user   string
		change func(*license.Terms)
		want   enforcement.Flags
	}{
		"nothing is wrong":            {},
		"inactive":                    {change: func(x *license.Terms) { x.Active = false }, want: enforcement.Flags{Inactive: true}},
		"expired by its flag":         {change: func(x *license.Terms) { x.Expired = true }, want: enforcement.Flags{Expired: true}},
		"expired by its dates":        {change: func(x *license.Terms) { x.DateValidity = license.DateExpired }, want: enforcement.Flags{Expired: true}},
		"not yet valid":               {change: func(x *license.Terms) { x.DateValidity = license.DateNotYetValid }, want: enforcement.Flags{NotYetValid: true}},
		"another release":             {change: func(x *license.Terms) { x.VersionValid = false }, want: enforcement.Flags{VersionNotCovered: true}},
		"invalid, and it says no why": {change: func(x *license.Terms) { x.Valid = false }, want: enforcement.Flags{Invalid: true}},
		"a user who is active":        {user: "ann"},
		"a user who is switched off":  {user: "BOB", want: enforcement.Flags{UserInactive: true}},
		"a user who is not listed":    {user: "eve"},
	} {
		terms := fine
		if tt.change != nil {
			tt.change(&terms)
		}
		o := Opener{UserID: tt.user}
		if got := o.Flags(answered(terms)); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// dated is what is known, all of it from the same instant.
func dated(at time.Time) enforcement.Facts {
	f := enforcement.Facts{}.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: enforcement.LicenseInactive, At: at, ReceivedAt: at})
	f.License.ProvenAt, f.Attempt.At, f.Attempt.Since, f.AnsweredAt = at, at, at, at
	f.Software.Since, f.Session.ProvenAt, f.Session.CountedAt = at, at, at
	f.Silence.Since, f.NoLicenseSince, f.Device.MismatchSince = at, at, at
	return f
}

// Nothing that a clock which ran ahead has dated stays in the future, and nothing
// that is past is touched; what the server has signed goes only when it is the
// server that was ahead.
func TestNotAfterAndDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := spring.Add(time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "hours")) * time.Hour)
		want := dated(at)
		if at.After(spring) {
			want = dated(spring)
		}
		if got := Dropped(dated(at), spring); !reflect.DeepEqual(got, want) {
			t.Fatalf("dropped from %v:\n got %+v\nwant %+v", at, got, want)
		}
		signed := dated(at)
		want.License.ProvenAt, want.Attempt.At = at, at
		for x := range want.Refusals.All() {
			x.At = at
			want.Refusals.Set(x)
		}
		if got := NotAfter(signed, spring); !reflect.DeepEqual(got, want) {
			t.Fatalf("not after, from %v:\n got %+v\nwant %+v", at, got, want)
		}
	})
}

// How often to send a heartbeat: as the vendor's application says, else as the licence does, else once a day.
func TestScheduleFor(t *testing.T) {
	own := heartbeat.Nearest(2 * time.Hour)
	for _, tt := range []struct {
		name string
		own  *heartbeat.Schedule
		days *int
		want heartbeat.Schedule
	}{
		{"neither", nil, nil, heartbeat.Schedule{}},
		{"the licence says nought", nil, new(0), heartbeat.Schedule{}},
		{"the licence", nil, new(3), heartbeat.Nearest(3 * 24 * time.Hour)},
		{"the application", &own, new(3), own},
	} {
		o := &Opener{Schedule: tt.own}
		if got := o.ScheduleFor(answered(license.Terms{HeartbeatPeriodDays: tt.days})); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
