package licensefile

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxSize is the size of the largest file that is read, in bytes.
const MaxSize = 1 << 20

// The only algorithms of the profile.
const (
	c14nAlgorithm      = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	signatureAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	envelopedAlgorithm = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	digestAlgorithm    = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// A signature is what a Signature element says, read in the one shape that is
// accepted.
type signature struct {
	at         int // the Signature element
	signedInfo int // the SignedInfo element
	digest     []byte
	value      []byte
}

// verify checks that the whole document but its signature was signed with key.
func (d *document) verify(key *rsa.PublicKey) error {
	s, err := d.signature()
	if err != nil {
		return err
	}
	buf := make([]byte, 0, d.size())
	info := sha256.Sum256(d.canonical(buf, s.signedInfo, -1, d.scope(s.at)))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, info[:], s.value); err != nil {
		return errors.New("the signature was not made with this vendor's key, or was changed; get the file again from where it was issued")
	}
	if content := sha256.Sum256(d.canonical(buf, root, s.at, nil)); !bytes.Equal(content[:], s.digest) {
		return errors.New("the content was changed after it was signed; use the file exactly as it was issued")
	}
	return nil
}

// scope returns the namespace declarations that a child of the element at, which
// is a child of the root, inherits. They are part of the canonical form of
// SignedInfo, which is canonicalised where it stands.
func (d *document) scope(at int) []attr {
	declared := make([]attr, 0, 3)
	for _, e := range [...]int{at, root} {
		for _, a := range d.nodes[e].attrs {
			if a.rank() <= 1 {
				declared = append(declared, a)
			}
		}
	}
	return declared
}

// size estimates the length of the canonical form.
func (d *document) size() int {
	n := 0
	for i := range d.nodes {
		n += 2*len(d.nodes[i].name) + len(d.nodes[i].text) + 5 + 48*len(d.nodes[i].attrs)
	}
	return n
}

var errUnsigned = errors.New("the file is not signed; choose the signed file as it was issued")

// signature finds the document's Signature and reads it. Each element must be
// the one that is expected, with the expected attributes and nothing more.
func (d *document) signature() (signature, error) {
	found := 0
	for i := range d.nodes {
		if d.nodes[i].name == "Signature" {
			found++
		}
	}
	switch {
	case found == 0:
		return signature{}, errUnsigned
	case found > 1:
		return signature{}, errors.New("the file holds more than one signature")
	}
	last := -1
	for i := range d.children(root) {
		if d.nodes[i].name != "" {
			last = i
		}
	}
	if last < 0 || d.nodes[last].name != "Signature" {
		return signature{}, errors.New("the signature is not the last element under the root")
	}

	r := signatureReader{d: d}
	s := signature{at: last}
	top := r.children(last, attr{"", "xmlns", dsURI}, "SignedInfo", "SignatureValue")
	s.signedInfo = top[0]
	info := r.children(top[0], attr{}, "CanonicalizationMethod", "SignatureMethod", "Reference")
	r.algorithm(info[0], c14nAlgorithm)
	r.algorithm(info[1], signatureAlgorithm)
	reference := r.children(info[2], attr{"", "URI", ""}, "Transforms", "DigestMethod", "DigestValue")
	transforms := r.children(reference[0], attr{}, "Transform")
	r.algorithm(transforms[0], envelopedAlgorithm)
	r.algorithm(reference[1], digestAlgorithm)
	s.digest = r.base64(reference[2])
	s.value = r.base64(top[1])
	if r.err != nil {
		return signature{}, r.err
	}
	return s, nil
}

// A signatureReader reads elements of exactly known shape; its first error
// stays.
type signatureReader struct {
	d   *document
	err error
}

func (r *signatureReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// children returns the children of the element at, which must have the one
// attribute only (none when it is zero) and children of exactly these names in
// this order, with nothing but white space between them.
func (r *signatureReader) children(at int, only attr, names ...string) []int {
	found := make([]int, len(names))
	if r.err != nil {
		return found
	}
	r.attributes(at, only)
	n := 0
	for i := range r.d.children(at) {
		c := &r.d.nodes[i]
		switch {
		case c.name == "":
			if !isBlank(c.text) {
				r.fail("the signature's %s holds text", r.d.nodes[at].name)
			}
		case c.name == "KeyInfo":
			r.fail("the signature brings a key of its own; only the application's key counts")
		case n == len(names) || c.name != names[n]:
			r.fail("the signature has an unexpected or misplaced %s", c.name)
		default:
			found[n] = i
			n++
		}
		if r.err != nil {
			return found
		}
	}
	if n < len(names) {
		r.fail("the signature lacks its %s", names[n])
	}
	return found
}

func (r *signatureReader) attributes(at int, only attr) {
	want := []attr{only}
	if only == (attr{}) {
		want = nil
	}
	if e := &r.d.nodes[at]; !slices.Equal(e.attrs, want) {
		r.fail("the signature's %s has unexpected or missing attributes", e.name)
	}
}

// algorithm requires the empty element at to name the algorithm.
func (r *signatureReader) algorithm(at int, name string) {
	if r.err != nil {
		return
	}
	if e := &r.d.nodes[at]; !slices.Equal(e.attrs, []attr{{"", "Algorithm", name}}) {
		r.fail("the signature's %s is not the accepted one, %s", e.name, name)
	}
	r.children(at, attr{"", "Algorithm", name})
}

// base64 returns the bytes that the text of the element at stands for. White
// space may stand in it, as XML's base64Binary allows.
func (r *signatureReader) base64(at int) []byte {
	if r.err != nil {
		return nil
	}
	r.attributes(at, attr{})
	e := &r.d.nodes[at]
	if e.end != at+2 || r.d.nodes[at+1].name != "" {
		r.fail("the signature's %s is not a text", e.name)
		return nil
	}
	text := strings.Map(func(c rune) rune {
		if c < ' ' || c == ' ' {
			return -1
		}
		return c
	}, r.d.nodes[at+1].text)
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		r.fail("the signature's %s is not base64", e.name)
	}
	return b
}
