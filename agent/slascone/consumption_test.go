package slascone

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

const (
	transaction1 = "c0ffee00-0000-4000-8000-000000000001"
	transaction2 = "c0ffee00-0000-4000-8000-000000000002"
)

func consumptionBody(edit map[string]any) string {
	return body(map[string]any{
		"transaction_id": transaction1, "limitation_id": testLimit, "remaining": 7.5, "balance": 2.5, "limit": 10, "goodwill": 20,
		"last_reset_date_utc": "2026-03-01T00:00:00Z", "next_reset_date_utc": "2026-04-01T00:00:00Z",
	}, edit)
}

func TestConsumption(t *testing.T) {
	c := scripted(t, always(testKey(), 200, consumptionBody(nil)))
	a := c.ConsumptionStatus(t.Context(), testLicense, testLimit, Known{})
	sound(t, a)
	for name, amount := range map[string]*decimal.Decimal{"7.5": a.Value.Remaining, "2.5": a.Value.Balance, "10": a.Value.Limit, "20": a.Value.Goodwill} {
		if amount == nil || amount.String() != name {
			t.Errorf("%v, want %s", amount, name)
		}
	}
	if v := a.Value; v.TransactionID != transaction1 || v.LimitationID != testLimit || v.Refused() ||
		!v.LastReset.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || !v.NextReset.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", v)
	}
	if !a.Evidence.IsZero() || !a.At.IsZero() {
		t.Error("an account is taken for evidence")
	}
}

func TestConsumptionOfNothingKnown(t *testing.T) {
	c := scripted(t, always(testKey(), 200, `{"transaction_id":null,"limitation_id":"`+strings.ToUpper(testLimit)+`","remaining":null,"balance":null,"limit":null,"goodwill":null,"last_reset_date_utc":null,"next_reset_date_utc":null}`))
	a := c.ConsumptionStatus(t.Context(), testLicense, testLimit, Known{})
	if v := a.Value; a.Kind != Yes || v.Remaining != nil || v.Balance != nil || v.Limit != nil || v.Goodwill != nil || !v.LastReset.IsZero() || !v.NextReset.IsZero() {
		t.Errorf("%+v", a)
	}
}

// TestConsume: each use gets its own answer, and a refusal is told from
// everything else.
func TestConsume(t *testing.T) {
	one := []ConsumptionUse{{LimitationID: testLimit, Value: dec("1")}}
	three := []ConsumptionUse{{LimitationID: testLimit, Value: dec("1")}, {LimitationID: otherLimit, Value: dec("2")}, {LimitationID: testLimit, Value: dec("3")}}
	entry := func(edit map[string]any) string { return consumptionBody(edit) }
	refused := entry(map[string]any{"transaction_id": null})
	other := entry(map[string]any{"limitation_id": otherLimit, "transaction_id": transaction2})
	for _, test := range []struct {
		name string
		uses []ConsumptionUse
		body []string // of the list
		want outcome
		ids  []string // transactions
	}{
		{"accepted", one, []string{entry(nil)}, outcome{kind: Yes}, []string{transaction1}},
		{"refused", one, []string{refused}, outcome{kind: Yes}, []string{""}},
		{"refused by leaving out", one, []string{entry(map[string]any{"transaction_id": nil})}, outcome{kind: Yes}, []string{""}},
		{"refused by zeros", one, []string{entry(map[string]any{"transaction_id": "00000000-0000-0000-0000-000000000000"})}, outcome{kind: Yes}, []string{""}},
		{"in order", three, []string{entry(nil), other, refused}, outcome{kind: Yes}, []string{transaction1, transaction2, ""}},
		{"in another order", three, []string{other, refused, entry(nil)}, outcome{kind: Yes}, []string{"", transaction2, transaction1}},
		{"too few", three, []string{entry(nil), other}, outcome{reason: BadShape}, nil},
		{"too many", one, []string{entry(nil), refused}, outcome{reason: BadShape}, nil},
		{"none", one, nil, outcome{reason: BadShape}, nil},
		{"one transaction twice", three, []string{entry(nil), other, entry(nil)}, outcome{reason: BadShape}, nil},
		{"of another limitation", one, []string{other}, outcome{reason: Foreign}, nil},
		{"no limitation", one, []string{entry(map[string]any{"limitation_id": nil})}, outcome{reason: BadShape}, nil},
		{"no transaction ID", one, []string{entry(map[string]any{"transaction_id": "yes"})}, outcome{reason: BadShape}, nil},
		{"a transaction that is a number", one, []string{entry(map[string]any{"transaction_id": 7})}, outcome{reason: BadShape}, nil},
		{"an amount without end", one, []string{strings.Replace(entry(nil), "7.5", "1e999999999", 1)}, outcome{reason: BadShape}, nil},
		{"a date that is none", one, []string{entry(map[string]any{"next_reset_date_utc": "soon"})}, outcome{reason: BadShape}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := scripted(t, always(testKey(), 200, "["+strings.Join(test.body, ",")+"]"))
			a := c.Consume(t.Context(), ConsumptionHeartbeat{ClientID: "pc", Uses: test.uses}, Known{})
			if got := sound(t, a); got != test.want || len(a.Value) != len(test.ids) {
				t.Fatalf("%+v with %d entries (%v)", got, len(a.Value), a.Err)
			}
			for i, v := range a.Value {
				if v.TransactionID != test.ids[i] || v.Refused() != (test.ids[i] == "") || !strings.EqualFold(v.LimitationID, test.uses[i].LimitationID) {
					t.Errorf("entry %d: %+v", i, v)
				}
			}
		})
	}
}

func TestRollbackAnswers(t *testing.T) {
	account := consumptionBody(nil)
	for name, test := range map[string]struct {
		body string
		want outcome
	}{
		"an account":               {account, outcome{kind: Yes}},
		"a list of one":            {" [" + account + "]", outcome{kind: Yes}},
		"a list of none":           {"[]", outcome{reason: BadShape}},
		"a list of two":            {"[" + account + "," + consumptionBody(map[string]any{"transaction_id": nil}) + "]", outcome{reason: BadShape}},
		"of another":               {consumptionBody(map[string]any{"limitation_id": otherLimit}), outcome{reason: Foreign}},
		"a list of one of another": {"[" + consumptionBody(map[string]any{"limitation_id": otherLimit}) + "]", outcome{reason: Foreign}},
		"null":                     {"null", outcome{reason: BadShape}},
	} {
		t.Run(name, func(t *testing.T) {
			c := scripted(t, always(testKey(), 200, test.body))
			a := c.RollbackConsumption(t.Context(), testLimit, transaction1, Known{})
			if got := sound(t, a); got != test.want || got.kind == Yes && a.Value.TransactionID != transaction1 {
				t.Errorf("%+v: %+v (%v)", got, a.Value, a.Err)
			}
		})
	}
}

func TestConsumptionOnTheWire(t *testing.T) {
	for name, test := range map[string]struct {
		call   func(*testing.T, *Client) outcome
		answer string
		path   string
		body   string
	}{
		"consume": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.Consume(t.Context(), ConsumptionHeartbeat{ClientID: "pc", TokenKey: testToken, Uses: []ConsumptionUse{
				{LimitationID: testLimit, UserID: "u", ExternalID: "e-1", At: half, Value: dec("0.25")},
			}}, Known{}))
		}, "[" + consumptionBody(nil) + "]", "/data_gathering/consumption_heartbeats", `{"client_id":"pc","token_key":"` + testToken + `","consumption_heartbeat":[` +
			`{"limitation_id":"` + testLimit + `","user_id":"u","external_id":"e-1","timestamp_utc":"2026-03-10T12:30:00.5Z","value":0.25}]}`},
		"rollback": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.RollbackConsumption(t.Context(), testLimit, transaction1, Known{}))
		}, consumptionBody(nil), "/data_gathering/consumption_heartbeats/rollback", `{"limitation_id":"` + testLimit + `","transaction_id":"` + transaction1 + `"}`},
		"status": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.ConsumptionStatus(t.Context(), testLicense, testLimit, Known{}))
		}, consumptionBody(nil), "/provisioning/validate/consumption", `{"license_id":"` + testLicense + `","limitation_id":"` + testLimit + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			path, payload, _ := sent(t, test.answer, func(c *Client) outcome { return test.call(t, c) })
			if path != test.path || payload != test.body {
				t.Errorf("%s\n got %s\nwant %s", path, payload, test.body)
			}
		})
	}
}

// TestOtherLimitation: the account of another limitation is not this one's.
func TestOtherLimitation(t *testing.T) {
	c := scripted(t, always(testKey(), 200, consumptionBody(map[string]any{"limitation_id": otherLimit})))
	if got := sound(t, c.ConsumptionStatus(t.Context(), testLicense, testLimit, Known{})); got.reason != Foreign {
		t.Errorf("status: %+v", got)
	}
	if got := sound(t, c.RollbackConsumption(t.Context(), testLimit, transaction1, Known{})); got.reason != Foreign {
		t.Errorf("rollback: %+v", got)
	}
}

// TestUsedUp: a conflict of one call only.
func TestUsedUp(t *testing.T) {
	known := Known{NotBefore: noon, Latest: noon.Add(time.Hour)}
	c := scripted(t, always(testKey(), http.StatusConflict, `{"id":6008,"message":"The limitation is used up.","help":"See the help centre."}`, header("Date", "Tue, 10 Mar 2026 12:30:00 GMT"), header("Retry-After", "60")))
	a := c.Consume(t.Context(), ConsumptionHeartbeat{ClientID: "pc", Uses: []ConsumptionUse{{LimitationID: testLimit, Value: dec("1")}}}, known)
	if got := sound(t, a); got != (outcome{kind: No, code: 6008}) || !a.At.Equal(noon.Add(30*time.Minute)) || a.RetryAfter != time.Minute {
		t.Errorf("%+v at %v, retry after %v", got, a.At, a.RetryAfter)
	}
}

func FuzzConsumptions(f *testing.F) {
	f.Add([]byte("["+consumptionBody(nil)+"]"), uint8(1))
	f.Add([]byte("["+consumptionBody(map[string]any{"transaction_id": null, "limit": null})+","+consumptionBody(map[string]any{"limitation_id": otherLimit})+"]"), uint8(2))
	f.Add([]byte(`[null,{"limitation_id":null}]`), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		uses := []ConsumptionUse{{LimitationID: testLimit}, {LimitationID: otherLimit}, {LimitationID: testLimit}}[:n%4]
		list, fail := readConsumptions(text, uses)
		if fail != nil {
			if !fail.Reason.Integrity() || list != nil {
				t.Errorf("%v with %d entries", fail.Reason, len(list))
			}
			readable(t, fail)
			return
		}
		seen := map[string]bool{}
		for i, c := range list {
			if !strings.EqualFold(c.LimitationID, uses[i].LimitationID) || !c.Refused() && seen[c.TransactionID] {
				t.Errorf("entry %d of %q: %+v", i, text, c)
			}
			seen[c.TransactionID] = true
		}
		if len(list) != len(uses) {
			t.Errorf("%d entries for %d uses", len(list), len(uses))
		}
	})
}

func FuzzConsumption(f *testing.F) {
	f.Add([]byte(consumptionBody(nil)))
	f.Add([]byte(`{"limitation_id":"` + testLimit + `","remaining":1e29,"last_reset_date_utc":"9999-12-31T23:59:59-12:00"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, fail := readConsumption(text, testLimit)
		if fail != nil {
			readable(t, fail)
			return
		}
		if !strings.EqualFold(c.LimitationID, testLimit) {
			t.Errorf("%q is of %s", text, c.LimitationID)
		}
	})
}
