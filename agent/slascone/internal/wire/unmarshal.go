package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Unmarshal decodes a body as [json.Unmarshal] does, and refuses one that says
// something twice: encoding/json takes the last of two members of one name, in
// whatever case, and another reader the first.
func Unmarshal(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return err
	}
	return checkTwice(body)
}

// checkTwice returns an error if any object in a valid body has two members
// that encoding/json takes for the same.
func checkTwice(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var seen []map[string]bool // of the objects and lists that are open; nil for a list
	name := false              // a member's name comes next, unless the object ends
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				seen = append(seen, map[string]bool{})
			case '[':
				seen = append(seen, nil)
			default:
				seen = seen[:len(seen)-1]
			}
		case string:
			if name {
				names, key := seen[len(seen)-1], strings.Map(lowest, t)
				if names[key] {
					return fmt.Errorf("the member %.40q stands twice", t)
				}
				names[key], name = true, false
				continue
			}
		}
		name = len(seen) > 0 && seen[len(seen)-1] != nil
	}
}

// lowest returns the lowest of the letters that are the same but for their case.
func lowest(r rune) rune {
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		if other < r {
			return lowest(other)
		}
	}
	return r
}
