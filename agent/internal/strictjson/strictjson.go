// Package strictjson reads a JSON object into a struct and tells mistakes in
// plain words.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Decode reads one JSON object into the struct that to points at, and nothing
// else. encoding/json would pass over members that it does not know or that are
// there twice, and take names in another case: each is most often a mistake.
func Decode[T any](data []byte, to *T) error {
	data = Unmarked(data)
	if err := checkText(data); err != nil {
		return err
	}
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
	if err := checkMembers("", object, reflect.TypeFor[T]()); err != nil {
		return err
	}
	err := json.Unmarshal(object, to)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%q must be %s, is %s", mismatch.Field, kindName(mismatch.Type), withArticle(mismatch.Value))
	}
	return err
}

// Unmarked returns data without the mark of UTF-8 that some programs write before
// it.
func Unmarked(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

// checkText refuses text that is not Unicode. encoding/json would put a replacement
// character in its place, and so take another name or path than was meant.
func checkText(data []byte) error {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Errorf("it is not UTF-8: byte %d is 0x%02x", at+1, data[at])
		}
		at += size
	}
	for at := 0; at < len(data); at++ {
		if data[at] != '\\' {
			continue
		}
		first, size := escaped(data[at:])
		if !utf16.IsSurrogate(first) {
			at += size - 1
			continue
		}
		second, more := escaped(data[at+size:])
		if utf16.DecodeRune(first, second) == utf8.RuneError {
			return fmt.Errorf("%s is half of a character", data[at:at+size])
		}
		at += size + more - 1
	}
	return nil
}

// escaped returns the UTF-16 unit of an escape such as \u00e4 at the beginning of
// data, and how long any other escape is.
func escaped(data []byte) (unit rune, size int) {
	const length = len(`\u0000`)
	if len(data) >= length && data[0] == '\\' && data[1] == 'u' {
		if n, err := strconv.ParseUint(string(data[2:length]), 16, 16); err == nil {
			return rune(n), length
		}
	}
	return 0, min(2, len(data))
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
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		members[name] = f.Type
	}
	return members
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Struct:
		return "an object"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint64:
		return "a whole number that is not negative"
	case reflect.Slice:
		return "a list"
	case reflect.Pointer:
		return kindName(t.Elem())
	}
	return "a string"
}

// withArticle words what encoding/json calls the value that it found.
func withArticle(value string) string {
	switch value {
	case "array", "object":
		return "an " + value
	case "bool":
		return "true or false"
	}
	return "a " + value
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value json.RawMessage
	Text  []byte // both, as an object has them
}

// Members returns the members of a JSON object in their order, and refuses one
// that is there twice.
func Members(object json.RawMessage) ([]Member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	var list []Member
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := Member{Name: fmt.Sprint(token)}
		if slices.ContainsFunc(list, func(other Member) bool { return other.Name == m.Name }) {
			return nil, fmt.Errorf("%q is there twice; remove one", m.Name)
		}
		if err := dec.Decode(&m.Value); err != nil {
			return nil, err
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		m.Text = append(append(name, ':'), m.Value...)
		list = append(list, m)
	}
	return list, nil
}
