package view

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// known is a licence that was proven at noon and is due a day later, with a
// feature that ends in an hour and a limit of which half is left.
func known() *record.Known {
	ten, five := decimal.NewFromInt(10), decimal.NewFromInt(5)
	lic := grant.License(verified.By(verified.Heartbeat, noon), license.Terms{
		Key: "k", Features: []license.Feature{
			{ID: "f1", Name: "edit", Active: true, Expires: noon.Add(time.Hour)},
			{ID: "f2", Name: "view", Active: true},
			{ID: "f3", Name: "off"},
		},
		Limitations: []license.Limitation{{ID: "l1", Name: "pages", Value: &ten, Remaining: &five}},
	})
	k := &record.Known{License: lic}
	k.Facts = k.Facts.Yes(enforcement.License{
		Source: enforcement.FromHeartbeat, Key: "k", ProvenAt: noon, Due: noon.Add(24 * time.Hour), FreerideSet: true,
	}, enforcement.Flags{})
	return k
}

// What answers from far ahead grant ends at an instant that is known, so the
// decision says when, and no reader gets the old one from then on.
func TestADecisionEndsWhenLeadsHaveGrantedAll(t *testing.T) {
	policy := enforcement.Standard()
	now := Reading{Now: noon.Add(time.Hour), Granted: settled - time.Hour}
	later := Reading{Now: noon.Add(2 * time.Hour), Granted: settled}
	v, after := Judge(known(), policy, now, nil), Judge(known(), policy, later, nil).Decision
	want := enforcement.Change{At: later.Now, State: after.State, Cause: after.Cause}
	if d := v.Decision; d.State != enforcement.Active || after.State == d.State || d.Next != want || !d.Until.Equal(later.Now) || d.Then != after.State {
		t.Errorf("it is %v, next %+v; then %v", d, d.Next, after)
	}
	if !v.Holds(later.Now.UnixNano()-1, false, false) || v.Holds(later.Now.UnixNano(), false, false) {
		t.Error("the view does not end with what was granted")
	}
	for name, at := range map[string]Reading{"no leads": {Now: noon}, "the answer is older than the leads": {Now: noon.Add(48 * time.Hour), Granted: time.Hour}} {
		if got, want := Judge(known(), policy, at, nil).Decision, enforcement.Decide(known().Facts, policy, at.Now); got.Next != want.Next {
			t.Errorf("%s: next %+v, want %+v", name, got.Next, want.Next)
		}
	}
}

func TestGatesFollowStateAndTime(t *testing.T) {
	policy := enforcement.Standard()
	policy.Features = map[string]enforcement.State{"view": enforcement.ReadOnly}
	v := Judge(known(), policy, Reading{Now: noon}, nil)
	for _, tt := range []struct {
		name  string
		state enforcement.State
		at    time.Time
		open  bool
	}{
		{"edit", enforcement.Active, noon, true},
		{"F1", enforcement.Active, noon, true},
		{"edit", enforcement.Active, noon.Add(time.Hour), false},
		{"edit", enforcement.ReadOnly, noon, false},
		{"view", enforcement.ReadOnly, noon, true},
		{"view", enforcement.Locked, noon, false},
		{"off", enforcement.Active, noon, false},
	} {
		g, ok := v.Gate(tt.name)
		if !ok || g.Open(tt.state, tt.at.UnixNano()) != tt.open {
			t.Errorf("%s, %v at %v: open %v (known %v), want %v", tt.name, tt.state, tt.at, !tt.open, ok, tt.open)
		}
	}
	if _, ok := v.Gate("none"); ok {
		t.Error("a feature that the licence does not have has a gate")
	}
}

func TestLimitByIDAndName(t *testing.T) {
	v := Judge(known(), enforcement.Standard(), Reading{Now: noon}, nil)
	for _, name := range []string{"l1", "L1", "pages"} {
		if l := v.Limit(name); l == nil || l.Remaining.String() != "5" || !l.RemainingKnown || l.Value.String() != "10" {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l := v.Limit("none"); l != nil {
		t.Errorf("a limit that the licence does not have: %+v", l)
	}
}

// A view holds until its next change or until the clock is found turned back, and
// the same is then judged again for the time that it is.
func TestHoldsUntilItsNextChange(t *testing.T) {
	v := Judge(known(), enforcement.Standard(), Reading{Now: noon}, nil)
	next := v.Decision.Next.At
	if next.IsZero() || v.Decision.State != enforcement.Active {
		t.Fatalf("decision %v, next %v", v.Decision, next)
	}
	if !v.Holds(next.UnixNano()-1, false, false) || v.Holds(next.UnixNano(), false, false) || v.Holds(noon.UnixNano(), true, false) {
		t.Error("it holds at the wrong times")
	}
	later := v.Again(enforcement.Standard(), Reading{Now: next})
	if later.Decision.State != v.Decision.Next.State || v.Decision.State != enforcement.Active {
		t.Errorf("later it is %v, and the view before says %v", later.Decision, v.Decision)
	}
	turned := v.Again(enforcement.Standard(), Reading{Now: noon, RolledBackSince: noon})
	if !turned.RolledBack || !turned.Holds(noon.UnixNano(), true, false) {
		t.Errorf("with a clock that was turned back: %v", turned.Decision)
	}
}
