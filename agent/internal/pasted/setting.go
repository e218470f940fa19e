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
