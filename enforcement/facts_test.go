package enforcement

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestFactsJSON(t *testing.T) {
	f := refusing(EndpointSessionOpen, 1007).
		No(No{Endpoint: EndpointActivation, Code: 1003, Key: "key-a", At: t0.Add(hour)}).
		Silent(SilentUnauthorized, t0.Add(2*hour))
	f.License = License{}
	f.Session.Required = true
	f.Session = f.Session.counted(t0.Add(2 * minute))
	f.NoLicenseSince = t0
	f.Attempt = Refusal{Cause: Expired, Code: 1001, Since: t0, At: t0}
	f.Clock = Clock{Mark: t0, RolledBackSince: t0}
	f.Device.MismatchSince = t0
	f.Software.Since = t0
	const want = `{
  "no_licence_since": "2026-03-02T12:00:00Z",
  "refusals": [
    {
      "cause": "version_not_covered",
      "code": 1003,
      "since": "2026-03-02T13:00:00Z",
      "at": "2026-03-02T13:00:00Z",
      "channel": "licence",
      "version": "24.1"
    },
    {
      "cause": "connection_limit",
      "code": 1007,
      "since": "2026-03-02T12:01:00Z",
      "at": "2026-03-02T12:01:00Z",
      "channel": "session"
    }
  ],
  "attempt": {
    "cause": "expired",
    "code": 1001,
    "since": "2026-03-02T12:00:00Z",
    "at": "2026-03-02T12:00:00Z",
    "channel": "licence"
  },
  "silence": {
    "since": "2026-03-02T14:00:00Z",
    "kind": "unauthorized"
  },
  "answered_at": "2026-03-02T13:00:00Z",
  "session": {
    "required": true,
    "missing": 60000000000,
    "counted_at": "2026-03-02T12:02:00Z"
  },
  "clock": {
    "mark": "2026-03-02T12:00:00Z",
    "rolled_back_since": "2026-03-02T12:00:00Z"
  },
  "device": {
    "mismatch_since": "2026-03-02T12:00:00Z"
  },
  "software": {
    "version": "24.1",
    "since": "2026-03-02T12:00:00Z"
  }
}`
	got, err := json.MarshalIndent(f, "", "  ")
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	var back Facts
	if err := decodeStrict(got, &back); err != nil || back != f {
		t.Errorf("back: %+v, %v", back, err)
	}
	if got, err := json.Marshal(Facts{License: once()}); err != nil || string(got) != "{}" {
		t.Errorf("the licence is written: %s, %v", got, err)
	}
}

func TestRefusalsJSONIsStrict(t *testing.T) {
	const good = `{"cause":"inactive","since":"2026-03-02T12:00:00Z","at":"2026-03-02T12:00:00Z","channel":"licence"}`
	var r Refusals
	if err := json.Unmarshal([]byte("["+good+"]"), &r); err != nil {
		t.Fatal(err)
	}
	kept := r
	for _, tt := range []struct{ name, json, want string }{
		{"unknown member", `[{"cause":"inactive","since":"2026-03-02T12:00:00Z","at":"2026-03-02T12:00:00Z","channel":"licence","x":1}]`, `unknown field "x"`},
		{"unknown cause", strings.Replace("["+good+"]", "inactive", "unwell", 1), `unknown cause "unwell"`},
		{"no cause", `[{"cause":"","since":"2026-03-02T12:00:00Z","at":"2026-03-02T12:00:00Z","channel":"licence"}]`, "refusals[0] names no cause"},
		{"cause left out", `[{}]`, "refusals[0] names no cause"},
		{"twice", "[" + good + "," + good + "]", "refusals[1] repeats the cause inactive"},
		{"unknown channel", strings.Replace("["+good+"]", `"licence"`, `"smoke"`, 1), `unknown channel "smoke"`},
		{"not a list", good, "cannot unmarshal object"},
		{"not a time", strings.Replace("["+good+"]", "2026-03-02T12:00:00Z", "yesterday", 1), "cannot parse"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := json.Unmarshal([]byte(tt.json), &r)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if r != kept {
				t.Error("the refusals changed")
			}
		})
	}
}

func TestDecodeStrictRefusesMore(t *testing.T) {
	var r Refusals
	if err := r.UnmarshalJSON([]byte("[] []")); err == nil {
		t.Error("two values pass for one")
	}
}

func TestRefusals(t *testing.T) {
	var r Refusals
	r.Set(Refusal{Cause: NoCause, Code: 1})
	r.Set(Refusal{Cause: 200, Code: 1})
	r.Set(Refusal{Cause: causeCount, Code: 1})
	r.drop(200)
	r.drop(causeCount)
	if r != (Refusals{}) {
		t.Error("a refusal without a cause was kept")
	}
	r.Set(Refusal{Cause: Unreachable, At: t0})
	r.Set(Refusal{Cause: Suspended, At: t0})
	var order []Cause
	for x := range r.All() {
		order = append(order, x.Cause)
	}
	if !slices.Equal(order, []Cause{Suspended, Unreachable}) {
		t.Errorf("order %v", order)
	}
	for range r.All() {
		break
	}
	for _, c := range []Cause{NoCause, Inactive, causeCount, 200} {
		if x, ok := r.Of(c); ok || x != (Refusal{}) {
			t.Errorf("Of(%d) = %+v", c, x)
		}
	}
	r.drop(Suspended)
	if _, ok := r.Of(Suspended); ok {
		t.Error("Clear did not")
	}
}
