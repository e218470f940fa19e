package protocol

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// schemaText is a part of the schema, as a client would read it.
type schemaText struct {
	Ref        string                 `json:"$ref"`
	AnyOf      []schemaText           `json:"anyOf"`
	Type       any                    `json:"type"`
	Enum       []any                  `json:"enum"`
	Properties map[string]*schemaText `json:"properties"`
	Required   []string               `json:"required"`
	Items      *schemaText            `json:"items"`
}

// published is schema.json.
var published = sync.OnceValue(func() (s struct {
	Methods []struct {
		Name   string     `json:"name"`
		Result schemaText `json:"result"`
	} `json:"methods"`
	Types map[string]*schemaText `json:"types"`
}) {
	if err := json.Unmarshal(Schema(), &s); err != nil {
		panic(err)
	}
	return s
})

// held fails the test where an answer is not what the schema promises.
func (c *client) held(method string, resp rpcResponse) {
	c.Helper()
	data, want := resp.Result, &schemaText{Ref: "#/types/Failure"}
	if resp.Error != nil {
		data, _ = json.Marshal(resp.Error.Data)
	} else {
		for i, m := range published().Methods {
			if m.Name == method {
				want = &published().Methods[i].Result
			}
		}
	}
	var got any
	if err := json.Unmarshal(data, &got); err != nil {
		c.Error(err)
	}
	if why := want.refuses(method, got); why != "" {
		c.Errorf("the schema does not hold: %s", why)
	}
}

// refuses says where a value is not as the schema has it; empty where it is.
func (s *schemaText) refuses(path string, got any) string {
	if s.Ref != "" {
		return published().Types[strings.TrimPrefix(s.Ref, "#/types/")].refuses(path, got)
	}
	for i, other := range s.AnyOf {
		why := other.refuses(path, got)
		if why == "" {
			break
		}
		if i == len(s.AnyOf)-1 {
			return why
		}
	}
	if !s.hasType(got) || s.Enum != nil && !slices.Contains(s.Enum, got) {
		return fmt.Sprintf("%s is %.60v", path, got)
	}
	switch got := got.(type) {
	case []any:
		for i, element := range got {
			if s.Items != nil {
				if why := s.Items.refuses(fmt.Sprintf("%s[%d]", path, i), element); why != "" {
					return why
				}
			}
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := got[name]; !ok {
				return path + "." + name + " is missing"
			}
		}
		for name, value := range got {
			if member := s.Properties[name]; member != nil {
				if why := member.refuses(path+"."+name, value); why != "" {
					return why
				}
			} else if s.Properties != nil {
				return path + "." + name + " is not in the schema"
			}
		}
	}
	return ""
}

func (s *schemaText) hasType(got any) bool {
	types, several := s.Type.([]any)
	if !several {
		types = []any{s.Type}
	}
	kind := "null"
	switch got := got.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; got == float64(int64(got)) {
			kind = "integer"
		}
	case []any:
		kind = "array"
	case map[string]any:
		kind = "object"
	}
	return s.Type == nil || slices.Contains(types, any(kind)) || kind == "integer" && slices.Contains(types, any("number"))
}

// Every method answers as the schema has it, with a licence, with another and
// with none.
func TestAnswersHoldToTheSchema(t *testing.T) {
	srv, config := emulator(t)
	c := connect(t)
	defer c.hangUp()
	config["user_id"] = "jo@example.com"
	a := openAgent(t, c, config, map[string]any{"manual_sessions": true})
	params := map[string]map[string]any{
		"feature": {"name": "beta"}, "usage": {"feature": "x"}, "measure": {"field": srv.ISV(), "value": "1"}, "consume": {"limitation": "x", "amount": "1"},
		"consumption": {"limitation": "x"}, "rollback": {"limitation_id": "x", "transaction_id": "y"}, "license.verify": {"data": "x"}, "license.import": {"data": "x"},
		"license.request": {"key": namedKey, "qr": true}, "license.covers": {"version": "2"}, "license.find": {"token": "x"}, "explain": {"code": 1001}, "begin": {"method": "status"},
		"activate": {"key": "no licence's"}, "status": {"at": "2099-01-01T00:00:00Z"},
	}
	all := func() {
		for _, m := range methods() {
			if m.name != "open" && m.name != "close" && m.name != "erase" && m.name != "check" {
				if _, failure := c.call(a, m.name, params[m.name], 0); failure != nil && failure.Kind != Usage && failure.Kind != Conflict {
					t.Errorf("%s: %+v", m.name, failure)
				}
			}
		}
	}
	all()
	for _, key := range []string{namedKey, floatingKey} {
		if _, failure := c.call(a, "activate", map[string]any{"key": key}, 0); failure != nil {
			t.Fatal(failure)
		}
		all() // which gives the seat back and goes on without
	}
	for _, m := range []string{"check", "erase", "close"} {
		if _, failure := c.call(a, m, nil, 0); failure != nil {
			t.Errorf("%s: %v", m, failure)
		}
	}
}
