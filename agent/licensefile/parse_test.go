package licensefile

import (
	"strings"
	"testing"
)

func TestParseAccepts(t *testing.T) {
	for source, canonical := range map[string]string{
		`<a/>`:                              `<a></a>`,
		`<a></a >`:                          `<a></a>`,
		"<a\r\n/>":                          `<a></a>`,
		"\uFEFF <a/>\r\n":                   `<a></a>`,
		`<?xml version="1.0"?><a/>`:         `<a></a>`,
		"<?xml version='1.0' ?>\n<a/>":      `<a></a>`,
		`<a>x<b/>y</a>`:                     `<a>x<b></b>y</a>`,
		`<a> <b> </b> </a>`:                 `<a> <b> </b> </a>`,
		"<a>\r\n\r\t\n</a>":                 "<a>\n\n\t\n</a>",
		`<a>&lt;&gt;&amp;&quot;&apos;</a>`:  `<a>&lt;&gt;&amp;"'</a>`,
		`<a>&#60;&#x3E;&#38;&#34;&#39;</a>`: `<a>&lt;&gt;&amp;"'</a>`,
		`<a>&#13;&#xd;&#xD;&#10;&#9;</a>`:   "<a>&#xD;&#xD;&#xD;\n\t</a>",
		`<a>></a>`:                          `<a>&gt;</a>`,
		`<a>]]&gt;]] ></a>`:                 `<a>]]&gt;]] &gt;</a>`,
		`<a b='"' c="'"/>`:                  `<a b="&quot;" c="'"></a>`,
		`<a b="&#9;&#10;&#13; &lt;>"/>`:     `<a b="&#x9;&#xA;&#xD; &lt;>"></a>`,
		`<a c="1" b="2" B="3" _="4"/>`:      `<a B="3" _="4" b="2" c="1"></a>`,
		`<a x="1"` + xsiDecl + ` xsi:nil="0"` + xsdDecl + `/>`: `<a` + xsdDecl + xsiDecl + ` x="1" xsi:nil="0"></a>`,
		`<a>&#x1F600;&#128512;😀&#xFFFD;&#xE000;&#xD7FF;</a>`:   "<a>😀😀😀\uFFFD\uE000\uD7FF</a>",
		"<a>\u007f\u0085\u2028\uFEFF</a>":                      "<a>\u007f\u0085\u2028\uFEFF</a>",
		`<a-b.c_9 x-y.z=""/>`:                                  `<a-b.c_9 x-y.z=""></a-b.c_9>`,
	} {
		d, err := parse([]byte(source))
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		if got := string(d.canonical(nil, root, -1, nil)); got != canonical {
			t.Errorf("the canonical form of %q is %q; want %q", source, got, canonical)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for source, reason := range map[string]string{
		"":                             "does not start with an XML element",
		"{}":                           "does not start with an XML element",
		"<":                            "plain name",
		"<a":                           "malformed tag",
		"<a>":                          "cut short",
		"<a>x":                         "cut short",
		"<a></a":                       "malformed end tag",
		"<a></b>":                      "<a> is closed by </b>",
		"<a><b></a></b>":               "<b> is closed by </a>",
		"</a>":                         "end tag without",
		"<a/><b/>":                     "more after the root",
		"<a/>x":                        "more after the root",
		"< a/>":                        "plain name",
		"<1a/>":                        "plain name",
		"<-a/>":                        "plain name",
		"<é/>":                         "plain name",
		"<a:b/>":                       "malformed tag",
		"<a / >":                       "plain name",
		`<a b/>`:                       "no value",
		`<a b=c/>`:                     "not quoted",
		`<a b="c/>`:                    "does not end",
		`<a b="c'/>`:                   "does not end",
		`<a b="1"c="2"/>`:              "malformed tag",
		`<a b="<"/>`:                   "line end, a tab or a tag",
		"<a b=\"\n\"/>":                "line end, a tab or a tag",
		`<a b="1" b="1"/>`:             "twice",
		`<a b="&c;"/>`:                 "reference",
		`<a b:c="1"/>`:                 "namespace",
		`<a xmlns="urn:x"/>`:           "namespace",
		`<a xml:lang="de"/>`:           "namespace",
		`<a xsi:nil="1"/>`:             "namespace",
		`<a xsd:nil="1"/>`:             "namespace",
		`<a><b` + xsiDecl + `/></a>`:   "namespace",
		`<a>&</a>`:                     "reference",
		`<a>&;</a>`:                    "reference",
		`<a>&b;</a>`:                   "reference",
		`<a>&LT;</a>`:                  "reference",
		`<a>&lt</a>`:                   "reference",
		`<a>&#;</a>`:                   "reference",
		`<a>&#x;</a>`:                  "reference",
		`<a>&#x4@;</a>`:                "reference",
		`<a>&#X41;</a>`:                "reference",
		`<a>&#-1;</a>`:                 "reference",
		`<a>&# 1;</a>`:                 "reference",
		`<a>&#0;</a>`:                  "reference",
		`<a>&#x1F;</a>`:                "reference",
		`<a>&#xD800;</a>`:              "reference",
		`<a>&#xFFFE;</a>`:              "reference",
		`<a>&#x110000;</a>`:            "reference",
		`<a>&#x1000000000000041;</a>`:  "reference",
		`<a>]]></a>`:                   "CDATA",
		`<a><![CDATA[]]></a>`:          "CDATA",
		`<a><!----></a>`:               "comments",
		`<!----><a/>`:                  "comments",
		`<!DOCTYPE a><a/>`:             "document type",
		`<?a?><a/>`:                    "processing instructions",
		`<a><?a?></a>`:                 "processing instructions",
		` <?xml version="1.0"?><a/>`:   "processing instructions",
		`<?xml?><a/>`:                  "malformed XML declaration",
		`<?xml ?><a/>`:                 "plain name",
		`<?xmlversion="1.0"?><a/>`:     "malformed XML declaration",
		`<?xml encoding="utf-8"?><a/>`: "malformed XML declaration",
		`<?xml version="1.0" version="1.0"?><a/>`:                    "malformed XML declaration",
		`<?xml version="1.0"standalone="no"?><a/>`:                   "malformed XML declaration",
		`<?xml version="1.0" standalone="no" encoding="utf-8"?><a/>`: "malformed XML declaration",
		`<?xml version="1.0" x="1"?><a/>`:                            "malformed XML declaration",
		`<?xml version="1&#46;0"?><a/>`:                              "not supported",
		`<?xml version="1.1"?><a/>`:                                  "not supported",
		`<?xml version="1.0" encoding="latin1"?><a/>`:                "not supported",
		`<?xml version="1.0" standalone="maybe"?><a/>`:               "not supported",
		"<a>\x0b</a>":         "control character",
		"<a>\x00</a>":         "control character",
		"<a>\xff</a>":         "not valid UTF-8",
		"<a>\xed\xa0\x80</a>": "not valid UTF-8",
		"<a>\uFFFF</a>":       "does not allow",
		"\xff\xfe<\x00":       "UTF-16",
		"\xfe\xff\x00<":       "UTF-16",
		"<a" + strings.Repeat(` a=""`, maxAttrs+1) + "/>": "more than 16 attributes",
		strings.Repeat("<a>", maxDepth+1):                 "nested more than 32 deep",
	} {
		_, err := parse([]byte(source))
		if err == nil {
			t.Errorf("%q is accepted", source)
		} else if !strings.Contains(err.Error(), reason) {
			t.Errorf("%q is refused with %q; want %q", source, err, reason)
		}
	}
}

// A character is named by digits of its base alone, and is one that XML allows.
func TestReferences(t *testing.T) {
	for name, want := range map[string]rune{
		"lt": '<', "quot": '"', "#65": 'A', "#x41": 'A', "#xe9": 'é', "#xE9": 'é', "#9": '\t', "#xD7FF": 0xD7FF, "#xE000": 0xE000, "#xFFFD": 0xFFFD,
		"#x10FFFF": 0x10FFFF, "#1114111": 0x10FFFF,
	} {
		if got, ok := reference(name); !ok || got != want {
			t.Errorf("&%s; is %q, %t, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{
		"", "nbsp", "#", "#x", "65", "#6a", "#a", "#x4g", "#xg", "#4:", "#x4:", "#x!1", "#-65", "#+65", "#x10FFFG", "#0", "#x0", "#8", "#xD800", "#xDFFF", "#xFFFE", "#xFFFF",
		"#x110000", "#1114112", "#99999999999999999999", "#x 41", "#X41",
	} {
		if got, ok := reference(name); ok {
			t.Errorf("&%s; is taken for %q", name, got)
		}
	}
}
