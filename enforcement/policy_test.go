package enforcement

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Presets() {
		p, ok := Preset(name)
		if !ok {
			t.Fatalf("no preset %s", name)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		data, err := json.Marshal(p)
		if err != nil || string(data) != `"`+name+`"` {
			t.Errorf("%s marshals as %s, %v", name, data, err)
		}
		if back, err := ParsePolicy(data); err != nil || !back.equal(p) {
			t.Errorf("%s comes back as %+v, %v", name, back, err)
		}
	}
	if p, ok := Preset("harsh"); ok || p != nil {
		t.Error("there is a preset nobody made")
	}
}

// The presets as a reader sees them.
func TestPresetsAreAsDocumented(t *testing.T) {
	var b strings.Builder
	for _, name := range Presets() {
		p, _ := Preset(name)
		b.WriteString(name + ", freeride " + formatDuration(p.DefaultFreeride) + " where the licence does not say\n")
		for _, c := range Causes() {
			b.WriteString("  " + c.String() + ": " + p.Ladder(c).String() + "\n")
		}
	}
	golden(t, "presets.golden", b.String())
}

func TestPresetsShareNothing(t *testing.T) {
	Standard().Ladders[Expired][0].State = Locked
	if Standard().Ladders[Expired][0].State != Grace || standard.Ladders[Expired][0].State != Grace {
		t.Error("changing a preset changed the preset")
	}
}

func TestNoLadderOfACauseThatThereIsNot(t *testing.T) {
	for c := causeCount; c != 0; c++ { // to the last that a Cause can be
		if l := Standard().Ladder(c); l != nil {
			t.Errorf("cause %d has %v", c, l)
		}
	}
}

func TestClone(t *testing.T) {
	p := Standard()
	p.Features = map[string]State{"export": ReadOnly}
	q := p.Clone()
	if !q.equal(p) {
		t.Fatal("the clone differs")
	}
	q.Ladders[Expired][0].State = Locked
	q.Features["export"] = Active
	if p.Ladders[Expired][0].State != Grace || p.Features["export"] != ReadOnly {
		t.Error("the clone shares")
	}
	none := (&Policy{Ladders: Ladders{Expired: {}}}).Clone()
	if none.Ladders[Expired] == nil || none.Ladders[Inactive] != nil {
		t.Error("the clone takes missing for empty")
	}
}

func TestEqual(t *testing.T) {
	for name, change := range map[string]func(*Policy){
		"freeride":      func(p *Policy) { p.DefaultFreeride++ },
		"a step":        func(p *Policy) { p.Ladders[Expired][1].After.Plus++ },
		"a step less":   func(p *Policy) { p.Ladders[Expired] = p.Ladders[Expired][:2] },
		"nil for empty": func(p *Policy) { p.Ladders[Inactive] = nil },
		"a feature":     func(p *Policy) { p.Features = map[string]State{"x": Active} },
	} {
		p := Standard()
		if name == "nil for empty" {
			p.Ladders[Inactive] = Ladder{}
		}
		q := p.Clone()
		if change(q); p.equal(q) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Policy)
		want   []string
	}{
		{"nothing", func(*Policy) {}, nil},
		{"an empty ladder", func(p *Policy) { p.Ladders[Inactive] = Ladder{} }, nil},
		{"active first", func(p *Policy) { p.Ladders[Inactive] = Ladder{{State: Active}, {After{Plus: day}, Locked}} }, nil},
		{"features", func(p *Policy) { p.Features = map[string]State{"a": Active, "b": Grace, "c": ReadOnly} }, nil},
		{"a missing cause", func(p *Policy) { p.Ladders[Suspended] = nil }, []string{"policy.ladders.suspended: is missing"}},
		{"falling severity", func(p *Policy) { p.Ladders[Expired][2].State = Grace },
			[]string{"policy.ladders.expired[2].state: grace is not more severe than read_only"}},
		{"equal severity", func(p *Policy) { p.Ladders[Expired][1].State = Grace },
			[]string{"policy.ladders.expired[1].state: grace is not more severe than grace"}},
		{"falling time", func(p *Policy) { p.Ladders[Expired][2].After.Plus = day },
			[]string{"policy.ladders.expired[2].after: 1d is earlier than 7d"}},
		{"negative time", func(p *Policy) { p.Ladders[Expired][0].After.Plus = -day },
			[]string{"policy.ladders.expired[0].after: must not be negative"}},
		{"long time", func(p *Policy) { p.Ladders[Expired][2].After.Plus = 40000 * day },
			[]string{"policy.ladders.expired[2].after: must not be longer than 36500d"}},
		{"fine time", func(p *Policy) { p.Ladders[Expired][2].After.Plus += time.Millisecond },
			[]string{"policy.ladders.expired[2].after: must be in whole seconds"}},
		{"unknown mark", func(p *Policy) { p.Ladders[Expired][2].After.From = 7 }, []string{"policy.ladders.expired[2].after: mark 7 is not known"}},
		{"the first unknown mark", func(p *Policy) { p.Ladders[Expired][2].After.From = Mark(len(markNames)) }, []string{"policy.ladders.expired[2].after: mark"}},
		{"unknown state", func(p *Policy) { p.Ladders[Expired][2].State = 7 }, []string{"policy.ladders.expired[2].state: state 7 is not known"}},
		{"due without silence", func(p *Policy) { p.Ladders[Expired][0].After.From = Due },
			[]string{"policy.ladders.expired[0].after: due has a meaning for"}},
		{"negative freeride", func(p *Policy) { p.DefaultFreeride = -1 }, []string{"policy.default_freeride: must not be negative"}},
		{"locked feature", func(p *Policy) { p.Features = map[string]State{"x": Locked} }, []string{"policy.features.x: nothing works while locked"}},
		{"unknown feature state", func(p *Policy) { p.Features = map[string]State{"x": 9} }, []string{"policy.features.x: state 9 is not known"}},
		{"nameless feature", func(p *Policy) { p.Features = map[string]State{"": Grace} }, []string{"policy.features: a feature needs a name"}},
		{"two mistakes", func(p *Policy) { p.Ladders[Inactive], p.DefaultFreeride = nil, -1 },
			[]string{"policy.default_freeride", "policy.ladders.inactive"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Standard()
			tt.change(p)
			err := p.Validate()
			if (err == nil) != (len(tt.want) == 0) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), "enforcement: "+want) {
					t.Errorf("error %q, want %q", err, want)
				}
			}
			if _, marshalErr := json.Marshal(p); (marshalErr == nil) != (err == nil) {
				t.Errorf("valid: %v, written: %v", err, marshalErr)
			}
		})
	}
}

func TestAllowsFeature(t *testing.T) {
	p := Standard()
	p.Features = map[string]State{"export": ReadOnly, "cloud": Active, "broken": Locked}
	tests := []struct {
		feature string
		most    State
	}{{"export", ReadOnly}, {"cloud", Active}, {"edit", Grace}, {"", Grace}, {"Export", Grace}, {"broken", ReadOnly}}
	for _, tt := range tests {
		for _, s := range []State{Active, Grace, ReadOnly, Locked, 200} {
			if got, want := p.AllowsFeature(tt.feature, s), s <= tt.most; got != want {
				t.Errorf("%q while %s: %v, want %v", tt.feature, s, got, want)
			}
		}
	}
}

func TestParsePolicy(t *testing.T) {
	own := Lenient()
	own.DefaultFreeride = 36 * hour
	own.Ladders[Expired] = Ladder{{State: Grace}, {After{Plus: 14 * day}, ReadOnly}}
	own.Ladders[Unreachable] = Ladder{{After{From: Due}, Grace}, {After{From: Freeride, Plus: 30 * day}, ReadOnly}}
	own.Ladders[VersionNotCovered] = Ladder{}
	own.Features = map[string]State{"export": ReadOnly, "cloud-sync": Active}
	for text, want := range map[string]*Policy{
		`"strict"`:          Strict(),
		` "advisory" `:      Advisory(),
		`{}`:                Standard(),
		`{"base":"strict"}`: Strict(),
		`{"ladders":{"expired":[{"state":"grace","after":"0d"},{"after":"14d","state":"read_only"}],
		  "unreachable":[{"after":"due","state":"grace"},{"after":"freeride+30d","state":"read_only"}],
		  "version_not_covered":[]},
		  "features":{"export":"read_only","cloud-sync":"active"},"default_freeride":"1d12h","base":"lenient"}`: own,
	} {
		got, err := ParsePolicy([]byte(text))
		if err != nil || !got.equal(want) {
			t.Errorf("%s: %v", text, err)
		}
		var p Policy
		if err := json.Unmarshal([]byte(text), &p); err != nil || !p.equal(want) {
			t.Errorf("unmarshal %s: %v", text, err)
		}
	}
	data, err := json.MarshalIndent(own, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "policy.golden", string(data)+"\n")
}

func TestParsePolicyIsStrict(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{``, "policy: EOF"},
		{`{`, "policy: unexpected EOF"},
		{`"strict" "strict"`, "policy: more follows"},
		{`null`, "policy: must be an object"},
		{`[]`, "policy: must be an object"},
		{`7`, "policy: must be an object"},
		{`"harsh"`, `policy: unknown preset "harsh", use one of standard, strict, lenient, advisory`},
		{`{"base":"harsh"}`, `policy.base: unknown preset "harsh"`},
		{`{"base":null}`, `policy.base: must be a string`},
		{`{"bass":"strict"}`, `policy.bass: is not known, use one of base, default_freeride, ladders, features`},
		{`{"Base":"strict"}`, `policy.Base: is not known`},
		{`{"base":"strict","base":"lenient"}`, `policy.base: is given twice`},
		{`{"default_freeride":3}`, `policy.default_freeride: must be a string`},
		{`{"default_freeride":"three"}`, `policy.default_freeride: "three" is not a time`},
		{`{"default_freeride":"due"}`, `policy.default_freeride: "due" is not a time`},
		{`{"default_freeride":"40000d"}`, `policy.default_freeride: "40000d" is too long`},
		{`{"ladders":[]}`, `policy.ladders: must be an object`},
		{`{"ladders":{"expred":[]}}`, `policy.ladders.expred: is not known, use one of suspended, inactive, expired`},
		{`{"ladders":{"":[]}}`, `policy.ladders.: is not known`},
		{`{"ladders":{"expired":null}}`, `policy.ladders.expired: must be a list`},
		{`{"ladders":{"expired":[],"expired":[]}}`, `policy.ladders.expired: is given twice`},
		{`{"ladders":{"expired":["locked"]}}`, `policy.ladders.expired[0]: must be an object`},
		{`{"ladders":{"expired":[{}]}}`, `policy.ladders.expired[0]: lacks after and state`},
		{`{"ladders":{"expired":[{"state":"locked"}]}}`, `policy.ladders.expired[0]: lacks after`},
		{`{"ladders":{"expired":[{"after":"7d"}]}}`, `policy.ladders.expired[0]: lacks state`},
		{`{"ladders":{"expired":[{"after":"7d","state":"locked","why":1}]}}`, `policy.ladders.expired[0].why: is not known, use one of after, state`},
		{`{"ladders":{"expired":[{"after":7,"state":"locked"}]}}`, `policy.ladders.expired[0].after: must be a string`},
		{`{"ladders":{"expired":[{"after":"0d","state":"grace"},{"after":"7x","state":"locked"}]}}`, `policy.ladders.expired[1].after: "7x" is not a time`},
		{`{"ladders":{"expired":[{"after":"0d","state":"dead"}]}}`, `policy.ladders.expired[0].state: unknown state "dead", use one of active, grace, read_only, locked`},
		{`{"ladders":{"expired":[{"after":"0d","state":2}]}}`, `policy.ladders.expired[0].state: must be a string`},
		{`{"ladders":{"expired":[{"after":"due","state":"locked"}]}}`, `policy.ladders.expired[0].after: due has a meaning`},
		{`{"ladders":{"expired":[{"after":"0d","state":"locked"},{"after":"7d","state":"grace"}]}}`, `policy.ladders.expired[1].state: grace is not more severe`},
		{`{"features":null}`, `policy.features: must be an object`},
		{`{"features":{"export":true}}`, `policy.features.export: must be a string`},
		{`{"features":{"export":"locked"}}`, `policy.features.export: nothing works while locked`},
		{`{"features":{"100%d":"x"}}`, `policy.features.100%d: unknown state "x"`},
	} {
		t.Run(tt.json, func(t *testing.T) {
			p, err := ParsePolicy([]byte(tt.json))
			if err == nil || !strings.HasPrefix(err.Error(), "enforcement: "+tt.want) || p != nil {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			kept := *Strict()
			if json.Unmarshal([]byte(tt.json), &kept) == nil && tt.json != "null" || !kept.equal(Strict()) {
				t.Error("a refused policy changed the one there was")
			}
		})
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`"strict"`))
	f.Add([]byte(`{"base":"lenient","default_freeride":"1d12h","ladders":{"expired":[{"after":"freeride+1d","state":"locked"}]},"features":{"x":"active"}}`))
	seed, err := os.ReadFile(filepath.Join("testdata", "policy.golden"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePolicy(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("%s is read and not written: %v", data, err)
		}
		if back, err := ParsePolicy(again); err != nil || !back.equal(p) {
			t.Errorf("%s comes back otherwise: %s, %v", data, again, err)
		}
	})
}

func TestLadderInWords(t *testing.T) {
	for want, l := range map[string]Ladder{
		"reported only":              {},
		"locked":                     {{State: Locked}},
		"grace, read_only after 14d": Standard().Ladders[VersionNotCovered],
		"grace after freeride/2, read_only after freeride, locked after freeride+14d": Standard().Ladders[Unreachable],
	} {
		if got := l.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if Standard().Ladder(200) != nil || Standard().Ladder(NoCause) != nil {
		t.Error("a cause that is none has a ladder")
	}
}

func TestExplain(t *testing.T) {
	p := Standard()
	tests := []struct {
		code   Code
		known  bool
		ladder string
		state  State
	}{
		{LicenseExpired, true, "grace, read_only after 7d, locked after 37d", Grace},
		{LicenseInactive, true, "locked", Locked},
		{ConnectionsExhausted, true, "read_only", ReadOnly},
		{ConsumptionExhausted, true, "", Active},
		{CustomerUnknown, true, "", Active},
		{99999, false, "", Active},
	}
	for _, tt := range tests {
		e := p.Explain(tt.code)
		ladder := ""
		if e.Ladder != nil {
			ladder = e.Ladder.String()
		}
		if e.Code != tt.code || e.Known != tt.known || ladder != tt.ladder || e.State != tt.state {
			t.Errorf("%d: %+v", tt.code, e)
		}
	}
	if e := Advisory().Explain(LicenseInactive); e.Ladder == nil || len(e.Ladder) != 0 || e.State != Active {
		t.Errorf("advisory: %+v", e)
	}
	data, err := json.Marshal(p.Explain(LicenseExpired))
	const want = `{"code":1001,"name":"LicenseExpired","summary":"the licence has expired","scope":"licence","cause":"expired",` +
		`"remedy":"renew","endpoints":["activation","session_open"],"transient":false,"known":true,` +
		`"ladder":[{"after":"0d","state":"grace"},{"after":"7d","state":"read_only"},{"after":"37d","state":"locked"}],"state":"grace"}`
	if err != nil || string(data) != want {
		t.Errorf("JSON %s, %v", data, err)
	}
}

// Explain promises what Decide does.
func TestExplainAgreesWithDecide(t *testing.T) {
	for _, name := range Presets() {
		p, _ := Preset(name)
		for _, x := range Catalogue() {
			for _, e := range allEndpoints() {
				if x.Cause == NoCause || !x.Endpoints.Has(e) || x.Code.CauseAt(e, true) == NoCause {
					continue
				}
				f := holding(once()).No(No{Endpoint: e, Code: x.Code, At: t0})
				if got, want := Decide(f, p, t0).State, p.Explain(x.Code).State; got != want {
					t.Errorf("%s: %d at %s gives %s, explained as %s", name, x.Code, e, got, want)
				}
			}
		}
	}
}
