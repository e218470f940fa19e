package record

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// The server's clock is where it was at the last answer, and as much later as has
// passed here since.
func TestServerTime(t *testing.T) {
	held := Known{Record: Record{Evidence: evidence, ReceivedAt: spring.Add(time.Minute)}, License: answered(license.Terms{})}
	ahead := held
	ahead.Clock.Confirmed = spring.Add(time.Hour)
	old := Known{Record: Record{Seen: spring}}
	vouched, unproven := Known{Record: Record{Vouched: spring}}, Known{Record: Record{Evidence: evidence, ReceivedAt: spring}}
	for name, tt := range map[string]struct {
		k         Known
		now       time.Time
		notBefore time.Time
		latest    time.Time
	}{
		"nothing is known":                     {Known{}, spring, time.Time{}, spring},
		"an hour after the answer":             {held, spring.Add(61 * time.Minute), spring, spring.Add(time.Hour)},
		"a clock that was set back since":      {held, spring.Add(-time.Hour), spring, spring},
		"a later answer than the licence's":    {ahead, spring.Add(61 * time.Minute), spring.Add(time.Hour), spring.Add(time.Hour)},
		"a record from before the clock's own": {old, spring.Add(time.Hour), spring, spring.Add(time.Hour)},
		"only vouched for":                     {vouched, spring.Add(time.Hour), spring, spring.Add(time.Hour)},
		"evidence that proves nothing":         {unproven, spring.Add(time.Hour), time.Time{}, spring.Add(time.Hour)},
	} {
		if got := tt.k.ServerTime(tt.now); !got.NotBefore.Equal(tt.notBefore) || !got.Latest.Equal(tt.latest) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A copy of the record that is out of reach is outranked by what the server has
// confirmed, and, while it is only vouched for, by nothing but a No.
func TestRank(t *testing.T) {
	confirmed := Record{Evidence: evidence, Clock: clock.State{Confirmed: spring}}
	vouched := Record{Vouched: spring, Clock: clock.State{Confirmed: spring}}
	refused := vouched
	refused.Facts = enforcement.Facts{}.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: enforcement.LicenseInactive, At: spring.Add(time.Hour)})
	file := Record{Files: Files{License: "<x/>"}, Vouched: spring}
	for name, tt := range map[string]struct {
		rec     Record
		vouched bool
		rank    time.Time
	}{
		"a licence by the server": {confirmed, false, spring},
		"only vouched for":        {vouched, true, time.Time{}},
		"and refused since":       {refused, true, spring.Add(time.Hour)},
		"a file":                  {file, false, time.Time{}},
		"nothing":                 {Record{}, false, time.Time{}},
	} {
		k := Known{Record: tt.rec}
		if k.OnlyVouched() != tt.vouched || !k.Rank().Equal(tt.rank) {
			t.Errorf("%s: only vouched for %v, rank %v", name, k.OnlyVouched(), k.Rank())
		}
	}
}

// A licence that is only vouched for counts like one whose freeride is over.
func TestVouchedForIsReadOnlyAtOnce(t *testing.T) {
	f := enforcement.Facts{License: vouchedFacts(spring), Software: enforcement.Software{Version: "1"}}
	if d := enforcement.Decide(f, nil, spring.Add(time.Second)); d.State != enforcement.ReadOnly || d.Cause != enforcement.Unreachable {
		t.Errorf("%v, %v", d.State, d.Cause)
	}
}
