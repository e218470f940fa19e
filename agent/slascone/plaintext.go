package slascone

import (
	"strconv"
	"strings"
)

// plainText makes a text from the network fit for a log and a terminal: one
// line of printable characters, at most limit of them.
func plainText(text string, limit int) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
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
