package licenseui

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed words/*.json
var catalogs embed.FS

// words are the labels of one language, by key.
type words map[string]string

const fallback = "en"

// wordsIn returns the labels in a language of package messages; British English
// has those of American English.
func wordsIn(language string) words {
	for tag := language; tag != ""; tag, _, _ = cutLast(tag, "-") {
		if data, err := catalogs.ReadFile("words/" + tag + ".json"); err == nil {
			var w words
			if json.Unmarshal(data, &w) == nil {
				return w
			}
		}
	}
	return wordsIn(fallback)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// text returns a label with its placeholders filled in: pairs of a name and a
// value.
func (w words) text(key string, pairs ...any) string {
	text := w[key]
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}
