package pasted

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// class says what a character is worth in a key.
type class uint8

const (
	kept      class = iota // stands for itself
	blank                  // blanks and line ends of all scripts
	invisible              // what no reader sees
	quote                  // quotation marks
	changed                // another form of an ASCII character
)

// classify returns what r is worth, and the character to read instead of it
// when it is only another form of one.
func classify(r rune) (class, rune) {
	switch {
	case r > ' ' && r < 0x7f && r != '"' && r != '\'' && r != '`':
		return kept, r
	case unicode.IsSpace(r) || r == 0x2800: // the last is an empty Braille cell
		return blank, 0
	case isInvisible(r):
		return invisible, 0
	case isQuote(r):
		return quote, 0
	case isDash(r):
		return changed, '-'
	case r >= 0xff01 && r <= 0xff5e: // full width
		return changed, r - 0xff01 + '!'
	case r >= 0x1d400 && r <= 0x1d6a3: // bold, italic and other letters of mathematics
		return changed, rune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(r-0x1d400)%52])
	case unicode.Is(unicode.Nd, r): // the digits of every script
		return changed, '0' + digitOf(r)
	}
	return kept, r
}

// isInvisible knows controls, the format characters (soft hyphen, zero width,
// bidirectional marks, byte order mark, tags) and what is blank by design though
// Unicode calls it a letter, a mark or a symbol.
func isInvisible(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, 0xfffc:
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Variation_Selector, r)
}

func isQuote(r rune) bool {
	switch r {
	case '"', '\'', '`', 0x00b4, 0x02b9, 0x02ba, 0x02bb, 0x02bc, 0x02bd, 0x02ca, 0x02cb, 0x201a, 0x201e,
		0x2032, 0x2033, 0x2035, 0x2036, 0x275b, 0x275c, 0x275d, 0x275e, 0x300c, 0x300d, 0x300e, 0x300f,
		0x301d, 0x301e, 0x301f, 0xff02, 0xff07, 0xff40, 0xff62, 0xff63:
		return true
	}
	return unicode.Is(unicode.Pi, r) || unicode.Is(unicode.Pf, r)
}

// isDash also knows minus signs and the long vowel mark, which is where a
// Japanese keyboard has its hyphen.
func isDash(r rune) bool {
	switch r {
	case 0x02d7, 0x2043, 0x207b, 0x208b, 0x2212, 0x2500, 0x2501, 0x2796, 0x30fc, 0xff70:
		return true
	}
	return unicode.Is(unicode.Pd, r)
}

// digitOf returns the value of a decimal digit. Unicode keeps those of a script
// together, in order and from zero.
func digitOf(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// next decodes the first character. A byte that is no UTF-8 comes from a
// Windows code page most likely, whose blanks, dashes and quotes are known.
func next(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	switch s[0] {
	case 0xa0, 0xad:
		return rune(s[0]), 1
	case 0x91, 0x92, 0x93, 0x94:
		return '"', 1
	case 0x96, 0x97:
		return 0x2013, 1
	}
	return utf8.RuneError, 1
}

// names of the characters that are met most, in Unicode's words.
var names = map[rune]string{
	0x00a0: "no-break space",
	0x00ad: "soft hyphen",
	0x061c: "Arabic letter mark",
	0x200b: "zero width space",
	0x200c: "zero width non-joiner",
	0x200d: "zero width joiner",
	0x200e: "left-to-right mark",
	0x200f: "right-to-left mark",
	0x2010: "hyphen",
	0x2011: "non-breaking hyphen",
	0x2012: "figure dash",
	0x2013: "en dash",
	0x2014: "em dash",
	0x2015: "horizontal bar",
	0x2018: "left single quotation mark",
	0x2019: "right single quotation mark",
	0x201c: "left double quotation mark",
	0x201d: "right double quotation mark",
	0x2028: "line separator",
	0x2029: "paragraph separator",
	0x202a: "left-to-right embedding",
	0x202b: "right-to-left embedding",
	0x202c: "pop directional formatting",
	0x202d: "left-to-right override",
	0x202e: "right-to-left override",
	0x202f: "narrow no-break space",
	0x2060: "word joiner",
	0x2066: "left-to-right isolate",
	0x2067: "right-to-left isolate",
	0x2068: "first strong isolate",
	0x2069: "pop directional isolate",
	0x2212: "minus sign",
	0x3000: "ideographic space",
	0x30fc: "long vowel mark",
	0xfeff: "byte order mark",
	0xfffc: "object replacement character",
	0xfffd: "replacement character",
}

// describe names a character by its code point and, as far as it goes, in words.
func describe(r rune) string {
	text := fmt.Sprintf("U+%04X", r)
	name, known := names[r]
	c, plain := classify(r)
	switch {
	case known:
	case r < ' ' || r >= 0x7f && r < 0xa0:
		name = "control character"
	case c == changed:
		name = fmt.Sprintf("another form of %q", plain)
	case c == blank:
		name = "blank"
	case c == quote:
		name = "quotation mark"
	case c == invisible:
		name = "invisible character"
	case unicode.Is(unicode.Cyrillic, r):
		name = "Cyrillic letter"
	case unicode.Is(unicode.Greek, r):
		name = "Greek letter"
	case unicode.IsMark(r):
		name = "accent"
	case r > 0x7f && unicode.IsLetter(r):
		name = "letter outside A to Z"
	case strconv.IsPrint(r):
		name = fmt.Sprintf("%q", r)
	default:
		name = "unknown character"
	}
	return text + " " + name
}
