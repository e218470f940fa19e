package enforcement

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// ParsePolicy reads a policy from JSON: the name of a preset, or an object
// that says how it differs from one.
//
//	"strict"
//
//	{
//	  "base": "standard",
//	  "default_freeride": "7d",
//	  "ladders": {
//	    "expired": [
//	      {"after": "0d", "state": "grace"},
//	      {"after": "14d", "state": "read_only"}
//	    ],
//	    "unreachable": [
//	      {"after": "freeride/2", "state": "grace"},
//	      {"after": "freeride+30d", "state": "read_only"}
//	    ],
//	    "version_not_covered": []
//	  },
//	  "features": {"export": "read_only", "cloud-sync": "active"}
//	}
//
// Every member may be left out; base is standard then. A ladder replaces the
// one of the base as a whole, and an empty one reports the cause and restricts
// nothing. No ladder makes Silence restrict anything before freeride ends: see
// [Step]. Anything unknown, repeated or null is an error that names its path,
// such as policy.ladders.expired[1].after, and so is what [Policy.Validate]
// refuses.
func ParsePolicy(data []byte) (*Policy, error) {
	root := node{path: "policy"}
	if err := decodeStrict(data, &root.raw); err != nil {
		return nil, root.errorf("%w", err)
	}
	p, err := parsePolicy(root)
	if err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// UnmarshalJSON reads what [ParsePolicy] does.
func (p *Policy) UnmarshalJSON(data []byte) error {
	got, err := ParsePolicy(data)
	if err != nil {
		return err
	}
	*p = *got
	return nil
}

// MarshalJSON writes the name of the preset that the policy equals, else the
// policy in full. It fails for a policy that is not valid.
func (p Policy) MarshalJSON() ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for _, x := range presets {
		if p.equal(x.make()) {
			return json.Marshal(x.name)
		}
	}
	ladders := make(map[string]Ladder, causeCount)
	for _, c := range Causes() {
		ladders[c.String()] = p.Ladders[c]
	}
	return json.Marshal(struct {
		DefaultFreeride After             `json:"default_freeride"`
		Ladders         map[string]Ladder `json:"ladders"`
		Features        map[string]State  `json:"features,omitempty"`
	}{After{Plus: p.DefaultFreeride}, ladders, p.Features})
}

func parsePolicy(n node) (*Policy, error) {
	if n.isText() {
		return n.preset()
	}
	members, err := n.members()
	if err != nil {
		return nil, err
	}
	p := Standard()
	for _, m := range members {
		if m.name == "base" {
			if p, err = m.preset(); err != nil {
				return nil, err
			}
		}
	}
	for _, m := range members {
		switch m.name {
		case "base":
		case "default_freeride":
			p.DefaultFreeride, err = m.duration()
		case "ladders":
			err = m.ladders(&p.Ladders)
		case "features":
			p.Features, err = m.features()
		default:
			err = m.unknown("base, default_freeride, ladders, features")
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (n node) preset() (*Policy, error) {
	name, err := n.text()
	if err != nil {
		return nil, err
	}
	p, ok := Preset(name)
	if !ok {
		return nil, n.errorf("unknown preset %q, use one of %s", name, strings.Join(Presets(), ", "))
	}
	return p, nil
}

func (n node) duration() (time.Duration, error) {
	s, err := n.text()
	if err != nil {
		return 0, err
	}
	d, err := parseDuration(s)
	if err != nil {
		return 0, n.errorf("%w", err)
	}
	return d, nil
}

func (n node) ladders(ladders *Ladders) error {
	members, err := n.members()
	if err != nil {
		return err
	}
	for _, m := range members {
		var c Cause
		if c.UnmarshalText([]byte(m.name)) != nil || c == NoCause {
			return m.unknown(nameList(causeNames[:]))
		}
		if ladders[c], err = m.ladder(); err != nil {
			return err
		}
	}
	return nil
}

func (n node) ladder() (Ladder, error) {
	elements, err := n.elements()
	if err != nil {
		return nil, err
	}
	l := make(Ladder, len(elements))
	for i, e := range elements {
		if l[i], err = e.step(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (n node) step() (s Step, err error) {
	members, err := n.members()
	if err != nil {
		return s, err
	}
	missing := []string{"after", "state"}
	for _, m := range members {
		switch m.name {
		case "after":
			s.After, err = m.after()
		case "state":
			s.State, err = m.state()
		default:
			err = m.unknown("after, state")
		}
		if err != nil {
			return s, err
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == m.name })
	}
	if len(missing) > 0 {
		return s, n.errorf("lacks %s", strings.Join(missing, " and "))
	}
	return s, nil
}

func (n node) after() (a After, err error) {
	s, err := n.text()
	if err != nil {
		return a, err
	}
	if a, err = parseAfter(s); err != nil {
		err = n.errorf("%w", err)
	}
	return a, err
}

func (n node) state() (s State, err error) {
	name, err := n.text()
	if err == nil && s.UnmarshalText([]byte(name)) != nil {
		err = n.errorf("unknown state %q, use one of %s", name, nameList(stateNames[:]))
	}
	return s, err
}

func (n node) features() (map[string]State, error) {
	members, err := n.members()
	if err != nil {
		return nil, err
	}
	features := make(map[string]State, len(members))
	for _, m := range members {
		if features[m.name], err = m.state(); err != nil {
			return nil, err
		}
	}
	return features, nil
}
