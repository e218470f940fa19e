package licensefile

import "strings"

// canonical appends the inclusive Canonical XML 1.0 form of the element at to
// buf, leaving out the element at index skip (-1: none). inherited are the
// namespace declarations in scope that the element itself does not make, in
// canonical order; they belong on an apex that is not the root.
//
// In this profile the form is injective: text and attribute values are escaped
// so that no markup can come from them, the order of attributes is the tree's
// own, and nothing is left out but skip. Two trees with one canonical form are
// one tree, which is why the digest of the form vouches for what is decoded.
func (d *document) canonical(buf []byte, at, skip int, inherited []attr) []byte {
	e := &d.nodes[at]
	if e.name == "" {
		return escape(buf, e.text, "&<>\r")
	}
	buf = append(buf, '<')
	buf = append(buf, e.name...)
	for _, a := range inherited {
		buf = appendAttr(buf, a)
	}
	for _, a := range e.attrs {
		buf = appendAttr(buf, a)
	}
	buf = append(buf, '>')
	for i := range d.children(at) {
		if i != skip {
			buf = d.canonical(buf, i, skip, nil)
		}
	}
	buf = append(buf, '<', '/')
	buf = append(buf, e.name...)
	return append(buf, '>')
}

func appendAttr(buf []byte, a attr) []byte {
	buf = append(buf, ' ')
	if a.prefix != "" {
		buf = append(buf, a.prefix...)
		buf = append(buf, ':')
	}
	buf = append(buf, a.name...)
	buf = append(buf, '=', '"')
	buf = escape(buf, a.value, "&<\"\t\n\r")
	return append(buf, '"')
}

// escape appends s with the characters of special replaced as Canonical XML
// demands.
func escape(buf []byte, s, special string) []byte {
	for {
		i := strings.IndexAny(s, special)
		if i < 0 {
			return append(buf, s...)
		}
		buf = append(buf, s[:i]...)
		switch s[i] {
		case '&':
			buf = append(buf, "&amp;"...)
		case '<':
			buf = append(buf, "&lt;"...)
		case '>':
			buf = append(buf, "&gt;"...)
		case '"':
			buf = append(buf, "&quot;"...)
		case '\t':
			buf = append(buf, "&#x9;"...)
		case '\n':
			buf = append(buf, "&#xA;"...)
		case '\r':
			buf = append(buf, "&#xD;"...)
		}
		s = s[i+1:]
	}
}
