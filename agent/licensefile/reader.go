package licensefile

import (
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
)

// need says when a missing field is an error.
type need uint8

const (
	optional need = iota // may be absent or null
	present              // may be null, but must be said to be
	required             // must have a value that is not empty
)

// A reader decodes elements by name. It asks for the fields it knows, so an
// element that a newer server adds is passed over; a known field that stands
// twice, has the wrong shape or an unreadable value is an error, never a guess.
// The first error stays.
type reader struct {
	d   *document
	err error
}

func (r *reader) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("<%s> %s", name, fmt.Sprintf(format, args...))
	}
}

// document checks the root, whose only attributes are namespace declarations.
func (r *reader) document() {
	for _, a := range r.d.nodes[root].attrs {
		if a.prefix != "xmlns" {
			r.fail(r.d.nodes[root].name, "has the unknown attribute %q", a.name)
		}
	}
	r.container(root)
}

// container requires the element at to hold elements, with nothing but white
// space between them.
func (r *reader) container(at int) {
	for i := range r.d.children(at) {
		if c := &r.d.nodes[i]; c.name == "" && !isBlank(c.text) {
			r.fail(r.d.nodes[at].name, "holds text between its elements")
		}
	}
}

// one returns the index of the single element called name under at.
func (r *reader) one(at int, name string) (found int, ok bool) {
	for i := range r.d.children(at) {
		if r.d.nodes[i].name != name {
			continue
		}
		if ok {
			r.fail(name, "stands twice in <%s>", r.d.nodes[at].name)
		}
		found, ok = i, true
	}
	return found, ok
}

// null reports whether the element at is nil in XML Schema's way. Other
// attributes could change what the element means, so they are errors.
func (r *reader) null(at int) bool {
	e := &r.d.nodes[at]
	if len(e.attrs) == 0 {
		return false
	}
	if len(e.attrs) > 1 || e.attrs[0].prefix != "xsi" || e.attrs[0].name != "nil" {
		r.fail(e.name, "has the unknown attribute %q", e.attrs[0].name)
		return false
	}
	switch e.attrs[0].value {
	case "true", "1":
		if e.end != at+1 {
			r.fail(e.name, "is null and has a value")
		}
		return true
	case "false", "0":
		return false
	}
	r.fail(e.name, "is neither null nor not null")
	return false
}

// group returns the element called name under at, when it is there and not
// null.
func (r *reader) group(at int, name string) (int, bool) {
	i, ok := r.one(at, name)
	if !ok || r.null(i) {
		return 0, false
	}
	r.container(i)
	return i, true
}

// groups yields the elements called name under at: a list is its items, one
// after another.
func (r *reader) groups(at int, name string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range r.d.children(at) {
			if r.d.nodes[i].name != name || r.null(i) {
				continue
			}
			r.container(i)
			if !yield(i) {
				return
			}
		}
	}
}

// leaf returns the text of the element at; ok is false when it is null.
func (r *reader) leaf(at int) (text string, ok bool) {
	e := &r.d.nodes[at]
	if r.null(at) {
		return "", false
	}
	switch {
	case e.end == at+1:
		return "", true
	case e.end == at+2 && r.d.nodes[at+1].name == "":
		return r.d.nodes[at+1].text, true
	}
	r.fail(e.name, "holds elements where a value was expected")
	return "", false
}

// value returns the text of the field called name under at; ok is false when
// it is absent or null.
func (r *reader) value(at int, name string, n need) (text string, ok bool) {
	i, found := r.one(at, name)
	if found {
		text, ok = r.leaf(i)
	}
	if n == required && text == "" || n == present && !found {
		r.fail(name, "is missing from <%s>", r.d.nodes[at].name)
	}
	return text, ok
}

func (r *reader) text(at int, name string, n need) string {
	text, _ := r.value(at, name, n)
	return text
}

func (r *reader) texts(at int, name string) []string {
	var all []string
	for i := range r.d.children(at) {
		if r.d.nodes[i].name == name {
			if text, ok := r.leaf(i); ok {
				all = append(all, text)
			}
		}
	}
	return all
}

func (r *reader) bool(at int, name string, n need) bool {
	switch text, ok := r.value(at, name, n); {
	case !ok:
		return false
	case text == "true" || text == "1":
		return true
	case text != "false" && text != "0":
		r.fail(name, "is %.20q, neither true nor false", text)
	}
	return false
}

// int reads a whole number of 32 bits, which is what the service's are.
func (r *reader) int(at int, name string, n need) *int {
	text, ok := r.value(at, name, n)
	if !ok {
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		r.fail(name, "is %.20q, not a whole number within bounds", text)
		return nil
	}
	i := int(v)
	return &i
}

func (r *reader) decimal(at int, name string, n need) *decimal.Decimal {
	text, ok := r.value(at, name, n)
	if !ok {
		return nil
	}
	d, err := scalar.Decimal(text)
	if err != nil {
		r.fail(name, "cannot be read: %v", err)
		return nil
	}
	return &d
}

// end reads an instant at which something ends; the zero time stands for null
// and for the year 9999, which both are never. The year 1 is no such instant: it
// is what a date becomes that was never set, and not to be taken for null.
func (r *reader) end(at int, name string, n need) time.Time {
	text, ok := r.value(at, name, n)
	if !ok {
		return time.Time{}
	}
	v, err := scalar.Time(text)
	if err == nil && v.Year() <= 1 {
		err = fmt.Errorf("%q is no date", text)
	}
	if err != nil {
		r.fail(name, "cannot be read: %v", err)
	}
	return scalar.End(v)
}

// time reads an instant; the zero time stands for null.
func (r *reader) time(at int, name string, n need) time.Time {
	text, ok := r.value(at, name, n)
	if !ok {
		return time.Time{}
	}
	v, err := scalar.Time(text)
	if err != nil {
		r.fail(name, "cannot be read: %v", err)
	}
	return v
}
