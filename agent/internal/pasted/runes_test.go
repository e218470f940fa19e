package pasted

import (
	"strings"
	"testing"
	"unicode"
)

func TestASCIIStays(t *testing.T) {
	for r := rune(0); r < 0x80; r++ {
		c, plain := classify(r)
		want := kept
		switch {
		case strings.ContainsRune(" \t\n\v\f\r", r):
			want = blank
		case r < ' ' || r == 0x7f:
			want = invisible
		case strings.ContainsRune("\"'`", r):
			want = quote
		}
		if c != want || want == kept && plain != r {
			t.Errorf("%q is %d, %q", r, c, plain)
		}
	}
}

func TestOtherForms(t *testing.T) {
	for r := '!'; r <= '~'; r++ {
		if strings.ContainsRune("\"'`-", r) {
			continue
		}
		if c, plain := classify(r - '!' + 0xff01); c != changed || plain != r {
			t.Errorf("%q in full width is %d, %q", r, c, plain)
		}
	}
	zeros := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.Is(unicode.Nd, r) || r >= 0x1d7ce && r <= 0x1d7ff {
			continue // the digits of mathematics are five times ten in a row
		}
		c, plain := classify(r)
		if c != changed || plain < '0' || plain > '9' {
			t.Errorf("%U is %d, %q", r, c, plain)
		}
		if plain == '0' {
			zeros++
			for i := range rune(10) {
				if _, p := classify(r + i); p != '0'+i {
					t.Errorf("%U is %q", r+i, p)
				}
			}
		}
	}
	if zeros < 60 {
		t.Errorf("the digits of %d scripts", zeros)
	}
	for want, first := range map[rune]rune{'A': 0x1d400, 'a': 0x1d41a, 'Z': 0x1d419, 'z': 0x1d433, '0': 0x1d7ce, '9': 0x1d7ff} {
		if _, p := classify(first); p != want {
			t.Errorf("%U is %q, want %q", first, p, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for c := range 256 {
		hex := c < 0x80 && strings.ContainsRune("0123456789abcdefABCDEF", rune(c))
		if isHex(byte(c)) != hex {
			t.Errorf("isHex(%q)", rune(c))
		}
		word := c >= 0x80 || c == '-' || c == '_' || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
		if joins(byte(c)) != word {
			t.Errorf("joins(%q)", rune(c))
		}
	}
}

func TestDescribe(t *testing.T) {
	for r, want := range map[rune]string{
		0x1: "U+0001 control character", 0x85: "U+0085 control character", 0x200b: "U+200B zero width space", 0x2003: "U+2003 blank",
		0x3b1: "U+03B1 Greek letter", 0x430: "U+0430 Cyrillic letter", 0x301: "U+0301 accent", 0x4e00: "U+4E00 letter outside A to Z",
		'?': "U+003F '?'", 0xe000: "U+E000 unknown character", 0xff11: "U+FF11 another form of '1'", 0x2039: "U+2039 quotation mark", 0x2061: "U+2061 invisible character",
	} {
		if got := describe(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
