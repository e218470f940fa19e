package enforcement

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// decodeStrict decodes one JSON value and refuses unknown members and anything after it.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if !json.Valid(data) { // though it begins with a value
		return errors.New("more follows the JSON value")
	}
	return nil
}

// node is a JSON value that knows its path, so that every complaint can name
// it. encoding/json alone would let repeated members pass and names differ in
// case.
type node struct {
	path string
	name string // of the member this is the value of
	raw  json.RawMessage
}

func (n node) errorf(format string, args ...any) error {
	return fmt.Errorf("enforcement: %s: "+format, append([]any{n.path}, args...)...)
}

func (n node) unknown(known string) error {
	return n.errorf("is not known, use one of %s", known)
}

func (n node) isText() bool { return len(n.raw) > 0 && n.raw[0] == '"' }

// text is the node as a string.
func (n node) text() (s string, err error) {
	if !n.isText() {
		return "", n.errorf("must be a string")
	}
	err = json.Unmarshal(n.raw, &s)
	return s, err
}

// members are those of an object, in their order.
func (n node) members() ([]node, error) {
	d := json.NewDecoder(bytes.NewReader(n.raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, n.errorf("must be an object")
	}
	var list []node
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		m := node{path: n.path + "." + name, name: name}
		if err != nil || !ok {
			return nil, n.errorf("must be an object")
		}
		if seen[name] {
			return nil, m.errorf("is given twice")
		}
		seen[name] = true
		if err := d.Decode(&m.raw); err != nil {
			return nil, m.errorf("%w", err)
		}
		list = append(list, m)
	}
	return list, nil
}

// elements are those of an array.
func (n node) elements() ([]node, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(n.raw, &raw); err != nil || raw == nil {
		return nil, n.errorf("must be a list")
	}
	list := make([]node, len(raw))
	for i := range raw {
		list[i] = node{path: fmt.Sprintf("%s[%d]", n.path, i), raw: raw[i]}
	}
	return list, nil
}
