package record

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Who takes a session, and who may not run without one.
func TestWhoWantsASession(t *testing.T) {
	floating, users := license.Terms{ProvisioningMode: license.Floating}, license.Terms{ClientType: license.Users}
	file := grant.License(verified.By(verified.LicenseFile, spring), floating)
	for name, tt := range map[string]struct {
		license  license.License
		seat     Seat
		had      bool // it has had one
		user     string
		asks     bool
		missesIt bool
	}{
		"a named licence":                    {license: answered(license.Terms{})},
		"a floating one":                     {license: answered(floating), asks: true, missesIt: true},
		"from a file":                        {license: file},
		"the server says that it takes none": {license: answered(floating), seat: Seat{Unwanted: true}, asks: true},
		"for users, of whom none is known":   {license: answered(users)},
		"for users":                          {license: answered(users), user: "ann", asks: true},
		"for users, and there has been one":  {license: answered(users), user: "ann", had: true, asks: true, missesIt: true},
		"of a named one there has been once": {license: answered(license.Terms{}), had: true},
		"nothing is held":                    {},
	} {
		k := Known{Record: Record{Seat: tt.seat}, License: tt.license}
		k.Facts.Session.Required = tt.had
		if k.AsksForSession(tt.user) != tt.asks || k.MissesSession() != tt.missesIt {
			t.Errorf("%s: asks %v, misses it %v", name, k.AsksForSession(tt.user), k.MissesSession())
		}
	}
}

// A seat is renewed by what the server has given, where that is less than the
// licence says.
func TestSeatPeriod(t *testing.T) {
	for name, tt := range map[string]struct {
		minutes *int
		given   *time.Duration // nil: no seat is held
		want    time.Duration
	}{
		"the licence's":               {new(10), nil, 10 * time.Minute},
		"the licence says none":       {nil, nil, 5 * time.Minute},
		"the server gave less":        {new(10), new(4 * time.Minute), 4 * time.Minute},
		"the server gave more":        {new(10), new(time.Hour), 10 * time.Minute},
		"over when it was received":   {new(10), new(time.Duration(0)), 10 * time.Minute},
		"over before it was received": {new(10), new(-time.Minute), 10 * time.Minute},
	} {
		k := Known{License: answered(license.Terms{ProvisioningMode: license.Floating, SessionPeriodMinutes: tt.minutes})}
		if tt.given != nil {
			k.Seat = Seat{SessionID: "s", Evidence: evidence, Contact: heartbeat.History{AnsweredAt: spring}}
			k.Facts.Session.ValidUntil = spring.Add(*tt.given)
		}
		if got := k.SeatPeriod(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A seat that is refused for the licence's sake makes the licence be asked about.
func TestDoubtedAt(t *testing.T) {
	no := func(code enforcement.Code) enforcement.Facts {
		f := enforcement.Facts{}.WithSession(spring)
		return f.No(enforcement.No{Endpoint: enforcement.EndpointSessionOpen, Code: code, At: spring})
	}
	for name, tt := range map[string]struct {
		facts      enforcement.Facts
		seatAt     time.Time // the last answer about the seat
		licenseAt  time.Time // and about the licence
		held       bool
		validUntil time.Time
		doubted    bool
	}{
		"all seats are taken":            {facts: no(enforcement.ConnectionsExhausted), seatAt: spring},
		"the licence is inactive":        {facts: no(enforcement.LicenseInactive), seatAt: spring, doubted: true},
		"and it was asked about since":   {facts: no(enforcement.LicenseInactive), seatAt: spring, licenseAt: spring.Add(time.Second)},
		"by an answer from the future":   {facts: no(enforcement.LicenseInactive), seatAt: spring.Add(time.Hour)},
		"no session is required":         {facts: enforcement.Facts{}, seatAt: spring},
		"given":                          {facts: enforcement.Facts{}.WithSession(spring), seatAt: spring, held: true, validUntil: spring.Add(time.Hour)},
		"given, and over when it was so": {facts: enforcement.Facts{}.WithSession(spring), seatAt: spring, held: true, validUntil: spring, doubted: true},
	} {
		k := Known{Record: Record{Facts: tt.facts, Seat: Seat{SessionID: "s", Contact: heartbeat.History{AnsweredAt: tt.seatAt}}, Contact: heartbeat.History{AnsweredAt: tt.licenseAt}}}
		if tt.held {
			k.Seat.Evidence, k.Facts.Session.ValidUntil = evidence, tt.validUntil
		}
		if at := k.DoubtedAt(spring); at.IsZero() == tt.doubted {
			t.Errorf("%s: doubted at %v", name, at)
		}
	}
}

func TestSeatedUntilItsEnd(t *testing.T) {
	k := Known{Record: Record{Seat: Seat{Evidence: evidence}, Facts: enforcement.Facts{Session: enforcement.Session{ValidUntil: spring}}}}
	for at, want := range map[time.Duration]bool{-time.Hour: true, -1: true, 0: false, time.Hour: false} {
		if got := k.SeatedAt(spring.Add(at)); got != want {
			t.Errorf("%v after its end: seated %t", at, got)
		}
	}
	k.Seat = Seat{}
	if k.SeatedAt(spring.Add(-time.Hour)) {
		t.Error("seated without a seat")
	}
}
