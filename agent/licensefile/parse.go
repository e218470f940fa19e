package licensefile

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth = 32 // a licence file needs 6
	maxAttrs = 16 // on one element; a licence file needs 2

	xsiURI = "http://www.w3.org/2001/XMLSchema-instance"
	xsdURI = "http://www.w3.org/2001/XMLSchema"
	dsURI  = "http://www.w3.org/2000/09/xmldsig#"
)

// A document is a file's tree: elements and texts in document order.
type document struct {
	nodes []node
}

const root = 0 // the index of a document's root element

// A node is an element, or a text when name is empty. No two texts are
// neighbours.
type node struct {
	name  string
	text  string // references resolved, line ends normalised
	attrs []attr // in canonical order
	end   int    // index after the last descendant
}

// An attr is an attribute or a namespace declaration, told apart by its prefix
// ("xmlns") or, for the default namespace, by its name.
type attr struct {
	prefix, name, value string
}

// rank orders an element's attributes as Canonical XML does: namespace
// declarations, attributes without a namespace, attributes with one. Only xsi
// can stand in the last group, so names order each group.
func (a attr) rank() int {
	switch {
	case a.prefix == "" && a.name == "xmlns":
		return 0
	case a.prefix == "xmlns":
		return 1
	case a.prefix == "":
		return 2
	}
	return 3
}

func compareAttrs(a, b attr) int {
	if d := a.rank() - b.rank(); d != 0 {
		return d
	}
	return strings.Compare(a.name, b.name)
}

// children yields the indexes of the element at's children.
func (d *document) children(at int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := at + 1; i < d.nodes[at].end; i = d.nodes[i].end {
			if !yield(i) {
				return
			}
		}
	}
}

// A parser reads the profile that the package comment describes. It refuses
// what it does not know, so nothing here is skipped or repaired.
type parser struct {
	src   string
	pos   int
	nodes []node
	attrs []attr
	open  []int // the elements not yet closed
	xsi   bool  // the root declares the prefix
}

// parse reads a whole file into its tree. The bytes are copied once, and
// everything later comes from that copy.
func parse(data []byte) (*document, error) {
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return nil, fmt.Errorf("the file is UTF-16 but must be UTF-8; use it as it was received, not as an editor saved it")
	}
	src := strings.TrimPrefix(string(data), "\uFEFF")
	if err := checkCharacters(src); err != nil {
		return nil, err
	}
	p := &parser{src: src, nodes: make([]node, 0, strings.Count(src, "<")+1)}
	if err := p.declaration(); err != nil {
		return nil, err
	}
	p.space()
	if !strings.HasPrefix(p.src[p.pos:], "<") {
		return nil, p.errorf("the file does not start with an XML element")
	}
	for {
		if err := p.markup(); err != nil {
			return nil, err
		}
		if len(p.open) == 0 {
			break
		}
		if err := p.text(); err != nil {
			return nil, err
		}
	}
	p.space()
	if p.pos != len(p.src) {
		return nil, p.errorf("there is more after the root element's end")
	}
	return &document{p.nodes}, nil
}

// checkCharacters refuses what is not UTF-8 or not a character of XML 1.0.
func checkCharacters(src string) error {
	if !utf8.ValidString(src) {
		return fmt.Errorf("the file is not valid UTF-8; use it as it was received, not as an editor saved it")
	}
	for i := range len(src) {
		if c := src[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return fmt.Errorf("byte %d: control character %#02x", i, c)
		}
	}
	if strings.Contains(src, "\uFFFE") || strings.Contains(src, "\uFFFF") {
		return fmt.Errorf("the file holds a character that XML does not allow")
	}
	return nil
}

// isChar reports whether r is a Char of XML 1.0.
func isChar(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xE000:
		return r < 0xD800
	}
	return r <= utf8.MaxRune && r != 0xFFFE && r != 0xFFFF
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", p.pos, fmt.Sprintf(format, args...))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// isBlank reports whether s is nothing but XML's white space.
func isBlank(s string) bool { return strings.Trim(s, " \t\n\r") == "" }

// space skips white space and reports whether there was any.
func (p *parser) space() bool {
	start := p.pos
	for p.pos < len(p.src) && isSpace(p.src[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

// take skips s when it comes next.
func (p *parser) take(s string) bool {
	if !strings.HasPrefix(p.src[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

// declaration reads an XML declaration, which may stand only at the very
// start. Encodings other than UTF-8 are refused: a reader that believed the
// declaration would see another text than this one.
func (p *parser) declaration() error {
	if !p.take("<?xml") {
		return nil
	}
	order := []string{"version", "encoding", "standalone"}
	for first := true; ; first = false {
		spaced := p.space()
		if !first && p.take("?>") {
			return nil
		}
		if !spaced {
			return p.errorf("malformed XML declaration")
		}
		a, err := p.rawAttribute()
		if err != nil {
			return err
		}
		at := slices.Index(order, a.name)
		if at < 0 || a.prefix != "" || first && a.name != "version" {
			return p.errorf("malformed XML declaration")
		}
		order = order[at+1:]
		switch v := a.value; {
		case a.name == "version" && v != "1.0",
			a.name == "encoding" && !strings.EqualFold(v, "utf-8"),
			a.name == "standalone" && v != "yes" && v != "no":
			return p.errorf("the XML declaration's %s %q is not supported", a.name, v)
		}
	}
}

// markup reads one tag.
func (p *parser) markup() error {
	switch {
	case p.take("</"):
		return p.endTag()
	case strings.HasPrefix(p.src[p.pos:], "<!--"):
		return p.errorf("comments are not allowed in a signed file")
	case strings.HasPrefix(p.src[p.pos:], "<![CDATA["):
		return p.errorf("CDATA sections are not allowed in a signed file")
	case strings.HasPrefix(p.src[p.pos:], "<!"):
		return p.errorf("document type definitions are not allowed in a signed file")
	case strings.HasPrefix(p.src[p.pos:], "<?"):
		return p.errorf("processing instructions are not allowed in a signed file")
	case p.take("<"):
		return p.startTag()
	}
	return p.errorf("the file ends inside an element; it is cut short")
}

func (p *parser) endTag() error {
	if len(p.open) == 0 {
		return p.errorf("an end tag without a start tag")
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	p.space()
	if !p.take(">") {
		return p.errorf("malformed end tag %q", name)
	}
	e := &p.nodes[p.open[len(p.open)-1]]
	if e.name != name {
		return p.errorf("<%s> is closed by </%s>", e.name, name)
	}
	e.end = len(p.nodes)
	p.open = p.open[:len(p.open)-1]
	return nil
}

func (p *parser) startTag() error {
	name, err := p.name()
	if err != nil {
		return err
	}
	if len(p.open) == maxDepth {
		return p.errorf("elements are nested more than %d deep", maxDepth)
	}
	start := len(p.attrs)
	var empty bool
	for {
		spaced := p.space()
		if empty = p.take("/>"); empty || p.take(">") {
			break
		}
		if !spaced {
			return p.errorf("malformed tag <%s>", name)
		}
		if len(p.attrs)-start == maxAttrs {
			return p.errorf("<%s> has more than %d attributes", name, maxAttrs)
		}
		a, err := p.attribute()
		if err != nil {
			return err
		}
		p.attrs = append(p.attrs, a)
		// In their order. A sort of so few would be a tenth of what this package links in.
		for i := len(p.attrs) - 1; i > start && compareAttrs(p.attrs[i], p.attrs[i-1]) < 0; i-- {
			p.attrs[i], p.attrs[i-1] = p.attrs[i-1], p.attrs[i]
		}
	}
	attrs := p.attrs[start:len(p.attrs):len(p.attrs)]
	if err := p.checkAttributes(name, attrs); err != nil {
		return err
	}
	at := len(p.nodes)
	p.nodes = append(p.nodes, node{name: name, attrs: attrs, end: at + 1})
	if !empty {
		p.open = append(p.open, at)
	}
	return nil
}

// checkAttributes holds the rules on names and namespaces: no duplicates; xsi
// and xsd are declared by the root or not at all, and mean what they always
// mean; a default namespace is for the Signature alone. So no name in the tree
// depends on where it stands.
func (p *parser) checkAttributes(element string, attrs []attr) error {
	isRoot := len(p.nodes) == 0
	for i, a := range attrs {
		if i > 0 && a.prefix == attrs[i-1].prefix && a.name == attrs[i-1].name {
			return p.errorf("<%s> has the attribute %q twice", element, a.name)
		}
		ok := false
		switch {
		case a.prefix == "" && a.name == "xmlns":
			ok = element == "Signature" && len(p.open) == 1 && a.value == dsURI
		case a.prefix == "xmlns" && a.name == "xsi":
			ok = isRoot && a.value == xsiURI
			p.xsi = ok
		case a.prefix == "xmlns" && a.name == "xsd":
			ok = isRoot && a.value == xsdURI
		case a.prefix == "xsi":
			ok = p.xsi // declarations sort first, so the root's own is known
		case a.prefix == "":
			ok = true
		}
		if !ok {
			return p.errorf("<%s> uses a namespace in a way that licence files do not (%s)", element, strings.Trim(a.prefix+":"+a.name, ":"))
		}
	}
	return nil
}

// name reads an unprefixed name. Licence files use ASCII names.
func (p *parser) name() (string, error) {
	start := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (p.pos == start || (c < '0' || c > '9') && c != '-' && c != '.') {
			break
		}
		p.pos++
	}
	if p.pos == start {
		return "", p.errorf("malformed markup: a plain name was expected")
	}
	return p.src[start:p.pos], nil
}

func (p *parser) attribute() (attr, error) {
	a, err := p.rawAttribute()
	if err == nil {
		a.value, err = p.resolve(a.value)
	}
	return a, err
}

// rawAttribute reads an attribute and leaves the references in its value.
func (p *parser) rawAttribute() (a attr, err error) {
	if a.name, err = p.name(); err != nil {
		return a, err
	}
	if p.take(":") {
		a.prefix = a.name
		if a.name, err = p.name(); err != nil {
			return a, err
		}
	}
	p.space()
	if !p.take("=") {
		return a, p.errorf("the attribute %q has no value", a.name)
	}
	p.space()
	if p.pos == len(p.src) || p.src[p.pos] != '"' && p.src[p.pos] != '\'' {
		return a, p.errorf("the value of the attribute %q is not quoted", a.name)
	}
	quote := p.src[p.pos]
	p.pos++
	length := strings.IndexByte(p.src[p.pos:], quote)
	if length < 0 {
		return a, p.errorf("the value of the attribute %q does not end", a.name)
	}
	a.value = p.src[p.pos : p.pos+length]
	// XML turns raw line ends and tabs in attributes into blanks; no licence
	// file has any, so they are refused rather than turned.
	if strings.ContainsAny(a.value, "<\t\n\r") {
		return a, p.errorf("the value of the attribute %q holds a line end, a tab or a tag", a.name)
	}
	p.pos += length + 1
	return a, nil
}

// text reads the characters up to the next tag.
func (p *parser) text() error {
	length := strings.IndexByte(p.src[p.pos:], '<')
	if length < 0 {
		return p.errorf("the file ends inside an element; it is cut short")
	}
	if length == 0 {
		return nil
	}
	raw := p.src[p.pos : p.pos+length]
	if strings.Contains(raw, "]]>") {
		return p.errorf("text holds the end of a CDATA section")
	}
	text, err := p.resolve(raw)
	if err != nil {
		return err
	}
	p.pos += length
	p.nodes = append(p.nodes, node{text: text, end: len(p.nodes) + 1})
	return nil
}

// resolve replaces references by what they stand for and line ends by a line
// feed, as XML prescribes.
func (p *parser) resolve(raw string) (string, error) {
	special := strings.IndexAny(raw, "&\r")
	if special < 0 {
		return raw, nil
	}
	var b strings.Builder
	b.Grow(len(raw))
	for ; special >= 0; special = strings.IndexAny(raw, "&\r") {
		b.WriteString(raw[:special])
		if raw[special] == '\r' {
			b.WriteByte('\n')
			raw = strings.TrimPrefix(raw[special+1:], "\n")
			continue
		}
		name, rest, ended := strings.Cut(raw[special+1:], ";")
		r, ok := reference(name)
		if !ended || !ok {
			return "", p.errorf("%.12q is not a reference that licence files may use", "&"+name)
		}
		b.WriteRune(r)
		raw = rest
	}
	b.WriteString(raw)
	return b.String(), nil
}

// reference returns the character that &name; stands for.
func reference(name string) (r rune, ok bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, found := strings.CutPrefix(name, "#")
	base := rune(10)
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	if !found || digits == "" {
		return 0, false
	}
	for i := range len(digits) {
		v := rune(16)
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			v = rune(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = rune(c|0x20-'a') + 10
		}
		if r = r*base + v; v >= base || r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, isChar(r)
}
