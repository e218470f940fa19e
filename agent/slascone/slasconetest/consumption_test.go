package slasconetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func (c *caller) consume(client, limitation, value, external string) reply {
	c.t.Helper()
	return c.post(wire.PathConsumption, wire.ConsumptionRequest{ClientID: client, Consumption: []wire.ConsumptionUse{
		{LimitationID: limitation, Value: wire.Decimal{Decimal: decimal.RequireFromString(value)}, ExternalID: external},
	}})
}

// consumed makes a use that must be understood, and returns its account.
func (c *caller) consumed(limitation, value, external string) wire.Consumption {
	c.t.Helper()
	return decode[[]wire.Consumption](c.t, c.want(c.consume("one", limitation, value, external), 200))[0]
}

// counting is a server whose client one may consume.
func counting(t *testing.T, limits ...slasconetest.Limitation) (*slasconetest.Server, *caller, slasconetest.License) {
	t.Helper()
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Limitations: limits})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	return s, c, lic
}

func TestConsumptionWithGoodwill(t *testing.T) {
	s, c, lic := counting(t, slasconetest.Limitation{Name: "Documents", Value: "10", Goodwill: 20, Reset: slasconetest.ResetNever})
	id := lic.Limitations[0].ID
	if got := c.consumed(id, "11.5", ""); got.TransactionID == nil || got.Balance.Decimal.String() != "11.5" || got.Remaining.Decimal.String() != "-1.5" || got.Goodwill.Decimal.String() != "20" {
		t.Errorf("within goodwill: %+v", got)
	}
	if got := c.consumed(id, "0.6", ""); got.TransactionID != nil || got.Remaining.Decimal.String() != "-1.5" {
		t.Errorf("beyond goodwill: %+v", got)
	}
	if got := c.consumed(id, "0.5", ""); got.TransactionID == nil {
		t.Errorf("the last of goodwill: %+v", got)
	}
	if got := info(t, c.want(c.heartbeat("one"), 200)).Limitations[0]; got.Balance.Decimal.String() != "12" || got.Remaining.Decimal.String() != "-2" || got.Value.Decimal.String() != "10" {
		t.Errorf("heartbeat: %+v", got)
	}
	if got := s.Consumptions(lic.Key)[0]; got.Consumed != "12" || got.Transactions != 2 {
		t.Errorf("account %+v", got)
	}
}

func TestConsumptionWithoutEnforcementOrLimit(t *testing.T) {
	_, c, lic := counting(t,
		slasconetest.Limitation{Name: "Metered", Value: "1", NotEnforced: true, Reset: slasconetest.ResetNever},
		slasconetest.Limitation{Name: "Unlimited", Reset: slasconetest.ResetNever})
	if got := c.consumed(lic.Limitations[0].ID, "5", ""); got.TransactionID == nil || got.Remaining.Decimal.String() != "-4" {
		t.Errorf("metered: %+v", got)
	}
	if got := c.consumed(lic.Limitations[1].ID, "5", ""); got.TransactionID == nil || got.Limit != nil || got.Remaining != nil || got.Balance.Decimal.String() != "5" {
		t.Errorf("unlimited: %+v", got)
	}
}

// What balance means is not known, so that a client must get on with any.
func TestBalanceIsASetting(t *testing.T) {
	for balance, want := range map[slasconetest.Balance][2]string{
		"": {`"balance":4`, `"balance":4`}, slasconetest.BalanceConsumed: {`"balance":4`, `"balance":4`},
		slasconetest.BalanceLeft: {`"balance":6`, `"balance":null`}, slasconetest.BalanceAbsent: {`"remaining":6`, `"limit":null`},
	} {
		s := server(t, func(cfg *slasconetest.Config) { cfg.Balance = balance })
		lic := s.AddLicense(slasconetest.License{Limitations: []slasconetest.Limitation{{Value: "10", Reset: slasconetest.ResetNever}, {Reset: slasconetest.ResetNever}}})
		c := call(t, s)
		c.want(c.activate(lic.Key, "one"), 200)
		for i := range want {
			r := c.want(c.consume("one", lic.Limitations[i].ID, "4", ""), 200)
			if !strings.Contains(string(r.body), want[i]) || strings.Contains(string(r.body), "balance") == (balance == slasconetest.BalanceAbsent) {
				t.Errorf("%q: %s", balance, r.body)
			}
		}
		if r := c.want(c.heartbeat("one"), 200); strings.Contains(string(r.body), "balance") == (balance == slasconetest.BalanceAbsent) {
			t.Errorf("%q: %s", balance, r.body)
		}
	}
}

func TestConsumptionIsBookedOncePerExternalID(t *testing.T) {
	_, c, lic := counting(t, slasconetest.Limitation{Value: "10", Reset: slasconetest.ResetNever})
	id := lic.Limitations[0].ID
	first, again, other := c.consumed(id, "4", "a"), c.consumed(id, "4", "a"), c.consumed(id, "4", "b")
	if *again.TransactionID != *first.TransactionID || again.Remaining.Decimal.String() != "6" {
		t.Errorf("again: %+v", again)
	}
	if *other.TransactionID == *first.TransactionID || other.Remaining.Decimal.String() != "2" {
		t.Errorf("other: %+v", other)
	}
}

func TestRollback(t *testing.T) {
	_, c, lic := counting(t, slasconetest.Limitation{Value: "10", Reset: slasconetest.ResetNever})
	id := lic.Limitations[0].ID
	taken := c.consumed(id, "4", "a")
	back := func(limitation, transaction string) reply {
		return c.post(wire.PathConsumptionRollback, wire.ConsumptionRollbackRequest{LimitationID: limitation, TransactionID: transaction})
	}
	if got := decode[wire.Consumption](t, c.want(back(id, *taken.TransactionID), 200)); got.TransactionID == nil || got.Remaining.Decimal.String() != "10" {
		t.Errorf("rolled back: %+v", got)
	}
	if got := decode[wire.Consumption](t, c.want(back(id, *taken.TransactionID), 200)); got.TransactionID != nil || got.Remaining.Decimal.String() != "10" {
		t.Errorf("rolled back twice: %+v", got)
	}
	c.want(back(slasconetest.DemoISV, *taken.TransactionID), 6006)
	if got := c.consumed(id, "4", "a"); got.Remaining.Decimal.String() != "6" {
		t.Errorf("the external ID is free again: %+v", got)
	}
	status := func(limitation string) reply {
		return c.post(wire.PathConsumptionStatus, wire.ConsumptionStatusRequest{LicenseID: lic.Key, LimitationID: limitation})
	}
	if got := decode[wire.Consumption](t, c.want(status(id), 200)); got.TransactionID != nil || got.Remaining.Decimal.String() != "6" {
		t.Errorf("status: %+v", got)
	}
	c.want(status(slasconetest.DemoISV), 3003)
}

func TestConsumptionResets(t *testing.T) {
	for name, test := range map[string]struct {
		limit       slasconetest.Limitation
		start, next string // of the period of 10 March 2026
	}{
		"never":     {slasconetest.Limitation{Reset: slasconetest.ResetNever}, "2026-03-10T12:00:00Z", ""},
		"days":      {slasconetest.Limitation{Reset: slasconetest.ResetPeriodically, ResetDays: 2}, "2026-03-10T12:00:00Z", "2026-03-12T12:00:00Z"},
		"monthly":   {slasconetest.Limitation{Reset: slasconetest.ResetMonthly}, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		"quarterly": {slasconetest.Limitation{Reset: slasconetest.ResetQuarterly}, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		"yearly":    {slasconetest.Limitation{Reset: slasconetest.ResetYearly}, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			test.limit.Value = "1"
			s, c, lic := counting(t, test.limit)
			id := lic.Limitations[0].ID
			got := c.consumed(id, "1", "")
			if got.TransactionID == nil || text(got.LastReset) != test.start || text(got.NextReset) != test.next {
				t.Errorf("account: %+v, from %s to %s", got, text(got.LastReset), text(got.NextReset))
			}
			if test.next == "" {
				s.Advance(100 * 365 * 24 * time.Hour)
				if got := c.consumed(id, "1", ""); got.TransactionID != nil {
					t.Errorf("after a hundred years: %+v", got)
				}
				return
			}
			s.SetTime(got.NextReset.Time.Add(-time.Second))
			if got := c.consumed(id, "1", ""); got.TransactionID != nil {
				t.Errorf("before the reset: %+v", got)
			}
			s.Advance(time.Second)
			if got := c.consumed(id, "1", ""); got.TransactionID == nil {
				t.Errorf("after the reset: %+v", got)
			}
			s.SetTime(start)
			if got := c.consumed(id, "1", ""); got.TransactionID != nil {
				t.Errorf("with the clock moved back: %+v", got)
			}
		})
	}
}

func text(t *wire.Time) string {
	if t == nil {
		return ""
	}
	return t.Time.Format(time.RFC3339)
}

func TestConsumptionConflicts(t *testing.T) {
	s, c, lic := counting(t, slasconetest.Limitation{Value: "1"}, slasconetest.Limitation{Value: "1", Reset: slasconetest.ResetNever})
	static, id := lic.Limitations[0].ID, lic.Limitations[1].ID
	c.want(c.consume("", id, "1", ""), 2010)
	c.want(c.consume("stranger", id, "1", ""), 2006)
	c.want(c.consume("one", slasconetest.DemoISV, "1", ""), 6006)
	c.want(c.consume("one", id, "0", ""), 6007)
	c.want(c.consume("one", id, "-1", ""), 6007)
	c.want(c.consume("one", static, "1", ""), 6009)
	c.want(c.consume("one", "x", "1", ""), 400)
	two := c.post(wire.PathConsumption, wire.ConsumptionRequest{ClientID: "one", Consumption: []wire.ConsumptionUse{
		{LimitationID: id, Value: wire.Decimal{Decimal: decimal.NewFromInt(1)}}, {LimitationID: static, Value: wire.Decimal{Decimal: decimal.NewFromInt(1)}},
	}})
	c.want(two, 6009)
	if got := s.Consumptions(lic.Key)[1]; got.Consumed != "0" {
		t.Errorf("a report that was refused as a whole booked %s", got.Consumed)
	}
	s.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
	c.want(c.consume("one", id, "1", ""), 1002)
}

func TestConsumptionSurvives(t *testing.T) {
	file := t.TempDir() + "/state.json"
	cfg := slasconetest.Config{Key: testKey(), StateFile: file, Now: func() time.Time { return start }}
	s := slasconetest.New(cfg)
	lic := s.AddLicense(slasconetest.License{Limitations: []slasconetest.Limitation{{Value: "3", Reset: slasconetest.ResetPeriodically, ResetDays: 1}}})
	c := call(t, s)
	c.want(c.activate(lic.Key, "one"), 200)
	first := c.consumed(lic.Limitations[0].ID, "2", "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = slasconetest.New(cfg)
	defer s.Close()
	c = call(t, s)
	if again := c.consumed(lic.Limitations[0].ID, "2", "a"); *again.TransactionID != *first.TransactionID || again.Remaining.Decimal.String() != "1" {
		t.Errorf("again: %+v", again)
	}
}

// TestNoMoreIsGrantedThanThereIs: whatever is consumed and rolled back, the
// total stays within limit and goodwill and is the sum of what was granted.
func TestNoMoreIsGrantedThanThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, goodwill := rapid.IntRange(0, 20).Draw(t, "limit"), rapid.IntRange(0, 50).Draw(t, "goodwill")
		s := handlerOnly(t, slasconetest.License{Limitations: []slasconetest.Limitation{
			{Value: decimal.NewFromInt(int64(limit)).String(), Goodwill: goodwill, Reset: slasconetest.ResetNever},
		}})
		defer s.Close()
		lic := s.Licenses()[0]
		most := decimal.NewFromInt(int64(limit * (100 + goodwill))).Shift(-2)
		granted := map[string]decimal.Decimal{}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "consume") {
				value := decimal.New(rapid.Int64Range(1, 500).Draw(t, "value"), -2)
				var got []wire.Consumption
				request(t, s, wire.PathConsumption, wire.ConsumptionRequest{ClientID: "one", Consumption: []wire.ConsumptionUse{
					{LimitationID: lic.Limitations[0].ID, Value: wire.Decimal{Decimal: value}},
				}}, &got)
				if id := got[0].TransactionID; id != nil {
					granted[*id] = value
				}
			} else {
				for id := range granted {
					var got wire.Consumption
					request(t, s, wire.PathConsumptionRollback, wire.ConsumptionRollbackRequest{LimitationID: lic.Limitations[0].ID, TransactionID: id}, &got)
					delete(granted, id)
					break
				}
			}
			sum := decimal.Zero
			for _, v := range granted {
				sum = sum.Add(v)
			}
			if got := s.Consumptions(lic.Key)[0].Consumed; sum.GreaterThan(most) || got != sum.String() {
				t.Fatalf("consumed %s, granted %s of %s", got, sum, most)
			}
		}
	})
}

// TestNoMoreSessionsThanSeats: whatever clients open, renew and close while
// time passes, there are never more open sessions than the licence grants.
func TestNoMoreSessionsThanSeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seats := rapid.IntRange(0, 3).Draw(t, "seats")
		s := handlerOnly(t, slasconetest.License{Floating: true, FloatingTokenLimit: &seats, SessionPeriod: new(5), MaxSessionsPerClient: new(2)})
		defer s.Close()
		key := s.Licenses()[0].Key
		var ids []string
		for range 5 {
			ids = append(ids, uuid.NewString())
		}
		open := map[string]time.Time{} // the model: until when
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			s.Advance(time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * time.Minute)
			for id, until := range open {
				if !s.Now().Before(until) {
					delete(open, id)
				}
			}
			id := rapid.SampledFrom(ids).Draw(t, "session")
			_, isOpen := open[id]
			req := wire.SessionRequest{LicenseID: key, ClientID: "one", SessionID: id}
			if rapid.IntRange(0, 3).Draw(t, "close") == 0 {
				status := request(t, s, pathSessionClose, req, nil)
				if (status == 200) != isOpen {
					t.Fatalf("close gave %d; open: %v", status, isOpen)
				}
				delete(open, id)
			} else {
				status := request(t, s, pathSessionOpen, req, nil)
				if want := isOpen || len(open) < min(seats, 2); (status == 200) != want {
					t.Fatalf("open gave %d with %v open; want success: %v", status, open, want)
				}
				if status == 200 {
					open[id] = s.Now().Add(5 * time.Minute)
				}
			}
			if got := s.Sessions(); len(got) != len(open) || len(got) > seats {
				t.Fatalf("open: %v; want %v of %d", got, open, seats)
			}
		}
	})
}

// handlerOnly is a server without a listener and without signing, on which
// client one has activated the licence: fast enough for hundreds of runs.
func handlerOnly(t interface{ Fatal(...any) }, lic slasconetest.License) *slasconetest.Server {
	s, err := slasconetest.NewUnstarted(slasconetest.Config{
		Key: testKey(), Signing: slasconetest.SigningNone, Now: func() time.Time { return start }, Licenses: []slasconetest.License{lic},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got wire.LicenseInfo
	request(t, s, pathActivation, wire.ActivationRequest{ProductID: slasconetest.DemoProduct, LicenseKey: s.Licenses()[0].Key, ClientID: "one"}, &got)
	return s
}

// request calls the handler, and decodes a 200 into v.
func request(t interface{ Fatal(...any) }, s *slasconetest.Server, path string, body, v any) int {
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, wire.Prefix(s.ISV())+path, strings.NewReader(string(data)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(wire.HeaderProvisioningKey, s.ProvisioningKey())
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if v != nil {
		if w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body.String())
		}
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code
}
