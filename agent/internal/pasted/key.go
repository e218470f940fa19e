package pasted

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Key is a licence key as it was meant, and what stood around it.
type Key struct {
	Text string // what to send
	odd  []rune // characters that were taken out or read as others, each once
}

// maxText is how much of a pasted text is looked at, in bytes.
const maxText = 2048

// ReadKey finds the key in what a person typed or pasted. A key has no blanks,
// quotes or invisible characters, so they are taken out wherever they are, lines
// are joined, and dashes, letters and digits of other forms become ASCII. A key
// in the form of a UUID is found within a text ("Your key: <…>."); else a label
// that ends in a colon is taken off. Reading a key that was read changes nothing.
func ReadKey(text string) Key {
	text = text[:min(len(text), maxText)]
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		text = strings.TrimPrefix(text, mark) // of UTF-16, whose NULs are taken out as well
	}
	k := Key{}
	for {
		found := k.read(text)
		if found == text {
			k.Text = found
			return k
		}
		text = found // never longer, and not the same: a label may hide another
	}
}

func (k *Key) read(text string) string {
	line := k.clean(text)
	for _, candidate := range []string{line, strings.ReplaceAll(line, " ", "")} {
		if id, ok := onlyUUID(candidate); ok {
			return id
		}
	}
	line = cutLabel(line)
	line = trimMarks(strings.ReplaceAll(line, " ", ""))
	const softHyphen = 0xad
	if digits := strings.ReplaceAll(line, "-", ""); len(digits) < len(line) || slices.Contains(k.odd, softHyphen) {
		return cmp.Or(hyphenated(digits), line)
	}
	return line
}

// hyphenated returns the UUID of 32 hexadecimal digits, whose hyphens a line's end
// or a soft hyphen took away; empty for anything else.
func hyphenated(digits string) string {
	const count = len(shape) - 4
	if len(digits) != count {
		return ""
	}
	id := digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
	if !isUUID(id) {
		return ""
	}
	return id
}

// clean reads each character; a run of blanks becomes a single one.
func (k *Key) clean(text string) string {
	var b strings.Builder
	gap := false
	for text != "" {
		if rest, ok := softBreak(text); ok && b.Len() > 0 {
			text = rest
			continue
		}
		r, size := next(text)
		text = text[size:]
		c, plain := classify(r)
		if c != kept && r != ' ' && r != '\n' && r != '\r' && r != '\t' && !slices.Contains(k.odd, r) {
			k.odd = append(k.odd, r)
		}
		switch c {
		case blank:
			gap = true
			continue
		case invisible, quote:
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(plain)
	}
	return b.String()
}

// softBreak cuts off "=" and a line end, with which mails break lines that are
// too long. More must follow: a key may end in "=".
func softBreak(text string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(text, "=")
	if !ok {
		return "", false
	}
	rest = strings.TrimPrefix(rest, "\r")
	rest, ok = strings.CutPrefix(rest, "\n")
	return rest, ok && strings.TrimSpace(rest) != ""
}

// cutLabel takes off what is before a colon or an equals sign, when it is
// nothing but words and either ends in "key" (in some languages) or is followed
// by a blank.
func cutLabel(line string) string {
	for {
		i := strings.IndexAny(line, ":=")
		if i < 0 {
			return line
		}
		label, rest := strings.TrimRight(line[:i], " "), line[i+1:]
		if strings.TrimSpace(rest) == "" || strings.ContainsAny(label, "0123456789") || !strings.HasPrefix(rest, " ") && !endsInKey(label) {
			return line
		}
		line = strings.TrimLeft(rest, " ") // which may begin with another
	}
}

func endsInKey(label string) bool {
	label = strings.ToLower(label)
	for _, word := range []string{"key", "license", "licence", "schlüssel", "clé", "clave", "chiave", "chave", "sleutel", "nyckel"} {
		if strings.HasSuffix(label, word) {
			return true
		}
	}
	return false
}

// trimMarks takes off the punctuation that a sentence, a list or a mark-up puts
// around a key.
func trimMarks(s string) string {
	return strings.Trim(s, "<>()[]{}*.,;:!?|\\#-•·")
}

// shape is the form of nearly every key, and what is shown of it.
const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

// onlyUUID returns the UUID in a text, when there is one and no other.
func onlyUUID(text string) (string, bool) {
	found := ""
	for i := 0; i+len(shape) <= len(text); i++ {
		id := text[i : i+len(shape)]
		if !isUUID(id) || i > 0 && joins(text[i-1]) {
			continue
		}
		end := i + len(shape)
		if twice := strings.HasPrefix(text[end:], id); twice {
			end += len(id) // pasted twice
		}
		if end < len(text) && joins(text[end]) {
			continue
		}
		if found != "" && !strings.EqualFold(found, id) {
			return "", false
		}
		found = id
	}
	return found, found != ""
}

func isUUID(s string) bool {
	for i := range len(shape) {
		if dash := shape[i] == '-'; dash && s[i] != '-' || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// joins reports whether a character beside a UUID makes both one word.
func joins(c byte) bool {
	return c == '-' || c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Advice tells a person whose key the server does not know what a key looks
// like, and what was odd about theirs. It does not hold the key.
func (k Key) Advice() string {
	text := "a key usually looks like " + shape + ", of digits and the letters a to f; copy it from the vendor's message instead of typing it"
	var notes []string
	if len(k.odd) > 0 {
		notes = append(notes, "what was entered had "+list(k.odd)+", which was taken out or read as what it stands for")
	}
	if strange := k.strange(); len(strange) > 0 {
		notes = append(notes, "what does not belong in it is "+list(strange))
	}
	if n := len([]rune(k.Text)); n != len(shape) {
		notes = append(notes, fmt.Sprintf("it has %d characters instead of %d", n, len(shape)))
	}
	if len(notes) > 0 {
		text += "; " + strings.Join(notes, "; ")
	}
	return text
}

// strange returns the characters of the key itself that no key of its form has.
func (k Key) strange() (found []rune) {
	like := 0 // characters as in a UUID
	for i := range len(k.Text) {
		if k.Text[i] == '-' || isHex(k.Text[i]) {
			like++
		}
	}
	uuid := strings.Count(k.Text, "-") >= 3 && like*4 >= len(k.Text)*3
	for _, r := range k.Text {
		letter := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if r == '-' || letter && (!uuid || r < 0x80 && isHex(byte(r))) || slices.Contains(found, r) {
			continue
		}
		found = append(found, r)
	}
	return found
}

// list names characters, not too many of them.
func list(runes []rune) string {
	const most = 5
	var texts []string
	for _, r := range runes[:min(len(runes), most)] {
		text := describe(r)
		switch r {
		case 'O', 'o':
			text += " (perhaps the digit 0)"
		case 'l', 'I':
			text += " (perhaps the digit 1)"
		}
		texts = append(texts, text)
	}
	if more := len(runes) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("%d others", more))
	}
	return strings.Join(texts, ", ")
}
