package wire

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
)

// scan reads JSON from the front of text[at:]; each of its readers takes one
// value. What they take is valid JSON with one meaning, or they fail.
type scan struct {
	text   string
	at     int
	failed bool
	depth  int // of members that are skipped

	strings shelf[string]
	bools   shelf[bool]
	ints    shelf[int]
	times   shelf[Time]
	amounts shelf[Decimal]
}

// shelf has places for values that are pointed to, many to an allocation.
type shelf[T any] []T

func (s *shelf[T]) put(v T) *T {
	if len(*s) == cap(*s) {
		*s = make([]T, 0, 16)
	}
	*s = append(*s, v)
	return &(*s)[len(*s)-1]
}

// maxDepth is as deep as a member is skipped.
const maxDepth = 16

func (s *scan) fail() { s.failed, s.at = true, len(s.text) }

// next passes over blanks and returns the byte behind them, 0 at the end.
func (s *scan) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// is takes the word if it comes next.
func (s *scan) is(word string) bool {
	s.next()
	found := strings.HasPrefix(s.text[s.at:], word)
	if found {
		s.at += len(word)
	}
	return found
}

func (s *scan) want(word string) {
	if !s.is(word) {
		s.fail()
	}
}

// more reports whether another element follows the first n of a list.
func (s *scan) more(n int, end string) bool {
	switch {
	case s.is(end) || s.failed:
		return false
	case n > 0:
		s.want(",")
	}
	return !s.failed
}

// member is a field, as a pointer, and its name.
type member struct {
	name  string
	field any
}

func (s *scan) object(members ...member) {
	if s.is("null") {
		return
	}
	s.want("{")
	seen, i := uint64(0), -1
	for n := 0; s.more(n, "}"); n++ {
		name := s.string()
		s.want(":")
		// The service writes members in their order.
		if i++; i == len(members) || members[i].name != name {
			i = find(members, name)
		}
		switch {
		case i < 0:
			s.skip()
		case members[i].name != name || seen&(1<<i) != 0:
			s.fail() // in another case, or twice
		default:
			seen |= 1 << i
			s.value(members[i].field)
		}
	}
}

// find compares names as encoding/json does, the same case first.
func find(members []member, name string) int {
	folded := -1
	for i := range members {
		if members[i].name == name {
			return i
		}
		if strings.EqualFold(members[i].name, name) {
			folded = i
		}
	}
	return folded
}

// room is for how many elements there is room at first, if a list comes next. A generic
// function that adds an element would be made once for each type: 7 kB.
func (s *scan) room() int {
	if s.next(); strings.HasPrefix(s.text[s.at:], "[]") {
		return 0
	}
	return 12
}

// list takes a list; element takes each of its values.
func (s *scan) list(element func()) {
	s.want("[")
	for n := 0; s.more(n, "]"); n++ {
		element()
	}
}

// string takes a text. What is not plain ASCII is left to encoding/json.
func (s *scan) string() string {
	s.want(`"`)
	start, plain := s.at, true
	for ; s.at < len(s.text) && s.text[s.at] != '"'; s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\':
			s.at++
			plain = false
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	if s.at >= len(s.text) {
		s.fail()
		return ""
	}
	s.at++
	if plain {
		return s.text[start : s.at-1]
	}
	var text string
	if json.Unmarshal([]byte(s.text[start-1:s.at]), &text) != nil {
		s.fail()
	}
	return text
}

func (s *scan) bool() bool {
	yes := s.is("true")
	if !yes {
		s.want("false")
	}
	return yes
}

func (s *scan) number() string {
	s.next()
	rest := s.text[s.at:]
	n := len(rest) - len(strings.TrimLeft(rest, "+-.0123456789Ee"))
	if !json.Valid([]byte(rest[:n])) {
		s.fail()
		return ""
	}
	s.at += n
	return rest[:n]
}

func (s *scan) int() int {
	n, err := strconv.Atoi(s.number())
	if err != nil {
		s.fail()
	}
	return n
}

func (s *scan) enum() Enum {
	if s.next() == '"' {
		return Enum{Name: s.string()}
	}
	return Enum{Number: s.int()}
}

func (s *scan) time() Time {
	at, err := scalar.Time(s.string())
	if err != nil {
		s.fail()
	}
	return Time{at}
}

func (s *scan) decimal() Decimal {
	d, err := scalar.Decimal(s.number()) // not from a text
	if err != nil {
		s.fail()
	}
	return Decimal{d}
}

func (s *scan) raw() json.RawMessage {
	s.next()
	start := s.at
	s.skip()
	return json.RawMessage(s.text[start:s.at])
}

// skip takes a value of any kind.
func (s *scan) skip() {
	if s.depth++; s.depth > maxDepth {
		s.fail()
	}
	switch s.next() {
	case '"':
		s.string()
	case '{':
		s.object()
	case '[':
		s.list(s.skip)
	case 't', 'f':
		s.bool()
	case 'n':
		s.want("null")
	default:
		s.number()
	}
	s.depth--
}
