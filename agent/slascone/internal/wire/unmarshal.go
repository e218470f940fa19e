package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Unmarshal decodes a body as [json.Unmarshal] does, and refuses one that says
// something twice: encoding/json takes the last of two members of one name, in
// whatever case, and another reader the first.
func Unmarshal(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("it is a JSON %s", kindOf(wrong.Value))
		}
		return fmt.Errorf("its member %.60q does not have a value of that kind (%s)", wrong.Field, kindOf(wrong.Value))
	}
	if err != nil {
		return err
	}
	return checkTwice(body)
}

// kindOf leaves out the number itself, which encoding/json puts behind the kind.
func kindOf(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	return kind
}

// checkTwice returns an error if any object in a valid body has two members
// that encoding/json takes for the same.
func checkTwice(body []byte) error {
	s := scan{text: string(body)}
	if err := s.twice(); err != nil {
		return err
	}
	if s.failed {
		return errors.New("it cannot be read a second time")
	}
	return nil
}

// twice takes a value of any kind, whose objects have no member twice.
func (s *scan) twice() error {
	switch s.next() {
	case '{':
		s.want("{")
		seen := map[string]bool{}
		for n := 0; s.more(n, "}"); n++ {
			name := s.string()
			s.want(":")
			key := strings.Map(lowest, name)
			if seen[key] {
				return fmt.Errorf("the member %.40q stands twice", name)
			}
			seen[key] = true
			if err := s.twice(); err != nil {
				return err
			}
		}
	case '[':
		s.want("[")
		for n := 0; s.more(n, "]"); n++ {
			if err := s.twice(); err != nil {
				return err
			}
		}
	default:
		s.skip()
	}
	return nil
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
