package slascone

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// plainText makes a text from the network fit for a log and a terminal: one
// line of printable characters, at most limit of them, without what may be a
// licence key or a token. A server, or a proxy on the way, can repeat those.
func plainText(text string, limit int) string {
	if most := limit*utf8.UTFMax + longestID; len(text) > most {
		text = text[:most] // nothing behind it can show
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(withoutIDs(text)) {
		if limit--; limit < 0 {
			b.WriteString("…")
			break
		}
		if !strconv.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// longestID is more than the longest UUID that withoutIDs knows has.
const longestID = 64

// withoutIDs takes UUIDs out of a text, in whatever case, with hyphens or without:
// licence keys and tokens are such.
func withoutIDs(text string) string {
	var b strings.Builder
	for text != "" {
		if n := idLength(text); n > 0 {
			b.WriteString("…")
			text = text[n:]
			continue
		}
		b.WriteByte(text[0])
		text = text[1:]
	}
	return b.String()
}

// idLength returns how long the UUID is that a text begins with, 0 when it does
// not.
func idLength(text string) int {
	const all = 32 // digits
	digits := 0
	for i := range min(len(text), longestID) {
		switch c := text[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			if digits++; digits == all {
				return i + 1
			}
		case c == '-' && digits > 0:
		default:
			return 0
		}
	}
	return 0
}
