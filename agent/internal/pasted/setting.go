package pasted

import (
	"strings"
	"unicode/utf8"
)

// Setting reads an ID, key or address of a configuration: without invisible
// characters, and without blanks and one pair of quotes around it. Unlike a
// licence key, it is otherwise left as it is.
func Setting(text string) string {
	if !utf8.ValidString(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch c, _ := classify(r); {
		case c == invisible && r != '\t':
			return -1
		case c == blank && r > 0x7f:
			return ' '
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	for _, pair := range []string{`""`, `''`, "“”", "‘’", "„“", "«»"} {
		open, size := utf8.DecodeRuneInString(pair)
		if inner, ok := strings.CutPrefix(text, string(open)); ok {
			if inner, ok = strings.CutSuffix(inner, pair[size:]); ok {
				return strings.TrimSpace(inner)
			}
		}
	}
	return text
}

// ASCII returns text without invisible characters and with ASCII blanks and
// dashes, and without quotes around it. Line ends stay.
func ASCII(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		r, size := next(text)
		text = text[size:]
		switch c, _ := classify(r); {
		case r < 0x7f && r != 0:
			b.WriteRune(r)
		case c == blank:
			b.WriteByte(' ')
		case c == invisible:
		case r == 0x2014 || r == 0x2015: // what a word processor makes of two hyphens
			b.WriteString("--")
		case isDash(r):
			b.WriteByte('-')
		default:
			b.WriteRune(r)
		}
	}
	return Setting(b.String())
}
