package licensefile

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Within the profile the canonical form is injective: it leads back to the
// very tree it was made of.
func TestCanonicalIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newGenerator(rapid.Int().Draw(t, "seed")).document()
		canonical := d.canonical(nil, root, -1, nil)
		again, err := parse(canonical)
		if err != nil {
			t.Fatalf("%s: %v", canonical, err)
		}
		if !sameNodes(again.nodes, d.nodes) {
			t.Fatalf("%s leads to another tree", canonical)
		}
	})
}

// However a document is written, its canonical form is the same.
func TestCanonicalIgnoresSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGenerator(rapid.Int().Draw(t, "seed"))
		d := g.document()
		want := d.canonical(nil, root, -1, nil)
		var b strings.Builder
		g.render(&b, d, root)
		again, err := parse([]byte(b.String()))
		if err != nil {
			t.Fatalf("%s: %v", b.String(), err)
		}
		if got := again.canonical(nil, root, -1, nil); !bytes.Equal(got, want) {
			t.Fatalf("%s has the canonical form\n%s\nwant\n%s", b.String(), got, want)
		}
	})
}

func TestCanonicalLeavesOutTheSignature(t *testing.T) {
	d, err := parse(signed(sampleLicense))
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.signature()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.canonical(nil, root, s.at, nil)); got != sampleLicense {
		t.Errorf("got %s", got)
	}
}

// SignedInfo inherits what the root declares, however the root declares it.
func TestSignedInfoInherits(t *testing.T) {
	for _, declared := range []string{xsdDecl + xsiDecl, xsdDecl, xsiDecl, ""} {
		file := signed(`<slascone_activation_file` + declared + `><a></a></slascone_activation_file>`)
		d, err := load(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.authenticate(testConfig().Key); err != nil {
			t.Errorf("with the declarations %q: %v", declared, err)
		}
	}
}
