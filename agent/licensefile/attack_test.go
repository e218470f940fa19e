package licensefile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The attacks on XML signatures that are known by name. Wherever an attacker
// could get the vendor's signature over the text, the test signs it with the
// vendor's key: then only the profile stands in the way.

func attack(t *testing.T, file []byte, want Check) {
	t.Helper()
	l, err := VerifyLicense(file, testConfig())
	wantCheck(t, err, want)
	if !l.IsZero() {
		t.Error("a refused file left a licence")
	}
}

const signatureStart = "<Signature "

// split returns a signed sample in three parts: up to the Signature, the
// Signature, the root's end tag.
func split(t *testing.T) (body, signature, end string) {
	t.Helper()
	file := string(signed(sampleLicense))
	at, last := strings.Index(file, signatureStart), strings.LastIndex(file, "</")
	return file[:at], file[at:last], file[last:]
}

func inner(canonical string) string {
	_, inner, _ := strings.Cut(canonical, ">")
	return inner[:strings.LastIndex(inner, "</")]
}

func TestAttackTamperedValue(t *testing.T) {
	attack(t, bytes.Replace(signed(sampleLicense), []byte("<value>1000<"), []byte("<value>9000<"), 1), CheckSignature)
}

func TestAttackTamperedDigest(t *testing.T) {
	// The digest fits the forged content, SignedInfo's own signature no longer
	// fits the digest.
	forged := edit(t, sampleLicense, "<value>1000<", "<value>9000<")
	body, signature, end := split(t)
	body = edit(t, body, "<value>1000<", "<value>9000<")
	attack(t, []byte(body+edit(t, signature, digestOf(sampleLicense), digestOf(forged))+end), CheckSignature)
}

func TestAttackWrappedInAnotherRoot(t *testing.T) {
	forged := edit(t, sampleLicense, "<value>1000<", "<value>9000<")
	genuine := string(signed(sampleLicense))
	attack(t, []byte(strings.Replace(forged, "<modified_date_utc>", genuine+"<modified_date_utc>", 1)), CheckFormat) // xmlns away from the root

	nested := strings.Replace(genuine, xsdDecl+xsiDecl, "", 1)
	attack(t, []byte(strings.Replace(forged, "<modified_date_utc>", nested+"<modified_date_utc>", 1)), CheckFormat) // Signature too deep
	nested = strings.Replace(nested, dsDecl, "", 1)
	attack(t, []byte(strings.Replace(forged, "<modified_date_utc>", nested+"<modified_date_utc>", 1)), CheckSignature)
}

func TestAttackWrappedInsideSignature(t *testing.T) {
	// The original is hidden in an Object of its own signature.
	body, signature, end := split(t)
	hidden := "<Object><slascone_license_file>" + inner(sampleLicense) + "</slascone_license_file></Object></Signature>"
	forged := strings.Replace(body, "<value>1000<", "<value>9000<", 1)
	attack(t, []byte(forged+strings.Replace(signature, "</Signature>", hidden, 1)+end), CheckSignature)
}

func TestAttackReferenceToAnElement(t *testing.T) {
	// One signed element by ID, everything else unsigned.
	for _, uri := range []string{"#a", "#xpointer(/)", "http://example.com/", " "} {
		attack(t, bytes.Replace(signed(sampleLicense), []byte(`URI=""`), []byte(`URI="`+uri+`"`), 1), CheckSignature)
	}
	attack(t, bytes.Replace(signed(sampleLicense), []byte(` URI=""`), nil, 1), CheckSignature)
}

func TestAttackSecondSignature(t *testing.T) {
	body, signature, end := split(t)
	attack(t, []byte(body+signature+signature+end), CheckSignature)
	// The second one anywhere, under any cover, and signed over.
	for _, cover := range []string{"<Signature></Signature>", "<extra><Signature></Signature></extra>"} {
		attack(t, signed(edit(t, sampleLicense, "<freeride>", cover+"<freeride>")), CheckSignature)
	}
}

func TestAttackSecondReference(t *testing.T) {
	body, signature, end := split(t)
	at, after := strings.Index(signature, "<Reference"), strings.Index(signature, "</SignedInfo>")
	attack(t, []byte(body+signature[:after]+signature[at:after]+signature[after:]+end), CheckSignature)
	attack(t, []byte(body+signature[:at]+signature[after:]+end), CheckSignature) // none
}

func TestAttackSecondSignedInfo(t *testing.T) {
	body, signature, end := split(t)
	at, after := strings.Index(signature, "<SignedInfo"), strings.Index(signature, "<SignatureValue")
	attack(t, []byte(body+signature[:after]+signature[at:after]+signature[after:]+end), CheckSignature)
}

func TestAttackMovedSignature(t *testing.T) {
	body, signature, end := split(t)
	opening := strings.Index(body, ">") + 1
	attack(t, []byte(body[:opening]+signature+body[opening:]+end), CheckSignature)
	attack(t, []byte(body+end+signature), CheckFormat)
	attack(t, []byte(body[:opening]+"<extra>"+signature+"</extra>"+body[opening:]+end), CheckFormat)
	// Moved to the front, and an empty one in its place.
	attack(t, []byte(body[:opening]+signature+body[opening:]+"<Signature></Signature>"+end), CheckSignature)
}

func TestAttackNoSignature(t *testing.T) {
	attack(t, []byte(sampleLicense), CheckSignature)
	body, _, end := split(t)
	attack(t, []byte(body+"<Signature"+dsDecl+"></Signature>"+end), CheckSignature)
	attack(t, []byte(body+"<Signature></Signature>"+end), CheckSignature)
}

func TestAttackEmptySignatureValue(t *testing.T) {
	body, signature, end := split(t)
	at, after := strings.Index(signature, "<SignatureValue>")+16, strings.Index(signature, "</SignatureValue>")
	for _, value := range []string{"", "AA==", "!!!!", signature[at:after-4] + "====", signature[at:after] + "AAAA", "<b></b>"} {
		attack(t, []byte(body+signature[:at]+value+signature[after:]+end), CheckSignature)
	}
}

func TestAttackCommentInsideValue(t *testing.T) {
	// Canonical XML leaves comments out, so the signature holds; a reader of the
	// first text alone would see another value.
	attack(t, sign(edit(t, sampleLicense, "<value>1000<", "<value>1<!-- -->000<"), sampleLicense), CheckFormat)
	attack(t, append([]byte("<!-- -->"), signed(sampleLicense)...), CheckFormat)
	attack(t, append(signed(sampleLicense), []byte("<!-- -->")...), CheckFormat)
}

func TestAttackProcessingInstruction(t *testing.T) {
	attack(t, append([]byte(`<?xml-stylesheet href="x"?>`), signed(sampleLicense)...), CheckFormat)
	attack(t, signed(edit(t, sampleLicense, "<value>1000<", "<value>1<?x ?>000<")), CheckFormat)
	attack(t, append(signed(sampleLicense), []byte("<?x ?>")...), CheckFormat)
}

func TestAttackCDATA(t *testing.T) {
	attack(t, sign(edit(t, sampleLicense, "<value>1000<", "<value><![CDATA[1000]]><"), sampleLicense), CheckFormat)
}

func TestAttackEntity(t *testing.T) {
	const dtd = `<!DOCTYPE slascone_license_file [<!ENTITY n "9000">]>`
	attack(t, append([]byte(dtd), sign(edit(t, sampleLicense, "<value>1000<", "<value>&n;<"), sampleLicense)...), CheckFormat)
	attack(t, sign(edit(t, sampleLicense, "<value>1000<", "<value>&n;<"), sampleLicense), CheckFormat)
	const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	attack(t, append([]byte(bomb), signed(sampleLicense)...), CheckFormat)
	attack(t, append([]byte(`<!DOCTYPE x SYSTEM "file:///etc/passwd">`), signed(sampleLicense)...), CheckFormat)
}

func TestAttackNamespaceGames(t *testing.T) {
	for name, change := range map[string][2]string{
		"default namespace on a field":  {"<freeride>", `<freeride xmlns="urn:x">`},
		"default namespace undone":      {"<freeride>", `<freeride xmlns="">`},
		"default namespace on the root": {"<slascone_license_file", `<slascone_license_file xmlns="urn:x"`},
		"prefixed field":                {"<freeride>14</freeride>", "<xsi:freeride>14</xsi:freeride>"},
		"own prefix":                    {"<freeride>", `<freeride xmlns:a="urn:x">`},
		"own prefix on the root":        {xsdDecl, xsdDecl + ` xmlns:z="urn:x"`},
		"xsi means another thing":       {xsiDecl, ` xmlns:xsi="urn:x"`},
		"xsd means xsi":                 {xsdDecl, ` xmlns:xsd="http://www.w3.org/2001/XMLSchema-instance"`},
		"xsi declared again":            {"<freeride>", `<freeride` + xsiDecl + `>`},
		"xsi declared twice":            {xsiDecl, xsiDecl + xsiDecl},
		"xsi not declared":              {xsiDecl, ""},
		"xml:base":                      {"<freeride>", `<freeride xml:base="x">`},
		"xml:space on the root":         {xsiDecl, xsiDecl + ` xml:space="preserve"`},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, signed(strings.Replace(sampleLicense, change[0], change[1], 1)), CheckFormat)
		})
	}
	body, signature, end := split(t)
	for name, other := range map[string]string{
		"prefixed signature":    strings.NewReplacer("</", "</ds:", "<", "<ds:", "xmlns=", "xmlns:ds=").Replace(signature),
		"namespace within":      strings.Replace(signature, "<SignedInfo>", "<SignedInfo"+dsDecl+">", 1),
		"another namespace":     strings.Replace(signature, dsDecl, ` xmlns="urn:x"`, 1),
		"other namespace below": strings.Replace(signature, "<Reference ", `<Reference xmlns="urn:x" `, 1),
	} {
		t.Run(name, func(t *testing.T) { attack(t, []byte(body+other+end), CheckFormat) })
	}
	t.Run("no namespace", func(t *testing.T) {
		attack(t, []byte(body+strings.Replace(signature, dsDecl, "", 1)+end), CheckSignature)
	})
}

func TestAttackRootSwap(t *testing.T) {
	// A genuine activation file is signed with the same key.
	attack(t, signed(sampleActivation), CheckRoot)
	attack(t, bytes.ReplaceAll(signed(sampleActivation), []byte("slascone_activation_file"), []byte("slascone_license_file")), CheckSignature)
	attack(t, signed(strings.ReplaceAll(sampleLicense, "slascone_license_file", "Slascone_License_File")), CheckRoot)
	attack(t, bytes.ReplaceAll(signed(sampleLicense), []byte("slascone_license_file"), []byte("Slascone_License_File")), CheckSignature)
}

func TestAttackAlgorithmDowngrade(t *testing.T) {
	file := string(signed(sampleLicense))
	for old, others := range map[string][]string{
		signatureAlgorithm: {
			"http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
			"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
			"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "",
		},
		digestAlgorithm: {"http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha512", ""},
		c14nAlgorithm: {
			"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2006/12/xml-c14n11",
			"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", "",
		},
		envelopedAlgorithm: {
			"http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/TR/1999/REC-xpath-19991116",
			"http://www.w3.org/2000/09/xmldsig#base64", c14nAlgorithm, "",
		},
	} {
		for _, other := range others {
			attack(t, []byte(edit(t, file, `"`+old+`"`, `"`+other+`"`)), CheckSignature)
		}
	}
}

func TestAttackHMACWithPublicKey(t *testing.T) {
	// The classic confusion: HMAC keyed with the published key. The algorithm
	// is refused whatever the value is.
	body, signature, end := split(t)
	signature = edit(t, signature, signatureAlgorithm, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
	signature = strings.Replace(signature, "<SignatureMethod ", "<SignatureMethod HMACOutputLength=\"8\" ", 1)
	attack(t, []byte(body+signature+end), CheckSignature)
}

func TestAttackTransforms(t *testing.T) {
	file := string(signed(sampleLicense))
	const transform = `<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>`
	for _, other := range []string{
		transform + transform,
		transform + `<Transform Algorithm="` + c14nAlgorithm + `"></Transform>`,
		strings.Replace(transform, "></", "><XPath>/x</XPath></", 1),
		strings.Replace(transform, "></", ">x</", 1),
		"",
	} {
		attack(t, []byte(edit(t, file, transform, other)), CheckSignature)
	}
	attack(t, []byte(edit(t, file, "<Transforms>"+transform+"</Transforms>", "")), CheckSignature)
}

func TestAttackOwnKey(t *testing.T) {
	body, signature, end := split(t)
	for _, info := range []string{
		"<KeyInfo><KeyValue><RSAKeyValue><Modulus>AQ==</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue></KeyInfo>",
		"<KeyInfo></KeyInfo>",
	} {
		for _, before := range []string{"</Signature>", "<SignatureValue>", "<SignedInfo>"} {
			attack(t, []byte(body+edit(t, signature, before, info+before)+end), CheckSignature)
		}
	}
	_, err := VerifyLicense([]byte(body+edit(t, signature, "</Signature>", "<KeyInfo></KeyInfo></Signature>")+end), testConfig())
	if !strings.Contains(err.Error(), "only the application's key counts") {
		t.Errorf("a key in the file is refused with %q", err)
	}
}

func TestAttackJunkInSignature(t *testing.T) {
	file := string(signed(sampleLicense))
	for _, change := range [][2]string{
		{"</Signature>", "<Object></Object></Signature>"},
		{"</Signature>", "x</Signature>"},
		{"</SignedInfo>", "<Other></Other></SignedInfo>"},
		{"<Signature ", `<Signature Id="a" `},
		{"<SignedInfo>", `<SignedInfo Id="a">`},
		{"<SignatureValue>", `<SignatureValue Id="a">`},
		{"<SignatureValue>", `<SignatureValue xsi:nil="false">`},
		{"<DigestValue>", `<DigestValue xsi:nil="true">`},
		{"<Reference ", `<Reference Type="x" `},
		{"<SignedInfo>", "<SignedInfo>x"},
	} {
		attack(t, []byte(edit(t, file, change[0], change[1])), CheckSignature)
	}
}

func TestAttackDuplicateFields(t *testing.T) {
	// Every field that stands once: a reader that takes the first and one that
	// takes the last must not disagree, so neither is taken.
	d, err := parse([]byte(sampleLicense))
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]bool{"features": true, "limitations": true, "constrained_variables": true, "variables": true, "license_users": true, "values": true}
	var within func(at int, path string)
	n := 0
	within = func(at int, path string) {
		for i := range d.children(at) {
			name := d.nodes[i].name
			if name == "" {
				continue
			}
			if !lists[name] && path+name != "software_release_limitation/id" && path+name != "software_release_limitation/product_id" {
				n++
				double := &document{nodes: duplicate(d.nodes, i)}
				attack(t, signed(string(double.canonical(nil, root, -1, nil))), CheckContent)
			}
			within(i, path+name+"/")
		}
	}
	within(root, "")
	if n < 60 {
		t.Errorf("only %d fields were doubled", n)
	}
}

// duplicate returns nodes with the element at twice in a row.
func duplicate(nodes []node, at int) []node {
	size := nodes[at].end - at
	out := append([]node{}, nodes[:nodes[at].end]...)
	for _, n := range nodes[at:] {
		n.end += size
		out = append(out, n)
	}
	for i := range at {
		if out[i].end > at {
			out[i].end += size
		}
	}
	return out
}

func TestAttackHugeNumbers(t *testing.T) {
	for _, change := range [][2]string{
		{"<freeride>14<", "<freeride>99999999999999999999<"},
		{"<freeride>14<", "<freeride>2147483648<"},
		{"<freeride>14<", "<freeride>0x10<"},
		{"<freeride>14<", "<freeride>1_000<"},
		{"<freeride>14<", "<freeride>1e3<"},
		{"<freeride>14<", "<freeride> 14<"},
		{"<freeride>14<", "<freeride>١٤<"},
		{"<freeride>14<", "<freeride><"},
		{"<value>1000<", "<value>1e999999999<"},
		{"<value>1000<", "<value>1e-999999999<"},
		{"<value>1000<", "<value>" + strings.Repeat("9", 1000) + "<"},
		{"<value>1000<", "<value>NaN<"},
		{"<value>1000<", "<value>Infinity<"},
		{"<value>1000<", "<value><"},
		{"<provisioning_mode>1<", "<provisioning_mode>4294967297<"},
		{"<is_temporary>false<", "<is_temporary>FALSE<"},
		{"<start_date_utc>2025-01-01T00:00:00Z<", "<start_date_utc>99999-01-01T00:00:00Z<"},
		{"<start_date_utc>2025-01-01T00:00:00Z<", "<start_date_utc>01/02/2025<"},
		{"<expiration_date_utc>2027-01-01T00:00:00Z<", "<expiration_date_utc>0001-01-01T00:00:00<"},
		{"<expiration_date_utc>2026-12-01T00:00:00Z<", "<expiration_date_utc>0001-01-01T00:00:00Z<"},
		{"<expiration_date_utc>2027-01-01T00:00:00Z<", "<expiration_date_utc><"},
	} {
		attack(t, signed(edit(t, sampleLicense, change[0], change[1])), CheckContent)
	}
}

func TestAttackDeepNesting(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("<x>", n) + strings.Repeat("</x>", n) }
	ok := edit(t, sampleLicense, "<freeride>", nest(maxDepth-1)+"<freeride>")
	if _, err := VerifyLicense(signed(ok), testConfig()); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
	attack(t, signed(edit(t, sampleLicense, "<freeride>", nest(maxDepth)+"<freeride>")), CheckFormat)
	attack(t, []byte(strings.Repeat("<x>", MaxSize/3)), CheckFormat)
}

func TestAttackManyAttributes(t *testing.T) {
	var many strings.Builder
	for i := range 90_000 {
		fmt.Fprintf(&many, ` a%d=""`, i)
	}
	attack(t, []byte("<slascone_license_file"+many.String()+"></slascone_license_file>"), CheckFormat)
	attack(t, signed(edit(t, sampleLicense, "<freeride>", `<x a="1" b="2" a="1"></x><freeride>`)), CheckFormat)
}

func TestAttackNullWithValue(t *testing.T) {
	for _, change := range [][2]string{
		{"<freeride>", `<freeride xsi:nil="true">`},
		{"<freeride>", `<freeride xsi:nil="TRUE">`},
		{"<freeride>", `<freeride nil="true">`},
		{"<freeride>", `<freeride xsi:type="xsd:int">`},
		{"<freeride>", `<freeride a="b" xsi:nil="false">`},
		{"<customer>", `<customer xsi:nil="1">`},
		{`<value xsi:nil="true"></value>`, `<value xsi:nil="true"> </value>`},
	} {
		attack(t, signed(edit(t, sampleLicense, change[0], change[1])), CheckContent)
	}
	if _, err := VerifyLicense(signed(edit(t, sampleLicense, "<freeride>", `<freeride xsi:nil="false">`)), testConfig()); err != nil {
		t.Error(err)
	}
}

func TestAttackMixedContent(t *testing.T) {
	for _, change := range [][2]string{
		{"<freeride>14<", "<freeride>1<x></x>4<"},
		{"<freeride>14<", "<freeride><x>14</x><"},
		{"<customer>", "<customer>x"},
		{"<freeride>", "x<freeride>"},
		{"<session_period>", "\u00A0<session_period>"},
	} {
		attack(t, signed(edit(t, sampleLicense, change[0], change[1])), CheckContent)
	}
}

func TestAttackEncodings(t *testing.T) {
	file := signed(sampleLicense)
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range string(file) {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	attack(t, utf16, CheckFormat)
	attack(t, append([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?>`), file...), CheckFormat)
	attack(t, append([]byte(`<?xml version="1.0" encoding="UTF-7"?>`), file...), CheckFormat)
	attack(t, append([]byte(`<?xml version="1.1"?>`), file...), CheckFormat)
	attack(t, bytes.Replace(file, []byte("ü"), []byte{0xFC}, 1), CheckFormat)               // Latin-1
	attack(t, bytes.Replace(file, []byte("Theme"), []byte("The\xC1\xADe"), 1), CheckFormat) // overlong
	attack(t, bytes.Replace(file, []byte("Theme"), []byte("The\x00me"), 1), CheckFormat)
	attack(t, append([]byte("\uFEFF\uFEFF"), file...), CheckFormat)
}

func TestAttackTrailingData(t *testing.T) {
	file := signed(sampleLicense)
	for _, junk := range []string{"x", "<a></a>", "\x00", "\uFEFF", string(file)} {
		attack(t, append(bytes.Clone(file), junk...), CheckFormat)
	}
	attack(t, append([]byte("x"), file...), CheckFormat)
	attack(t, file[:len(file)-1], CheckFormat)
	attack(t, file[:len(file)/2], CheckFormat)
}

// What mail programs and editors add to an honest file.
func TestHonestChanges(t *testing.T) {
	file := string(signed(sampleLicense))
	value := strings.Index(file, "<SignatureValue>") + 16
	for name, changed := range map[string]string{
		"byte order mark":        "\uFEFF" + file,
		"line feed at the end":   file + "\n",
		"CR LF at the end":       file + "\r\n",
		"declaration":            `<?xml version="1.0" encoding="utf-8"?>` + file,
		"declaration, own line":  "\uFEFF<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n" + file + "\r\n",
		"wrapped signature":      file[:value] + "\r\n" + file[value:value+76] + "\r\n  " + file[value+76:],
		"short empty elements":   short(file),
		"white space in tags":    strings.NewReplacer("</freeride>", "</freeride >", "<freeride>", "<freeride\n>").Replace(file),
		"other quotes":           strings.ReplaceAll(file, `xsi:nil="true"`, `xsi:nil = 'true'`),
		"attributes reordered":   strings.Replace(file, xsdDecl+xsiDecl, xsiDecl+xsdDecl, 1),
		"characters as numbers":  strings.Replace(file, "Müller", "M&#252;&#x6C;ler", 1),
		"characters not escaped": strings.Replace(file, "Theme", "&#84;heme", 1),
	} {
		t.Run(name, func(t *testing.T) {
			want, err := VerifyLicense([]byte(file), testConfig())
			if err != nil {
				t.Fatal(err)
			}
			l, err := VerifyLicense([]byte(changed), testConfig())
			if err != nil {
				t.Fatal(err)
			}
			if !sameLicense(l, want) {
				t.Errorf("reads %+v", l.Terms())
			}
		})
	}
}
