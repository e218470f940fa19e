// Package later keeps what a later version of the library has put into a JSON
// object when this version writes the object again: a user may go back to an
// earlier version of the application, and then forward.
package later

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Merge returns now, which this version would write, with what only a later version
// knows of was, which it has found. read is what this version writes of was when
// it changes nothing.
//
// A value that this version has not changed stays as it was, byte for byte, in a
// list as well. Of an object that it has changed, the members that it does not know
// stay if the object is the outermost one or is in one of those named by live. Any
// other value that has changed is of something new, such as another answer, and what
// belonged to the former one goes with it.
//
// Members are sorted by name then. Where was has nothing unknown, now is returned as
// it is.
func Merge(now, read, was []byte, live ...string) ([]byte, error) {
	if len(live) == 0 {
		live = []string{} // and not all
	}
	if was = bytes.TrimSpace(was); bytes.Equal(read, was) {
		return now, nil
	}
	return merge(now, read, was, live)
}

// merge is Merge for a value whose members stay. Without live all of its objects
// are.
func merge(now, read, was json.RawMessage, live []string) (json.RawMessage, error) {
	if same(now, read) {
		return was, nil
	}
	var n, r, w map[string]json.RawMessage
	if !parse(now, &n) || !parse(read, &r) || !parse(was, &w) || n == nil || w == nil {
		return mergeList(now, read, was)
	}
	for name, value := range w {
		if slices.Contains(live, name) { // it may be left out while this version has nothing in it
			for _, o := range []map[string]json.RawMessage{n, r} {
				if o[name] == nil && o != nil {
					o[name] = json.RawMessage("{}")
				}
			}
		}
		known, isKnown := r[name]
		mine, isThere := n[name]
		var err error
		switch {
		case isKnown != isThere: // it is new, or gone
		case !isKnown && hasFold(r, name): // a reader takes it for the known one
		case !isKnown:
			n[name] = value
		case live == nil || slices.Contains(live, name):
			n[name], err = merge(mine, known, value, nil)
		case same(mine, known):
			n[name] = value
		default:
			n[name], err = mergeList(mine, known, value)
		}
		if err != nil {
			return nil, err
		}
	}
	return write(n)
}

// mergeList has the elements of a list that have not changed stay as they were.
func mergeList(now, read, was json.RawMessage) (json.RawMessage, error) {
	var n, r, w []json.RawMessage
	if !parse(now, &n) || !parse(read, &r) || !parse(was, &w) || n == nil || len(r) != len(w) {
		return now, nil
	}
	for i, mine := range n {
		if at := slices.IndexFunc(r, func(known json.RawMessage) bool { return same(mine, known) }); at >= 0 {
			n[i] = w[at]
		}
	}
	return write(n)
}

// hasFold reports whether an object has a member of this name, in capitals or small
// letters.
func hasFold(o map[string]json.RawMessage, name string) bool {
	for other := range o {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

func parse(data []byte, into any) bool { return json.Unmarshal(data, into) == nil }

// same reports whether two values are written alike, but for space.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// write writes JSON without escaping for HTML: nobody shows it as that, and a
// licence file would grow sixfold.
func write(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
