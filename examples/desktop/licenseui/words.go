package licenseui

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed words/*.json
var catalogs embed.FS

// Words are labels in one language, by key.
type Words map[string]string

const fallback = "en"

// WordsIn reads the labels for a language from files words/TAG.json, such as
// words/pt-BR.json; English where there are none for it. An application has its
// own labels in the same languages that way.
func WordsIn(files fs.FS, language string) Words {
	for tag := language; tag != ""; tag = shorter(tag) {
		if data, err := fs.ReadFile(files, "words/"+tag+".json"); err == nil {
			var w Words
			if json.Unmarshal(data, &w) == nil {
				return w
			}
		}
	}
	if language == fallback {
		return Words{}
	}
	return WordsIn(files, fallback)
}

// shorter cuts the last part off a tag: "pt" of "pt-BR", nothing of "pt".
func shorter(tag string) string {
	return tag[:max(strings.LastIndex(tag, "-"), 0)]
}

// Text returns a label with its placeholders filled in: pairs of a name and a
// value.
func (w Words) Text(key string, pairs ...any) string {
	text := w[key]
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}
