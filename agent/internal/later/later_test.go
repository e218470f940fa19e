package later

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMerge(t *testing.T) {
	for name, c := range map[string]struct{ now, read, was, want string }{
		"nothing is unknown":           {`{"b":2,"a":1}`, `{"b":1,"a":1}`, ` {"b":1,"a":1} `, `{"b":2,"a":1}`},
		"nothing has changed":          {`{"a":1}`, `{"a":1}`, `{"x": 1e400, "a":1}`, `{"x": 1e400, "a":1}`},
		"a member stays":               {`{"a":2}`, `{"a":1}`, `{"x":{"y":[1.10]},"a":1}`, `{"a":2,"x":{"y":[1.10]}}`},
		"a member of a live object":    {`{"live":{"a":2}}`, `{"live":{"a":1}}`, `{"live":{"a":1,"x":3}}`, `{"live":{"a":2,"x":3}}`},
		"further in":                   {`{"live":{"b":{"c":2}}}`, `{"live":{"b":{"c":1}}}`, `{"live":{"b":{"c":1,"x":3}}}`, `{"live":{"b":{"c":2,"x":3}}}`},
		"a live object that is gone":   {`{"a":2}`, `{"live":{"b":1},"a":1}`, `{"live":{"b":1,"x":3},"a":1}`, `{"a":2,"live":{"x":3}}`},
		"a live object that was empty": {`{"live":{"b":1}}`, `{}`, `{"live":{"x":3}}`, `{"live":{"b":1,"x":3}}`},
		"what is replaced goes":        {`{"other":{"a":2}}`, `{"other":{"a":1}}`, `{"other":{"a":1,"x":3}}`, `{"other":{"a":2}}`},
		"what is not stays":            {`{"other":{"a":1},"b":2}`, `{"other":{"a":1},"b":1}`, `{"other":{"a":1,"x":3},"b":1}`, `{"b":2,"other":{"a":1,"x":3}}`},
		"what was removed stays away":  {`{"b":2}`, `{"a":1,"b":1}`, `{"a":1,"b":1,"x":3}`, `{"b":2,"x":3}`},
		"what is new comes":            {`{"a":1,"b":1}`, `{"a":1}`, `{"a":1,"x":3}`, `{"a":1,"b":1,"x":3}`},
		"an element of a list":         {`{"l":[{"a":2},{"a":9}]}`, `{"l":[{"a":1},{"a":2}]}`, `{"l":[{"a":1,"x":1},{"a":2,"x":2}]}`, `{"l":[{"a":2,"x":2},{"a":9}]}`},
		"a list with unknown elements": {`{"l":[2]}`, `{"l":[1]}`, `{"l":[1,"x"]}`, `{"l":[2]}`},
		"another spelling":             {`{"b":2}`, `{"a":1,"b":1}`, `{"A":1,"b":1}`, `{"b":2}`},
		"no object":                    {`3`, `1`, `{"x":1}`, `3`},
		"a text is not escaped":        {`{"a":"<&>"}`, `{"a":""}`, `{"a":"","x":"<é>"}`, `{"a":"<&>","x":"<é>"}`},
	} {
		got, err := Merge([]byte(c.now), []byte(c.read), []byte(c.was), "live")
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

// What this version knows is what it wants to write, and nothing unknown is lost.
func TestMergeLosesNothing(t *testing.T) {
	members := func(prefix string, least int) *rapid.Generator[map[string]any] {
		return rapid.Custom(func(t *rapid.T) map[string]any {
			o := map[string]any{}
			for i := range rapid.IntRange(least, 3).Draw(t, "members") {
				o[fmt.Sprint(prefix, i)] = float64(rapid.IntRange(0, 2).Draw(t, "value"))
			}
			return o
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		object := func(label string) map[string]any {
			o := members("a", 0).Draw(t, label)
			o["live"] = members("b", 0).Draw(t, label+" live")
			return o
		}
		now, read := object("now"), object("read")
		beside, inside := members("x", 0).Draw(t, "unknown"), members("y", 0).Draw(t, "unknown inside")
		with := func(o map[string]any) map[string]any {
			all, live := maps.Clone(o), maps.Clone(o["live"].(map[string]any))
			maps.Copy(all, beside)
			maps.Copy(live, inside)
			all["live"] = live
			return all
		}
		text := func(o any) []byte {
			b, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		merged, err := Merge(text(now), text(read), text(with(read)), "live")
		var got map[string]any
		if err == nil {
			err = json.Unmarshal(merged, &got)
		}
		if want := with(now); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s became %s (%v), members %v", text(with(read)), merged, err, slices.Sorted(maps.Keys(want)))
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte(`{"a":2}`), []byte(`{"a":2,"x":[{}]}`))
	f.Fuzz(func(t *testing.T, now, read, was []byte) {
		if !json.Valid(now) || !json.Valid(read) || !json.Valid(was) {
			return
		}
		got, err := Merge(now, read, was, "a")
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(got) {
			t.Errorf("%s", got)
		}
	})
}
