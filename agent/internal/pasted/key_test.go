package pasted

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

const uuidKey = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"

func dashed(s string) string { return strings.ReplaceAll(uuidKey, "-", s) }

func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + 0xff01 }, s)
}

func TestReadKey(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as it is", uuidKey, uuidKey},
		{"letter case is kept", strings.ToUpper(uuidKey), strings.ToUpper(uuidKey)},
		{"blanks around", " \t" + uuidKey + "\r\n", uuidKey},
		{"blanks within", "0e9d1a5c - 7b1f - 4a52 - 8f6e - 2d3c 4b5a 6978", uuidKey},
		{"no-break space within", "0e9d1a5c-\u00a07b1f-4a52-8f6e-2d3c4b5a6978", uuidKey},
		{"zero width space behind", uuidKey + "\u200b", uuidKey},
		{"zero width space within", uuidKey[:12] + "\u200b" + uuidKey[12:], uuidKey},
		{"bidirectional marks", "\u202a\u2068\u200e" + uuidKey + "\u2069\u202c\u200f", uuidKey},
		{"word joiner", "\u2060" + uuidKey + "\u2060", uuidKey},
		{"soft hyphen", uuidKey[:20] + "\u00ad" + uuidKey[20:], uuidKey},
		{"byte order mark", "\ufeff" + uuidKey, uuidKey},
		{"tags and variation selectors", uuidKey[:5] + "\ufe0f\U000e0041" + uuidKey[5:], uuidKey},
		{"Hangul filler", "\u3164" + uuidKey, uuidKey},
		{"controls", "\x00" + uuidKey + "\x1b\x7f", uuidKey},
		{"two lines", uuidKey[:19] + "\r\n" + uuidKey[19:], uuidKey},
		{"line separator", uuidKey[:19] + "\u2028" + uuidKey[19:], uuidKey},
		{"a mail's soft line break", uuidKey[:24] + "=\r\n" + uuidKey[24:], uuidKey},
		{"quotes", `"` + uuidKey + `"`, uuidKey},
		{"typographic quotes", "„" + uuidKey + "“", uuidKey},
		{"guillemets", "« " + uuidKey + " »", uuidKey},
		{"back quotes", "`" + uuidKey + "`", uuidKey},
		{"Japanese quotes", "「" + uuidKey + "」", uuidKey},
		{"non-breaking hyphens", dashed("\u2011"), uuidKey},
		{"en dashes", dashed("–"), uuidKey},
		{"em dashes", dashed("—"), uuidKey},
		{"minus signs", dashed("\u2212"), uuidKey},
		{"small hyphens", dashed("\ufe63"), uuidKey},
		{"figure dashes with blanks", dashed(" \u2012 "), uuidKey},
		{"long vowel marks", dashed("\u30fc"), uuidKey},
		{"full width", wide(uuidKey), uuidKey},
		{"bold letters of mathematics", "\U0001d7ce\U0001d41e" + uuidKey[2:], uuidKey},
		{"Arabic digits", "\u0660" + uuidKey[1:], uuidKey},
		{"a label", "Key: " + uuidKey, uuidKey},
		{"a label in words", "Your licence key is " + uuidKey + ".", uuidKey},
		{"a label and broken lines", "License key:\n" + uuidKey[:19] + "\n" + uuidKey[19:], uuidKey},
		{"braces", "{" + uuidKey + "}", uuidKey},
		{"angle brackets", "<" + uuidKey + ">", uuidKey},
		{"a quoted mail", "> " + uuidKey, uuidKey},
		{"a list", "• " + uuidKey, uuidKey},
		{"bold in Markdown", "**" + uuidKey + "**", uuidKey},
		{"a full stop", uuidKey + ".", uuidKey},
		{"in a link", "https://shop.example/activate?key=" + uuidKey + "&lang=en", uuidKey},
		{"pasted twice", uuidKey + uuidKey, uuidKey},
		{"twice with a line end", uuidKey + "\n" + uuidKey, uuidKey},
		{"Windows code page", "\xa0" + strings.ReplaceAll(uuidKey, "-", "\x96") + "\x94", uuidKey},

		{"a hyphen lost at a line's end", strings.Replace(uuidKey, "-4a52", "\n4a52", 1), uuidKey},
		{"soft hyphens for hyphens", dashed("\u00ad"), uuidKey},
		{"hyphens doubled", dashed("--"), uuidKey},
		{"hyphens elsewhere", "0e9d-1a5c-7b1f-4a52-8f6e-2d3c-4b5a-6978", uuidKey},
		{"beside one that is part of a word", "x" + strings.Replace(uuidKey, "0e", "1e", 1) + " " + uuidKey, uuidKey},
		{"UTF-16", "\xff\xfe" + strings.Join(strings.Split(uuidKey, ""), "\x00") + "\x00\n\x00", uuidKey},
		{"hexadecimal without hyphens", strings.ReplaceAll(uuidKey, "-", ""), strings.ReplaceAll(uuidKey, "-", "")},
		{"another form", "ACME-1234-ABCD", "ACME-1234-ABCD"},
		{"another form with blanks", "ACME 1234 ABCD", "ACME1234ABCD"},
		{"another form with a label", "Serial no.: ACME-1234", "ACME-1234"},
		{"another form with a label without a blank", "licence-key=ACME-1234", "ACME-1234"},
		{"a colon of its own", "ACME:1234", "ACME:1234"},
		{"base64", "QUJDRA==\n", "QUJDRA=="},
		{"a UUID as part of a longer key", "T-" + uuidKey, "T-" + uuidKey},
		{"letters that only look alike stay", "0е9d1a5c", "0е9d1a5c"},
		{"nothing", " \u200b\"\" ", ""},
		{"no text at all", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ReadKey(tt.in).Text; got != tt.want {
				t.Errorf("ReadKey(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTwoKeysAreNotOne(t *testing.T) {
	other := strings.Replace(uuidKey, "0e", "1e", 1)
	if got := ReadKey(uuidKey + "\n" + other).Text; got == uuidKey || got == other {
		t.Errorf("one of two keys was chosen: %q", got)
	}
}

func TestAdvice(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		want, not []string
	}{
		{"plain", uuidKey, []string{shape}, []string{"U+", "instead of 36"}},
		{"invisible", uuidKey + "\u200b", []string{"U+200B zero width space", "taken out"}, nil},
		{"dash", dashed("–"), []string{"U+2013 en dash"}, nil},
		{"full width", wide("0") + uuidKey[1:], []string{`U+FF10 another form of '0'`}, nil},
		{"Cyrillic", "0е9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978", []string{"U+0435 Cyrillic letter", "does not belong"}, nil},
		{"the letter O", "Oe9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978", []string{"U+004F", "perhaps the digit 0"}, nil},
		{"the letter l", "0e9d1a5c-7blf-4a52-8f6e-2d3c4b5a6978", []string{"U+006C", "perhaps the digit 1"}, nil},
		{"one short", uuidKey[1:], []string{"it has 35 characters instead of 36"}, nil},
		{"plain blanks are not odd", " " + uuidKey + "\r\n", []string{shape}, []string{"U+"}},
		{"another form", "ACME-1234", []string{"it has 9 characters"}, []string{"U+004D"}},
		{"many", uuidKey + "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", []string{"2 others"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ReadKey(tt.in).Advice()
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is missing in %q", w, got)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(got, n) {
					t.Errorf("%q is in %q", n, got)
				}
			}
			if strings.Contains(got, ReadKey(tt.in).Text) {
				t.Errorf("the key is in %q", got)
			}
		})
	}
}

// Whatever is mixed into a key that has none of it, the key is read.
func TestReadKeyTakesOutWhatAKeyHasNone(t *testing.T) {
	noise := rapid.SampledFrom([]rune(" \t\n\u00a0\u00ad\u200b\u200e\u202e\u2066\u2060\ufeff\"'“”‚«»\u3000\u3164\ufe0f\u061c"))
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[0-9A-Z]{4,8}(-[0-9A-Z]{4,8}){1,4}`).Draw(t, "key")
		var b strings.Builder
		for _, r := range key {
			b.WriteString(string(rapid.SliceOfN(noise, 0, 2).Draw(t, "noise")))
			b.WriteRune(r)
		}
		if got := ReadKey(b.String()).Text; got != key {
			t.Fatalf("%+q is read as %q, want %q", b.String(), got, key)
		}
	})
}

func FuzzReadKey(f *testing.F) {
	for _, s := range []string{uuidKey, "Key: " + uuidKey, "a: b: c", "key=key=\u200bx", "\xff\xa0", "-=\n-", wide("Key: " + uuidKey)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		k := ReadKey(in)
		if again := ReadKey(k.Text).Text; again != k.Text {
			t.Errorf("%+q is read as %+q, which is read as %+q", in, k.Text, again)
		}
		for _, r := range k.Text {
			if unicode.IsSpace(r) || isInvisible(r) || isQuote(r) || isDash(r) && r != '-' {
				t.Errorf("%+q is left in %+q", r, k.Text)
			}
		}
		if len(k.Text) > 8 && strings.Contains(k.Advice(), k.Text) && !strings.Contains(shape, k.Text) {
			t.Errorf("the key is in the advice %q", k.Advice())
		}
	})
}

func TestSetting(t *testing.T) {
	for in, want := range map[string]string{
		" " + uuidKey + "\r\n":     uuidKey,
		`"` + uuidKey + `"`:        uuidKey,
		"\ufeff" + uuidKey:         uuidKey,
		uuidKey + "\u200b":         uuidKey,
		"“a b”":                    "a b",
		"a\u00a0b":                 "a b",
		`"half`:                    `"half`,
		"\xff":                     "\xff",
		"":                         "",
		`"`:                        `"`,
		"https://a.example/\u2060": "https://a.example/",
	} {
		if got := Setting(in); got != want {
			t.Errorf("Setting(%+q) = %+q, want %+q", in, got, want)
		}
	}
}
