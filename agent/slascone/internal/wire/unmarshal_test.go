package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestUnmarshalRefusesTwice(t *testing.T) {
	for body, want := range map[string]bool{
		`null`:            true,
		`"a"`:             true,
		`{}`:              true,
		`[]`:              true,
		`{"a":1,"b":"a"}`: true,
		`{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}`: true,
		`[{"a":1},{"a":1}]`:                         true,
		`["a","a",{"b":["b","b"]}]`:                 true,
		`{"":1}`:                                    true,
		`{"a":1,"a":1}`:                             false,
		`{"a":1,"A":1}`:                             false,
		`{"a":{"b":1,"c":2,"b":3}}`:                 false,
		`[[{"x":[]},{"y":{},"y":{}}]]`:              false,
		`{"k":1,"\u212a":2}`:                        false, // the Kelvin sign
		`{"s":1,"ſ":2}`:                             false,
		`{"\u0061":1,"a":2}`:                        false,
		`{"a":[],"b":1,"a":2}`:                      false,
		`{"a":"a","b":1,"a":2}`:                     false,
		`{"":1,"":2}`:                               false,
		`{"a":1`:                                    false,
	} {
		var v any
		if err := Unmarshal([]byte(body), &v); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}],"c":"d"}`))
	f.Add([]byte(`{"a":1,"A":2}`))
	f.Add([]byte(" [-0.5E+1, \"\\ud800\xff\", {}, [ ], true,false , null]\n"))
	f.Add([]byte(strings.Repeat("[", 9000) + strings.Repeat("]", 9000)))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want any
		err := Unmarshal(body, &got)
		if plain := json.Unmarshal(body, &want); err == nil && (plain != nil || !reflect.DeepEqual(got, want)) {
			t.Errorf("%q is read as %v, want %v, %v", body, got, want, plain)
		} else if plain == nil && err != nil && !strings.Contains(err.Error(), "stands twice") {
			t.Errorf("%q: %v", body, err)
		}
	})
}
