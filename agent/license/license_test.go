package license

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
)

var issued = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// sample returns a licence that a document of the given source proved.
func sample(source verified.Source, t Terms) License {
	return newLicense(verified.By(source, issued), t)
}

func TestCovers(t *testing.T) {
	limited := func(limit string) License { return sample(verified.Heartbeat, Terms{ReleaseLimit: limit}) }
	for _, tt := range []struct {
		name    string
		license License
		version string
		want    bool
	}{
		{"no licence", License{}, "1.0", false},
		{"no limit", limited(""), "99", true},
		{"below the limit", limited("24"), "23.9.1", true},
		{"at the limit", limited("24"), "24.9.7", true},
		{"above the limit", limited("24"), "25.0", false},
		{"as the vendor writes it", limited("24.1"), "24.1.3-rc", true},
		{"not a release", limited("24"), "latest", false},
		{"nothing", limited("24"), "", false},
	} {
		if got := tt.license.Covers(tt.version); got != tt.want {
			t.Errorf("%s: Covers(%q) is %v", tt.name, tt.version, got)
		}
	}
}

func fullTerms() Terms {
	return Terms{
		Key: "0B8E7A52", TokenKey: "d000", LegacyKey: "11111 22222", ClientID: "device",
		Active: true, Valid: true, VersionValid: true,
		Starts: issued.AddDate(-1, 0, 0), Expires: issued.AddDate(1, 0, 0), Temporary: true,
		ProvisioningMode: Floating, ReleaseLimit: "24",
		NewerRelease: true, LatestRelease: &Shipment{Version: "25"},
		SessionPeriodMinutes: ptr(30), HeartbeatPeriodDays: ptr(2), FreerideDays: ptr(14),
		Features:    []Feature{{ID: "AAAA-1", Name: "PDF export", Active: true}, {ID: "bbbb-2", Name: "aaaa-1"}},
		Limitations: []Limitation{{ID: "l"}},
		Variables:   []Variable{{ID: "v"}},
		Choices:     []Choice{{ID: "c"}},
		Users:       []User{{ID: "u"}},
	}
}

// Without a proof there is no licence, whatever the terms say, and no licence
// answers every question with nothing.
func TestNoProofNoLicense(t *testing.T) {
	for name, l := range map[string]License{
		"zero value":       {},
		"zero proof":       newLicense(verified.Proof{}, fullTerms()),
		"proof of nothing": newLicense(verified.By(verified.None, issued), fullTerms()),
	} {
		t.Run(name, func(t *testing.T) {
			if !l.IsZero() {
				t.Fatal("there is a licence")
			}
			_, expires := l.Expires()
			_, freeride := l.Freeride()
			_, feature := l.Feature("PDF export")
			_, newer := l.NewerRelease()
			if expires || freeride || feature || newer || l.FromFile() || l.FromActivation() || !l.IssuedAt().IsZero() || l.Key() != "" ||
				l.TokenKey() != "" || l.ClientID() != "" || l.Verdict().Granted() || !l.Starts().IsZero() || l.Temporary() ||
				l.ReleaseLimit() != "" || l.Opens("0B8E7A52") || l.Opens("") || l.Floating() || l.SessionPeriod() != 0 ||
				l.HeartbeatPeriod() != 0 || l.Features() != nil || !reflect.DeepEqual(l.Terms(), Terms{}) {
				t.Error("no licence says something")
			}
		})
	}
}

func TestLicense(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	end, ok := l.Expires()
	if l.IsZero() || l.Key() != "0B8E7A52" || l.TokenKey() != "d000" || l.ClientID() != "device" || !l.IssuedAt().Equal(issued) ||
		!ok || !end.Equal(issued.AddDate(1, 0, 0)) || !l.Starts().Equal(issued.AddDate(-1, 0, 0)) || !l.Temporary() ||
		!l.Floating() || l.ReleaseLimit() != "24" {
		t.Errorf("got %+v", l.Terms())
	}
	if s, ok := l.NewerRelease(); !ok || s.Version != "25" {
		t.Errorf("the newer release is %+v, %v", s, ok)
	}
	if !reflect.DeepEqual(l.Terms(), fullTerms()) || !reflect.DeepEqual(l.Features(), fullTerms().Features) {
		t.Errorf("got %+v", l.Terms())
	}
}

func TestSource(t *testing.T) {
	for source, want := range map[verified.Source][2]bool{
		verified.Activation:  {true, false},
		verified.Heartbeat:   {false, false},
		verified.LicenseFile: {false, true},
	} {
		l := sample(source, Terms{})
		if l.FromActivation() != want[0] || l.FromFile() != want[1] {
			t.Errorf("source %d: from an activation %v, from a file %v", source, l.FromActivation(), l.FromFile())
		}
	}
}

// What a caller does with its copies does not reach the licence.
func TestCopies(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	terms := l.Terms()
	terms.Features[0] = Feature{}
	terms.Limitations[0] = Limitation{}
	terms.Variables[0] = Variable{}
	terms.Choices[0] = Choice{}
	terms.Users[0] = User{}
	l.Features()[1] = Feature{}
	if !reflect.DeepEqual(l.Terms(), fullTerms()) {
		t.Errorf("the licence became %+v", l.Terms())
	}

	// Nothing that a caller can reach is shared, however deep.
	seven, five := 7, decimal.NewFromInt(5)
	with := Terms{FreerideDays: &seven, LatestRelease: &Shipment{Version: "2"}, Limitations: []Limitation{{ID: "1", Value: &five}}, Choices: []Choice{{ID: "2", Values: []string{"a"}}}}
	l = sample(verified.Heartbeat, with)
	terms = l.Terms()
	*terms.FreerideDays, terms.LatestRelease.Version, *terms.Limitations[0].Value, terms.Choices[0].Values[0] = 99, "9", decimal.NewFromInt(99), "z"
	again := l.Terms()
	if *again.FreerideDays != 7 || again.LatestRelease.Version != "2" || again.Limitations[0].Value.String() != "5" || again.Choices[0].Values[0] != "a" {
		t.Errorf("the licence became %+v", again)
	}
}

func TestNamesAreExact(t *testing.T) {
	l := sample(verified.Heartbeat, Terms{Features: []Feature{{ID: "1", Name: "pdf"}}})
	if f, ok := l.Feature("PDF"); ok {
		t.Errorf("PDF leads to %+v", f)
	}
}

func TestLookUps(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	for i, x := range fullTerms().Limitations {
		if got, ok := l.Limitation(x.ID); !ok || got.ID != fullTerms().Limitations[i].ID {
			t.Errorf("Limitation(%q) is %+v, %v", x.ID, got, ok)
		}
	}
	for _, x := range fullTerms().Variables {
		if got, ok := l.Variable(x.ID); !ok || got.Value != x.Value {
			t.Errorf("Variable(%q) is %+v, %v", x.ID, got, ok)
		}
	}
	for _, x := range fullTerms().Choices {
		if got, ok := l.Choice(x.ID); !ok || !reflect.DeepEqual(got.Values, x.Values) {
			t.Errorf("Choice(%q) is %+v, %v", x.ID, got, ok)
		}
	}
	var none License
	if _, ok := none.Limitation("x"); ok {
		t.Error("no licence has a limitation")
	}
}

func TestPerpetual(t *testing.T) {
	if end, ok := sample(verified.Heartbeat, Terms{}).Expires(); ok {
		t.Errorf("a licence without end ends at %v", end)
	}
}

func TestVerdictGranted(t *testing.T) {
	good := Verdict{Active: true, Valid: true, VersionValid: true}
	if !good.Granted() {
		t.Error("a good licence is not granted")
	}
	for name, spoil := range map[string]func(*Verdict){
		"inactive":     func(v *Verdict) { v.Active = false },
		"expired":      func(v *Verdict) { v.Expired = true },
		"invalid":      func(v *Verdict) { v.Valid = false },
		"version":      func(v *Verdict) { v.VersionValid = false },
		"not yet":      func(v *Verdict) { v.Dates = DateNotYetValid },
		"date expired": func(v *Verdict) { v.Dates = DateExpired },
	} {
		v := good
		spoil(&v)
		if v.Granted() {
			t.Errorf("%s: granted", name)
		}
	}
	// What a newer server may say of the dates takes nothing away from its own
	// overall verdict.
	newer := good
	newer.Dates = 9
	if !newer.Granted() {
		t.Error("dates of an unknown kind: not granted")
	}
	if got := sample(verified.Heartbeat, fullTerms()).Verdict(); got != good {
		t.Errorf("the verdict is %+v", got)
	}
}

func TestOpens(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	for key, want := range map[string]bool{"0b8e7a52": true, "D000": true, "11111 22222": true, "": false, "11111": false, "device": false} {
		if l.Opens(key) != want {
			t.Errorf("Opens(%q) is %v", key, !want)
		}
	}
	if sample(verified.Heartbeat, Terms{Key: "k"}).Opens("") {
		t.Error("an empty key opens a licence without a token key")
	}
}

func TestNewerRelease(t *testing.T) {
	for _, terms := range []Terms{{NewerRelease: true}, {LatestRelease: &Shipment{Version: "25"}}} {
		if s, ok := sample(verified.Heartbeat, terms).NewerRelease(); ok {
			t.Errorf("%+v tells of %+v", terms, s)
		}
	}
}

func TestFeature(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	for name, want := range map[string]string{
		"PDF export": "AAAA-1",
		"AAAA-1":     "AAAA-1", // the ID wins over another feature's name
		"aaaa-1":     "AAAA-1",
		"bbbb-2":     "bbbb-2",
		"BBBB-2":     "bbbb-2",
		"pdf export": "",
		"other":      "",
	} {
		f, ok := l.Feature(name)
		if ok != (want != "") || f.ID != want {
			t.Errorf("Feature(%q) is %+v, %v; want %q", name, f, ok, want)
		}
	}
}

func TestFeatureFirstOfOneName(t *testing.T) {
	l := sample(verified.Heartbeat, Terms{Features: []Feature{{ID: "1", Name: "x"}, {ID: "2", Name: "x"}}})
	if f, _ := l.Feature("x"); f.ID != "1" {
		t.Errorf("the name leads to %q; want the first in the document's order", f.ID)
	}
}

func TestFeatureDoesNotAllocate(t *testing.T) {
	l := sample(verified.Heartbeat, fullTerms())
	for _, name := range []string{"PDF export", "bbbb-2"} {
		if n := testing.AllocsPerRun(100, func() { l.Feature(name) }); n != 0 {
			t.Errorf("Feature(%q) allocates %v times", name, n)
		}
	}
}

func TestPeriods(t *testing.T) {
	const century = 100 * 366 * 24 * time.Hour
	for n, want := range map[int]struct{ minutes, days time.Duration }{
		-1:            {},
		0:             {},
		1:             {time.Minute, 24 * time.Hour},
		30:            {30 * time.Minute, 30 * 24 * time.Hour},
		math.MaxInt32: {century, century},
	} {
		terms := Terms{SessionPeriodMinutes: &n, HeartbeatPeriodDays: &n, FreerideDays: &n}
		l := sample(verified.Heartbeat, terms)
		freeride, ok := l.Freeride()
		if l.SessionPeriod() != want.minutes || l.HeartbeatPeriod() != want.days || freeride != want.days || !ok {
			t.Errorf("%d: session %v, heartbeat %v, freeride %v, %v", n, l.SessionPeriod(), l.HeartbeatPeriod(), freeride, ok)
		}
	}
	l := sample(verified.Heartbeat, Terms{})
	if _, ok := l.Freeride(); ok || l.SessionPeriod() != 0 || l.HeartbeatPeriod() != 0 {
		t.Error("a licence that does not say has a period")
	}
}
