package slasconetest

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// element is a piece of a licence or activation file. It can be written in two
// ways: as the service writes it, and in canonical form (inclusive C14N 1.0)
// for signing. Knowing both ways by construction, the server needs no
// canonicaliser, and cannot share a mistake with one.
type element struct {
	name     string
	attrs    string // as written, with a leading space, in canonical order
	text     string
	children []element
}

const (
	namespaceXSD  = ` xmlns:xsd="http://www.w3.org/2001/XMLSchema"`
	namespaceXSI  = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	namespaceDSig = ` xmlns="http://www.w3.org/2000/09/xmldsig#"`
)

// leaf is an element of text.
func leaf(name, text string) element { return element{name: name, text: text} }

// leafOrNil is an element of text, or the explicit null where there is none.
func leafOrNil(name string, text string) element {
	if text == "" {
		return element{name: name, attrs: ` xsi:nil="true"`}
	}
	return leaf(name, text)
}

func parent(name string, children ...element) element { return element{name: name, children: children} }

// algorithm is an element of the signature that only names an algorithm.
func algorithm(name, uri string, children ...element) element {
	return element{name: name, attrs: ` Algorithm="` + uri + `"`, children: children}
}

// write appends e; namespaces are put on e itself, and only there.
func (e element) write(b *strings.Builder, namespaces string, canonical bool) {
	b.WriteString("<" + e.name + namespaces + e.attrs)
	if e.text == "" && len(e.children) == 0 && !canonical {
		b.WriteString(" />")
		return
	}
	b.WriteString(">" + escapeXML(e.text))
	for _, child := range e.children {
		child.write(b, "", canonical)
	}
	b.WriteString("</" + e.name + ">")
}

// render is one form of e as a string.
func (e element) render(namespaces string, canonical bool) string {
	var b strings.Builder
	e.write(&b, namespaces, canonical)
	return b.String()
}

// signXML writes root as a file with an enveloped signature as its last child.
func (s signer) signXML(root element) ([]byte, error) {
	digest := sha256.Sum256([]byte(root.render(namespaceXSD+namespaceXSI, true)))
	info := parent("SignedInfo",
		algorithm("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
		algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
		element{name: "Reference", attrs: ` URI=""`, children: []element{
			parent("Transforms", algorithm("Transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature")),
			algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
			leaf("DigestValue", base64.StdEncoding.EncodeToString(digest[:])),
		}})
	raw, err := s.signRSA([]byte(info.render(namespaceDSig+namespaceXSD+namespaceXSI, true)))
	if err != nil {
		return nil, err
	}
	signature := element{name: "Signature", attrs: namespaceDSig, children: []element{
		info, leaf("SignatureValue", base64.StdEncoding.EncodeToString(raw)),
	}}
	root.children = append(root.children[:len(root.children):len(root.children)], signature)
	return []byte(root.render(namespaceXSI+namespaceXSD, false)), nil
}

// escapeXML writes text as canonical XML does; characters that XML cannot carry
// become U+FFFD.
func escapeXML(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r':
			b.WriteString("&#xD;")
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
