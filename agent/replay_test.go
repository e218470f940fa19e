package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A licence that is no good does not replace the one that is held, however the
// server says so.
func TestAnActivationThatGrantsNothingReplacesNothing(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	good := srv.AddLicense(slasconetest.License{Name: "good"})
	later := srv.AddLicense(slasconetest.License{Name: "later", Starts: time.Now().Add(48 * time.Hour)})
	a := newAgent(t, configFor(t, srv))
	if _, err := a.Activate(t.Context(), good.Key); err != nil {
		t.Fatal(err)
	}
	d, err := a.Activate(t.Context(), later.Key)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindConflict {
		t.Errorf("activating a licence that has not begun: %v", err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if a.License().Key() != good.Key {
		t.Errorf("the licence is now %q", a.License().Terms().Name)
	}
}

func TestTheAnswerThatWasOutrankedIsNotBelievedAgain(t *testing.T) {
	srv := newServer(t, slasconetest.Config{})
	a := newAgent(t, configFor(t, srv))
	if _, err := a.Activate(t.Context(), srv.AddLicense(slasconetest.License{}).Key); err != nil {
		t.Fatal(err)
	}
	k := a.knowledge()
	again := func(at time.Time) slascone.Answer[license.License] {
		return slascone.Answer[license.License]{Kind: slascone.Yes, Value: k.License, Evidence: k.Evidence, At: at}
	}
	whole := k.License.IssuedAt().Truncate(time.Second)
	cut := whole.Add(time.Millisecond)
	if a.believed(k, again(cut)).Kind != slascone.Yes {
		t.Error("an answer that nothing has outranked is refused")
	}
	k.Facts = k.Facts.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: enforcement.ClientUnknown, At: k.License.IssuedAt()})
	if got := a.believed(k, again(cut)); got.Kind != slascone.Silence || got.Err.Reason != slascone.Stale {
		t.Errorf("the very answer that was outranked: %v", got.Kind)
	}
	k.ReceivedAt = a.ledger.Now()
	if a.believed(k, again(whole)).Kind != slascone.Yes {
		t.Error("of answers in whole seconds the same may be a new one")
	}
	k.ReceivedAt = k.ReceivedAt.Add(-3 * time.Second)
	if a.believed(k, again(whole)).Kind != slascone.Silence {
		t.Error("three seconds later the same cannot be a new one")
	}
	other := again(cut)
	other.Evidence.Body = append([]byte(" "), other.Evidence.Body...)
	if a.believed(k, other).Kind != slascone.Yes {
		t.Error("another body is refused")
	}
}
