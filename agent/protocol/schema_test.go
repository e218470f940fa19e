package protocol

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

var update = flag.Bool("update", false, "write schema.json and REFERENCE.md")

// description is schema.json.
type description struct {
	Protocol int              `json:"protocol"`
	States   map[string]int   `json:"states"` // as leasehold_state returns them
	Failures []failureKind    `json:"failures"`
	Limits   map[string]int64 `json:"limits"`
	Methods  []methodText     `json:"methods"`
	Events   []eventText      `json:"events"`
	Types    *ordered         `json:"types"`
}

type failureKind struct {
	Kind   Kind   `json:"kind"`
	Number int    `json:"number"`
	About  string `json:"about"`
}

type methodText struct {
	Name   string  `json:"name"`
	About  string  `json:"about"`
	Agent  string  `json:"agent"` // required, optional or none
	Asks   bool    `json:"asks_server"`
	Params *object `json:"params"`
	Result any     `json:"result"`
}

type eventText struct {
	Type  string `json:"type"`
	About string `json:"about"`
}

// object is the schema of a JSON object.
type object struct {
	Type       string   `json:"type"`
	About      string   `json:"description,omitempty"`
	Properties *ordered `json:"properties"`
	Required   []string `json:"required,omitempty"` // always there in a result; parameters have defaults
}

// ordered is a JSON object whose members stay in order.
type ordered struct {
	names  []string
	values map[string]any
}

func (o *ordered) set(name string, v any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = v
}

func (o *ordered) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			buf.WriteByte(',')
		}
		v, err := encode(o.values[name])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&buf, "%q:%s", name, v)
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// describer turns Go types into schemas, with the comments of their source.
type describer struct {
	t        *testing.T
	types    *ordered
	comments map[string]string // of "Type" and "Type.Field"
}

// readComments reads what a package's source says of its types.
func (d *describer) readComments(dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, spec := range gen.Specs {
				d.comment(gen, spec.(*ast.TypeSpec))
			}
		}
	}
}

func (d *describer) comment(gen *ast.GenDecl, spec *ast.TypeSpec) {
	d.comments[spec.Name.Name] = flow(gen.Doc.Text())
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		text := f.Comment.Text()
		if text == "" {
			text = f.Doc.Text()
		}
		for _, name := range f.Names {
			d.comments[spec.Name.Name+"."+name.Name] = flow(text)
		}
	}
}

func flow(text string) string { return strings.Join(strings.Fields(text), " ") }

// enums are the types that have few values.
func enums(t *testing.T) map[reflect.Type][]string {
	texts := func(next func(i int) encoding.TextMarshaler) (list []string) {
		for i := range 256 {
			text, err := next(i).MarshalText()
			if err == nil && !slices.Contains(list, string(text)) {
				list = append(list, string(text))
			}
		}
		if len(list) == 0 || len(list) > 64 {
			t.Fatalf("an enumeration has %d values", len(list))
		}
		return list
	}
	var failures []string
	for _, k := range kinds {
		failures = append(failures, string(k.Kind))
	}
	return map[reflect.Type][]string{
		reflect.TypeFor[enforcement.State]():  texts(func(i int) encoding.TextMarshaler { return enforcement.State(i) }),
		reflect.TypeFor[enforcement.Cause]():  texts(func(i int) encoding.TextMarshaler { return enforcement.Cause(i) }),
		reflect.TypeFor[enforcement.Actor]():  texts(func(i int) encoding.TextMarshaler { return enforcement.Actor(i) }),
		reflect.TypeFor[enforcement.Scope]():  texts(func(i int) encoding.TextMarshaler { return enforcement.Scope(i) }),
		reflect.TypeFor[enforcement.Remedy](): texts(func(i int) encoding.TextMarshaler { return enforcement.Remedy(i) }),
		reflect.TypeFor[Kind]():               failures,
	}
}

// schema is what a value of a type looks like.
func (d *describer) schema(typ reflect.Type) any {
	if list, ok := enums(d.t)[typ]; ok {
		d.types.set(typ.Name(), map[string]any{"type": "string", "enum": list})
		return ref(typ)
	}
	switch {
	case typ == reflect.TypeFor[Moment](), typ == reflect.TypeFor[*time.Time]():
		return map[string]any{"type": []string{"string", "null"}, "format": "date-time"}
	case typ == reflect.TypeFor[json.RawMessage]():
		return map[string]any{"type": "object"}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		inner := d.schema(typ.Elem())
		if m, ok := inner.(map[string]any); ok {
			if name, ok := m["type"].(string); ok {
				return map[string]any{"type": []string{name, "null"}}
			}
			if _, isRef := m["$ref"]; !isRef {
				return inner
			}
		}
		return map[string]any{"anyOf": []any{inner, map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": d.schema(typ.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint16, reflect.Uint32:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		if _, ok := d.types.values[typ.Name()]; !ok {
			d.types.set(typ.Name(), nil) // types may hold themselves
			d.types.set(typ.Name(), d.object(typ, true))
		}
		return ref(typ)
	}
	d.t.Fatalf("%v has no schema", typ)
	return nil
}

func ref(typ reflect.Type) map[string]any {
	return map[string]any{"$ref": "#/types/" + typ.Name()}
}

// object is the schema of a struct. Members of a result that may be absent have
// omitempty.
func (d *describer) object(typ reflect.Type, result bool) *object {
	o := &object{Type: "object", About: d.comments[typ.Name()], Properties: &ordered{}}
	for f := range typ.Fields() {
		if f.Anonymous {
			inner := d.object(f.Type, result)
			for _, name := range inner.Properties.names {
				o.Properties.set(name, inner.Properties.values[name])
			}
			o.Required = append(o.Required, inner.Required...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		s := d.schema(f.Type)
		about := d.comments[typ.Name()+"."+f.Name]
		if m, ok := s.(map[string]any); ok && about != "" {
			m["description"] = about
		}
		o.Properties.set(name, s)
		if result && options != "omitempty" {
			o.Required = append(o.Required, name)
		}
	}
	return o
}

// describe is the description of the protocol as the code has it.
func describe(t *testing.T) description {
	d := &describer{t: t, types: &ordered{}, comments: map[string]string{}}
	d.readComments("..")
	d.readComments("../device")
	d.readComments("../messages")
	d.readComments(".")
	v := description{
		Protocol: Protocol,
		States:   map[string]int{},
		Limits: map[string]int64{
			"agents": MaxAgents, "backlog": Backlog, "line_bytes": MaxLine, "calls": MaxCalls, "unread_bytes": maxUnread,
			"default_timeout_ms": DefaultTimeout.Milliseconds(), "max_timeout_ms": MaxTimeout.Milliseconds(),
		},
		Types: d.types,
	}
	for s := enforcement.Active; s <= enforcement.Locked; s++ {
		v.States[s.String()] = int(s)
	}
	for _, k := range kinds {
		v.Failures = append(v.Failures, failureKind(k))
	}
	for _, m := range methods() {
		text := methodText{Name: m.name, About: m.about, Asks: m.asks, Agent: []string{"none", "required", "optional"}[m.needs]}
		text.Params = d.object(reflect.TypeOf(m.params), false)
		text.Params.About = ""
		text.Result = map[string]any{"type": "object"}
		if m.result != (none{}) {
			text.Result = d.schema(reflect.TypeOf(m.result))
		}
		v.Methods = append(v.Methods, text)
	}
	d.schema(reflect.TypeFor[Failure]())
	v.Events = eventTexts()
	return v
}

func eventTexts() []eventText {
	return []eventText{
		{"state_changed", "the decision changed in state or cause: from, to"},
		{"grace_warning", "a deadline draws near: to, left_s. It comes at half of the grace, at its last fifth, and on its last day"},
		{"license_changed", "the licence grants something else, or another is held, or none: license"},
		{"heartbeat_failed", "a call to the server got no answer: error. It comes once for each run of failures"},
		{"heartbeat_recovered", "the server answers again: silent_s"},
		{"store_chosen", "where the licence is kept was decided, or has changed: store, reason"},
		{"store_failed", "what was learned could not be kept, or what was kept could not be read: error"},
		{"clock_suspect", "the computer's clock was turned back: since"},
		{"clock_trusted", "a signed answer settled the time after clock_suspect"},
		{"device_changed", "this device's ID is no longer the one the licence was activated for: reason"},
		{"seat_gained", "a floating seat is held, for the first time or again: valid_until"},
		{"seat_lost", "the floating seat is no longer held: error, absent when its time simply ran out"},
		{"seat_refused", "the server refused a call for a floating seat for a reason that is not the seat: error"},
		{"update_available", "the vendor has published a newer release: version, link"},
		{"report_rejected", "the server refused something that was to be reported, and it was dropped: report, name, error"},
		{"call_ended", "a call that begin began has ended: call, method, and result or error"},
	}
}

func TestSchemaIsCurrent(t *testing.T) {
	text, err := encode(describe(t))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	want.WriteByte('\n')
	golden(t, "schema.json", want.Bytes())
}

func TestReferenceIsCurrent(t *testing.T) {
	golden(t, "REFERENCE.md", []byte(reference(describe(t))))
}

func golden(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code says; run: go test ./agent/protocol -run Current -update", name)
	}
}

// Every event of the agent has a type here, and every type is described.
func TestEveryEventIsShown(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "event" && f.Recv != nil {
				declared = append(declared, snake(f.Recv.List[0].Type.(*ast.Ident).Name))
			}
		}
	}
	if len(declared) == 0 {
		t.Fatal("the agent's events were not found")
	}
	source, err := os.ReadFile("events.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range declared {
		if !strings.Contains(string(source), `Type: "`+name+`"`) {
			t.Errorf("viewEvent does not show %s", name)
		}
		if !slices.ContainsFunc(eventTexts(), func(e eventText) bool { return e.Type == name }) {
			t.Errorf("the event %s is not described", name)
		}
	}
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
