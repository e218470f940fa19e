package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// decode reads one JSON object and nothing else. encoding/json would pass
// over members that it does not know or that are there twice, and take names in
// another case: each is most often a mistake.
func decode(data []byte, c *File) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(data))
	var object json.RawMessage
	if err := dec.Decode(&object); err != nil {
		return syntaxError(data, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the object")
	}
	if object[0] != '{' {
		return errors.New("it is not a JSON object")
	}
	if err := checkMembers("", object, reflect.TypeFor[File]()); err != nil {
		return err
	}
	err := json.Unmarshal(object, c)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%q must be %s, is %s", mismatch.Field, kindName(mismatch.Type), withArticle(mismatch.Value))
	}
	return err
}

func syntaxError(data []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut off: the JSON object has no end")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// checkMembers refuses members of an object, and of those in it, that t does
// not name or that are there twice.
func checkMembers(path string, object json.RawMessage, t reflect.Type) error {
	dec := json.NewDecoder(bytes.NewReader(object))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil // of a wrong type, or null: decoding tells
	}
	known := membersOf(t)
	var seen []string
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(token)
		field, ok := known[name]
		switch {
		case !ok && known[strings.ToLower(name)] != nil:
			return fmt.Errorf("unknown field %q; the names are in lower case", path+name)
		case !ok:
			return fmt.Errorf("unknown field %q", path+name)
		case slices.Contains(seen, name):
			return fmt.Errorf("%q is there twice; remove one", path+name)
		}
		seen = append(seen, name)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if field.Kind() == reflect.Struct {
			if err := checkMembers(path+name+".", value, field); err != nil {
				return err
			}
		}
	}
	return nil
}

// membersOf returns the types of a struct's fields under their JSON names.
func membersOf(t reflect.Type) map[string]reflect.Type {
	members := make(map[string]reflect.Type)
	for f := range t.Fields() {
		members[f.Tag.Get("json")] = f.Type
	}
	return members
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Struct:
		return "an object"
	}
	return "a string"
}

// withArticle words what encoding/json calls the value that it found.
func withArticle(value string) string {
	switch {
	case value == "array", value == "object":
		return "an " + value
	case value == "bool":
		return "true or false"
	}
	return "a " + value
}
