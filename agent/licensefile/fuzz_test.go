package licensefile

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/license"
)

// seeds are documents near the edges of the profile.
func seeds() []string {
	return []string{
		sampleLicense, sampleActivation, short(sampleLicense),
		string(signed(sampleLicense)), string(signed(sampleActivation)),
		`<a/>`, `<a></a >`, `<a b="c" d='e"'/>`, "\uFEFF<?xml version=\"1.0\" encoding='UTF-8' standalone=\"no\" ?>\r\n<a>\r\n</a>\r\n",
		`<a>&lt;&gt;&amp;&quot;&apos;&#13;&#xD;&#x1F600;</a>`, `<a b="&#9;&#10;&#13;&quot;&lt;"/>`,
		`<a` + xsiDecl + xsdDecl + `><b xsi:nil="true"/>text<c/>more</a>`,
		`<a xmlns="x"/>`, `<a><Signature` + dsDecl + `/></a>`, `<a><!-- --></a>`, `<a><![CDATA[x]]></a>`, `<!DOCTYPE a><a/>`, `<?p ?><a/>`,
		`<a b="1" b="2"/>`, `<a:b/>`, `<a>]]></a>`, `<a>&b;</a>`, `<a/><b/>`, `<a/>x`, strings.Repeat("<a>", 40), "<a>\x00</a>", "<a>\uFFFE</a>", "<a>\xff</a>",
	}
}

// FuzzParse: what the parser accepts, encoding/xml reads as the same tree, and
// the canonical form of that tree is a document with the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := parse(data)
		if err != nil {
			return
		}
		want, err := standardTree(data)
		if err != nil {
			t.Fatalf("encoding/xml refuses %q: %v", data, err)
		}
		for i := range want {
			slices.SortFunc(want[i].attrs, compareAttrs)
		}
		if !sameNodes(d.nodes, want) {
			t.Fatalf("%q is read as\n%+v, by encoding/xml as\n%+v", data, d.nodes, want)
		}
		canonical := d.canonical(nil, root, -1, nil)
		again, err := parse(canonical)
		if err != nil {
			t.Fatalf("the canonical form %q of %q is refused: %v", canonical, data, err)
		}
		if !sameNodes(again.nodes, d.nodes) {
			t.Fatalf("%q and its canonical form %q are different trees", data, canonical)
		}
		if twice := again.canonical(nil, root, -1, nil); !bytes.Equal(twice, canonical) {
			t.Fatalf("the canonical form of %q is %q", canonical, twice)
		}
	})
}

func sameNodes(a, b []node) bool {
	return slices.EqualFunc(a, b, func(a, b node) bool {
		return a.name == b.name && a.text == b.text && a.end == b.end && slices.Equal(a.attrs, b.attrs)
	})
}

// FuzzForge: no change of a signed file is accepted unless it says the same,
// and what is accepted is accepted by goxmldsig as well.
func FuzzForge(f *testing.F) {
	license := signed(sampleLicense)
	f.Add(license)
	f.Add(sign(short(sampleLicense), sampleLicense))
	f.Add([]byte("\uFEFF<?xml version=\"1.0\"?>\n" + string(license) + "\r\n"))
	f.Add(bytes.Replace(license, []byte("</SignatureValue>"), []byte("\r\n </SignatureValue>"), 1))
	f.Add(signed(sampleActivation))
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	cfg := testConfig()
	original, err := VerifyLicense(license, cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := VerifyLicense(data, cfg)
		if err != nil {
			if !l.IsZero() {
				t.Fatal("a refused file left a licence")
			}
			return
		}
		if !sameLicense(l, original) {
			t.Fatalf("a forged licence was accepted: %q", data)
		}
	})
}

func sameLicense(a, b license.License) bool {
	return reflect.DeepEqual(a.Terms(), b.Terms()) && a.IssuedAt().Equal(b.IssuedAt())
}

// FuzzSigned signs whatever the fuzzer puts into a licence file: decoding
// anything signed must not panic, and what is accepted must be what goxmldsig
// accepts too.
func FuzzSigned(f *testing.F) {
	_, inner, _ := strings.Cut(sampleLicense, ">")
	f.Add(strings.TrimSuffix(inner, "</slascone_license_file>"))
	f.Add("<modified_date_utc>2026-01-01T00:00:00</modified_date_utc>\n<license_key>k</license_key><product_id>" + productID +
		"</product_id><provisioning_mode>0</provisioning_mode><expiration_date_utc xsi:nil='1'/><x y='&#10;'>&#13;</x>")
	f.Add(`<customer/><features xsi:nil="true"/><limitations/><variables>x</variables><values><values/></values>`)
	f.Fuzz(func(t *testing.T, inner string) {
		source := `<slascone_license_file` + xsdDecl + xsiDecl + `>` + inner + `</slascone_license_file>`
		d, err := parse([]byte(source))
		if err != nil {
			return
		}
		file := sign(source, string(d.canonical(nil, root, -1, nil)))
		cfg := testConfig()
		report, err := Inspect(file, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyLicense(file, cfg); (err == nil) != (report.Err() == nil) {
			t.Fatalf("VerifyLicense says %v, Inspect %v", err, report.Err())
		}
		if len(report.Steps) > int(CheckSignature) && !goxmldsigAccepts(t, file, cfg.Key) {
			t.Fatalf("goxmldsig refuses %q", file)
		}
	})
}
