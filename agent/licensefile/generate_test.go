package licensefile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A generator makes signed documents: any content, written in any of the ways
// that XML has for the same thing, and some that are spoilt.
type generator struct {
	*rand.Rand
	blanks bool // blanks and carriage returns may stand in base64
}

func newGenerator(seed int) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(uint64(seed), 7)), blanks: true}
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// file returns a signed file. When spoilt it may be anything, otherwise it is
// within the profile.
func (g *generator) file(spoilt bool) []byte {
	content := g.document()
	signedDoc, err := parse(signed(string(content.canonical(nil, root, -1, nil))))
	if err != nil {
		panic(err)
	}
	for i, n := range signedDoc.nodes {
		if n.name == "SignatureValue" {
			signedDoc.nodes[i+1].text = g.wrapped(signedDoc.nodes[i+1].text)
		}
	}
	var b strings.Builder
	if g.chance(20) {
		b.WriteString("\uFEFF")
	}
	if g.chance(30) {
		b.WriteString(pick(g, `<?xml version="1.0"?>`, `<?xml version='1.0' encoding="utf-8" ?>`, `<?xml version = "1.0" encoding="UTF-8" standalone='no'?>`))
	}
	if g.chance(30) {
		b.WriteString(g.space())
	}
	g.render(&b, signedDoc, root)
	if g.chance(30) {
		b.WriteString(g.space())
	}
	file := b.String()
	for spoilt && g.chance(70) {
		file = g.spoil(file)
	}
	return []byte(file)
}

// document returns a random tree: the sample, or elements of any kind.
func (g *generator) document() *document {
	if g.chance(30) {
		d, err := parse([]byte(pick(g, sampleLicense, sampleActivation)))
		if err != nil {
			panic(err)
		}
		return d
	}
	d := &document{nodes: []node{{name: pick(g, "slascone_license_file", "slascone_activation_file")}}}
	if g.chance(80) {
		d.nodes[root].attrs = append(d.nodes[root].attrs, attr{"xmlns", "xsd", xsdURI})
	}
	xsi := g.chance(80)
	if xsi {
		d.nodes[root].attrs = append(d.nodes[root].attrs, attr{"xmlns", "xsi", xsiURI})
	}
	g.grow(d, 4, xsi)
	d.nodes[root].end = len(d.nodes)
	return d
}

func (g *generator) grow(d *document, depth int, xsi bool) {
	afterText := false
	for range g.IntN(6) {
		if !afterText && g.chance(50) {
			if text := g.text(); text != "" {
				d.nodes = append(d.nodes, node{text: text, end: len(d.nodes) + 1})
				afterText = true
				continue
			}
		}
		afterText = false
		at := len(d.nodes)
		n := node{name: pick(g, "license_key", "features", "a", "B.c", "_d-9", "signature", "xmlx")}
		for i := range g.IntN(3) {
			n.attrs = append(n.attrs, attr{"", fmt.Sprintf("%s%d", pick(g, "a", "Z", "_"), i), g.text()})
		}
		if xsi && g.chance(20) {
			n.attrs = append(n.attrs, attr{"xsi", pick(g, "nil", "type", "A"), g.text()})
		}
		slices.SortFunc(n.attrs, compareAttrs)
		d.nodes = append(d.nodes, n)
		if depth > 0 {
			g.grow(d, depth-1, xsi)
		}
		d.nodes[at].end = len(d.nodes)
	}
}

func (g *generator) text() string {
	var b strings.Builder
	for range g.IntN(6) {
		b.WriteString(pick(g, "a", "1000", " ", "\t", "\n", "\r", "&", "<", ">", `"`, "'", "]]", "]]>", "ü", "é́", "😀", "\u0085", "\u00a0", "\u2028", "\ufeff", "\u007f", "&amp;", "--", "<!--"))
	}
	return b.String()
}

func (g *generator) space() string {
	var b strings.Builder
	for range 1 + g.IntN(2) {
		b.WriteString(pick(g, " ", "\t", "\n", "\r\n", "\r"))
	}
	return b.String()
}

func (g *generator) wrapped(base64 string) string {
	if g.chance(50) {
		return base64
	}
	at := g.IntN(len(base64))
	if g.blanks {
		return g.space() + base64[:at] + g.space() + base64[at:] + g.space()
	}
	return "\n" + base64[:at] + "\n" + base64[at:] + "\n"
}

// render writes the element at in one of its many ways.
func (g *generator) render(b *strings.Builder, d *document, at int) {
	n := &d.nodes[at]
	if n.name == "" {
		g.characters(b, n.text, 0)
		return
	}
	b.WriteString("<" + n.name)
	attrs := slices.Clone(n.attrs)
	g.Shuffle(len(attrs), func(i, j int) { attrs[i], attrs[j] = attrs[j], attrs[i] })
	for _, a := range attrs {
		b.WriteString(pick(g, " ", " ", g.space()))
		if a.prefix != "" {
			b.WriteString(a.prefix + ":")
		}
		quote := pick(g, byte('"'), byte('\''))
		b.WriteString(a.name + pick(g, "=", "=", " = ", "\n=") + string(quote))
		g.characters(b, a.value, quote)
		b.WriteByte(quote)
	}
	b.WriteString(pick(g, "", "", " ", "\n"))
	if n.end == at+1 && g.chance(60) {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	for i := range d.children(at) {
		g.render(b, d, i)
	}
	b.WriteString("</" + n.name + pick(g, "", "", " ", "\r\n") + ">")
}

// characters writes text, or an attribute's value when quote is not zero.
func (g *generator) characters(b *strings.Builder, text string, quote byte) {
	var last [2]byte
	for i, r := range text {
		var forms []string
		switch r {
		case '&':
			forms = []string{"&amp;"}
		case '<':
			forms = []string{"&lt;"}
		case '>':
			forms = []string{"&gt;"}
			if last != [2]byte{']', ']'} {
				forms = append(forms, ">")
			}
		case '"':
			forms = []string{"&quot;"}
		case '\'':
			forms = []string{"&apos;"}
		case '\r':
		case '\n':
			if quote == 0 {
				forms = []string{"\n", "\r\n"}
				if !strings.HasPrefix(text[i+1:], "\n") {
					forms = append(forms, "\r")
				}
			}
		case '\t':
			if quote == 0 {
				forms = []string{"\t"}
			}
		default:
			forms = []string{string(r), string(r), string(r)}
		}
		if r == '"' && quote != '"' || r == '\'' && quote != '\'' {
			forms = append(forms, string(r))
		}
		forms = append(forms, fmt.Sprintf("&#%d;", r), fmt.Sprintf("&#x%x;", r), fmt.Sprintf("&#x00%X;", r))
		form := pick(g, forms...)
		if len(text) > 40 && r > ' ' && len(form) > 1 && r < 0x80 && g.chance(95) && r != '&' && r != '<' && r != '>' && r != '"' && r != '\'' {
			form = string(r) // keep long texts legible
		}
		b.WriteString(form)
		last = [2]byte{last[1], form[len(form)-1]}
	}
}

// spoil puts something in that does not belong there.
func (g *generator) spoil(file string) string {
	at := g.IntN(len(file) + 1)
	if g.chance(60) { // between two tags rather than anywhere
		if next := strings.IndexByte(file[at:], '<'); next >= 0 {
			at += next
		}
	}
	switch g.IntN(4) {
	case 0:
		if at < len(file) {
			return file[:at] + string(rune(g.IntN(256))) + file[at+1:]
		}
		return file
	case 1:
		end := min(len(file), at+g.IntN(40))
		return file[:at] + file[end:]
	case 2:
		end := min(len(file), at+g.IntN(200))
		to := g.IntN(len(file))
		return file[:to] + file[at:end] + file[to:]
	}
	return file[:at] + pick(g, "<!-- x -->", "<?x y?>", "<![CDATA[]]>", "<![CDATA[x]]>", "<!DOCTYPE a>", "&a;", "&#0;", "&#xD;", "&#13;", "\r", "\n", " ", "x", "]]>",
		`<x xmlns="urn:x"/>`, `<x xmlns:a="urn:x"/>`, "<a:x/>", " xml:space='preserve'", " xmlns=''", " a='1'", "<Signature/>",
		"<KeyInfo/>", "<Object/>", "\uFEFF", "\x00", "\x85", "\uFFFE", "<x>", "</x>", "/", "=", "'", `"`) + file[at:]
}
