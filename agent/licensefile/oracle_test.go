package licensefile

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// standardTree reads data with encoding/xml, a second and unrelated parser, in
// the shape of our tree. Namespace prefixes are kept as written.
func standardTree(data []byte) ([]node, error) {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(string(data), "\uFEFF")))
	var (
		nodes []node
		open  []int
	)
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nodes, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := node{name: token.Name.Local, end: len(nodes) + 1}
			for _, a := range token.Attr {
				n.attrs = append(n.attrs, attr{a.Name.Space, a.Name.Local, a.Value})
			}
			open = append(open, len(nodes))
			nodes = append(nodes, n)
		case xml.EndElement:
			nodes[open[len(open)-1]].end = len(nodes)
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				nodes = append(nodes, node{text: string(token), end: len(nodes) + 1})
			}
		}
	}
}

// goxmldsigAccepts reports whether the goxmldsig library verifies data.
func goxmldsigAccepts(t testing.TB, data []byte, key *rsa.PublicKey) bool {
	t.Helper()
	doc := etree.NewDocument()
	if doc.ReadFromBytes(data) != nil || doc.Root() == nil {
		return false
	}
	cert := &x509.Certificate{
		PublicKey: key, PublicKeyAlgorithm: x509.RSA,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	_, err := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}}).Validate(doc.Root())
	return err == nil
}
