package slascone

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

const (
	testFeature = "0d3c1d2f-4c5b-4f0a-9b43-64d3b1a7c901"
	testLimit   = "7a2f6c11-90ab-4c3e-8a77-0c5d5b1e2f03"
	otherLimit  = "7a2f6c11-90ab-4c3e-8a77-0c5d5b1e2f04"
)

// half is a moment that a client in another zone writes down.
var half = time.Date(2026, 3, 10, 13, 30, 0, 500_000_000, time.FixedZone("", 3600))

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// sent is what a call sends: the path below the ISV, and the body.
func sent(t *testing.T, answer string, call func(c *Client) outcome) (path, payload string, h http.Header) {
	t.Helper()
	c := scripted(t, func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		path, payload, h = strings.TrimPrefix(r.URL.Path, wire.Prefix(testISV)), string(text), r.Header
		return reply(r, testKey(), 200, answer), nil
	})
	if got := call(c); got != (outcome{kind: Yes}) {
		t.Errorf("outcome: %+v", got)
	}
	return path, payload, h
}

// TestReportsOnTheWire holds the bodies byte for byte, amounts above all.
func TestReportsOnTheWire(t *testing.T) {
	for name, test := range map[string]struct {
		call func(*testing.T, *Client) outcome
		path string
		body string
	}{
		"usage": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.SendUsage(t.Context(), UsageHeartbeat{ClientID: "pc", UserID: "u", TokenKey: testToken, Usages: []Usage{
				{FeatureID: testFeature, ModuleID: "m", At: half, Value: dec("0.1")}, {FeatureID: testFeature, Value: dec("12345678901234567890.5")},
			}}, Known{}))
		}, "/data_gathering/usage_heartbeats", `{"client_id":"pc","user_id":"u","token_key":"` + testToken + `","usage_heartbeat":[` +
			`{"usage_feature_id":"` + testFeature + `","usage_module_id":"m","timestamp_utc":"2026-03-10T12:30:00.5Z","value":0.1},` +
			`{"usage_feature_id":"` + testFeature + `","value":12345678901234567890.5}]}`},
		"usage by name": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.SendNamedUsage(t.Context(), NamedUsageHeartbeat{ClientID: "pc", CreateFeatures: true, Usages: []NamedUsage{
				{Feature: "Export", Module: "PDF", At: half, Value: dec("3")},
			}}, Known{}))
		}, "/data_gathering/usage_heartbeats_by_name", `{"product_id":"` + testProduct + `","client_id":"pc",` +
			`"create_usage_feature_if_not_exists":true,"create_usage_module_if_not_exists":false,"usage_heartbeat":[` +
			`{"usage_feature_name":"Export","usage_module_name":"PDF","timestamp_utc":"2026-03-10T12:30:00.5Z","value":3}]}`},
		"analytics": {func(t *testing.T, c *Client) outcome {
			return sound(t, c.SendAnalytics(t.Context(), AnalyticalHeartbeat{ClientID: "pc", Measurements: []Measurement{
				{FieldID: testFeature, Value: "true", At: half}, {FieldID: testFeature, Values: []string{"a", "b"}},
			}}, Known{}))
		}, "/data_gathering/analytical_heartbeats", `{"client_id":"pc","analytical_heartbeat":[` +
			`{"analytical_field_id":"` + testFeature + `","value":"true","timestamp_utc":"2026-03-10T12:30:00.5Z"},` +
			`{"analytical_field_id":"` + testFeature + `","value":"","value_array":["a","b"]}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			path, payload, h := sent(t, ackBody, func(c *Client) outcome { return test.call(t, c) })
			if path != test.path || payload != test.body {
				t.Errorf("%s\n got %s\nwant %s", path, payload, test.body)
			}
			if h.Get("Authorization") != "" || h.Get("ProvisioningKey") != testSecret {
				t.Errorf("headers: %v", h)
			}
		})
	}
}

// dataCalls are the calls that report or ask about what is counted.
func dataCalls(c *Client) map[string]func(context.Context, testing.TB, Known) outcome {
	uses := []ConsumptionUse{{LimitationID: testLimit, Value: dec("1")}}
	return map[string]func(context.Context, testing.TB, Known) outcome{
		"usage": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.SendUsage(ctx, UsageHeartbeat{ClientID: "pc", Usages: []Usage{{FeatureID: testFeature}}}, k))
		},
		"usage by name": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.SendNamedUsage(ctx, NamedUsageHeartbeat{ClientID: "pc", Usages: []NamedUsage{{Feature: "x"}}}, k))
		},
		"analytics": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.SendAnalytics(ctx, AnalyticalHeartbeat{ClientID: "pc", Measurements: []Measurement{{FieldID: testFeature}}}, k))
		},
		"consume": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.Consume(ctx, ConsumptionHeartbeat{ClientID: "pc", Uses: uses}, k))
		},
		"rollback": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.RollbackConsumption(ctx, testLimit, testSession, k))
		},
		"status": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.ConsumptionStatus(ctx, testLicense, testLimit, k))
		},
		"licences of a user": func(ctx context.Context, t testing.TB, k Known) outcome {
			return sound(t, c.LicensesOfUser(ctx, UserLookup{UserID: "u", Token: "jwt"}, k))
		},
	}
}

// TestDataCallsProve: what holds for every call: three kinds of answer, and
// nothing believed that another endpoint has signed, or nobody.
func TestDataCallsProve(t *testing.T) {
	foreign := []string{`null`, `{}`, `[null]`, `[{}]`, `true`, `7`, ``, licenseBody(nil), sessionBody(nil)}
	for _, test := range []struct {
		name   string
		server answering
		want   outcome
	}{
		{"conflict", always(testKey(), 409, conflictBody), outcome{kind: No, code: 1001}},
		{"conflict of another", always(otherKey(), 409, conflictBody), outcome{reason: BadSignature}},
		{"answer of another", always(otherKey(), 200, ackBody), outcome{reason: BadSignature}},
		{"unsigned", always(nil, 200, ackBody), outcome{reason: BadSignature}},
		{"outage", always(nil, 503, ""), outcome{reason: ServerFailure}},
		{"refused key", always(nil, 401, ""), outcome{reason: Unauthorized}},
		{"portal", always(nil, 200, "<html>", header("Content-Type", "text/html")), outcome{reason: NotJSON}},
	} {
		for name, call := range dataCalls(scripted(t, test.server)) {
			if got := call(t.Context(), t, Known{}); got != test.want {
				t.Errorf("%s, %s: %+v", test.name, name, got)
			}
		}
	}
	for _, text := range foreign {
		for name, call := range dataCalls(scripted(t, always(testKey(), 200, text))) {
			if got := call(t.Context(), t, Known{}); got != (outcome{reason: BadShape}) {
				t.Errorf("%s answered with %.40s: %+v", name, text, got)
			}
		}
	}
}

func TestCheckAmount(t *testing.T) {
	for text, ok := range map[string]bool{
		"0": true, "-1": true, "0.1": true, "1e30": true, "1e-30": true, strings.Repeat("9", 40): true,
		"1e31": false, "1e-31": false, strings.Repeat("9", 41): false, "1234567890123e30": false, "1e9999": false,
	} {
		if err := CheckAmount(dec(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestReportsRefused: what the server would only answer with 400 is not sent.
func TestReportsRefused(t *testing.T) {
	c := scripted(t, func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, io.EOF
	})
	ctx := t.Context()
	usage := func(u ...Usage) outcome {
		return sound(t, c.SendUsage(ctx, UsageHeartbeat{ClientID: "pc", Usages: u}, Known{}))
	}
	consume := func(u ...ConsumptionUse) outcome {
		return sound(t, c.Consume(ctx, ConsumptionHeartbeat{ClientID: "pc", Uses: u}, Known{}))
	}
	for name, got := range map[string]outcome{
		"no client":               sound(t, c.SendUsage(ctx, UsageHeartbeat{Usages: []Usage{{FeatureID: testFeature}}}, Known{})),
		"nothing used":            usage(),
		"no feature":              usage(Usage{}),
		"endless number":          usage(Usage{FeatureID: testFeature, Value: decimal.New(1, 1_000_000_000)}),
		"endless fraction":        usage(Usage{FeatureID: testFeature, Value: decimal.New(1, -1_000_000_000)}),
		"too many digits":         usage(Usage{FeatureID: testFeature, Value: dec(strings.Repeat("9", 41))}),
		"nobody, by name":         sound(t, c.SendNamedUsage(ctx, NamedUsageHeartbeat{Usages: []NamedUsage{{Feature: "x"}}}, Known{})),
		"no name":                 sound(t, c.SendNamedUsage(ctx, NamedUsageHeartbeat{ClientID: "pc", Usages: []NamedUsage{{Feature: " "}}}, Known{})),
		"no field":                sound(t, c.SendAnalytics(ctx, AnalyticalHeartbeat{ClientID: "pc", Measurements: []Measurement{{}}}, Known{})),
		"nothing measured":        sound(t, c.SendAnalytics(ctx, AnalyticalHeartbeat{ClientID: "pc"}, Known{})),
		"nothing consumed":        consume(),
		"zero consumed":           consume(ConsumptionUse{LimitationID: testLimit}),
		"less than zero consumed": consume(ConsumptionUse{LimitationID: testLimit, Value: dec("-1")}),
		"no limitation":           consume(ConsumptionUse{Value: dec("1")}),
		"no transaction":          sound(t, c.RollbackConsumption(ctx, testLimit, "", Known{})),
		"no licence":              sound(t, c.ConsumptionStatus(ctx, "", testLimit, Known{})),
		"half a licence":          sound(t, c.ConsumptionStatus(ctx, testLicense+"x", testLimit, Known{})),
		"no user":                 sound(t, c.LicensesOfUser(ctx, UserLookup{Token: "jwt"}, Known{})),
		"no token":                sound(t, c.LicensesOfUser(ctx, UserLookup{UserID: "u"}, Known{})),
		"a token of two lines":    sound(t, c.LicensesOfUser(ctx, UserLookup{UserID: "u", Token: "a\r\nX: b"}, Known{})),
	} {
		if got != (outcome{reason: BadRequest}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAmountsAreExact: no amount passes through a float64.
func TestAmountsAreExact(t *testing.T) {
	for _, text := range []string{"0.1", "0.30000000000000004", "9007199254740993", "12345678901234567890.123456789", "1"} {
		_, payload, _ := sent(t, "["+consumptionBody(nil)+"]", func(c *Client) outcome {
			return sound(t, c.Consume(t.Context(), ConsumptionHeartbeat{ClientID: "pc", Uses: []ConsumptionUse{{LimitationID: testLimit, Value: dec(text)}}}, Known{}))
		})
		if !strings.Contains(payload, `"value":`+text+`}`) {
			t.Errorf("%s was sent as %s", text, payload)
		}
		var remaining json.RawMessage = []byte(text)
		a := scripted(t, always(testKey(), 200, consumptionBody(map[string]any{"remaining": remaining}))).ConsumptionStatus(t.Context(), testLicense, testLimit, Known{})
		if a.Value.Remaining == nil || a.Value.Remaining.String() != text {
			t.Errorf("%s was read as %v", text, a.Value.Remaining)
		}
	}
}
