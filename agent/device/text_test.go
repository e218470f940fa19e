package device

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCleanID(f *testing.F) {
	for _, seed := range []string{"", " ", "kiosk-7", "a\x00", "\xff", "a\u202eb", strings.Repeat("x", MaxIDLength+1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		id, err := cleanID("ID", given)
		if err != nil {
			if id != "" {
				t.Fatalf("%q came with %v", id, err)
			}
			if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\n\x1b") {
				t.Fatalf("the error cannot be printed: %q", err)
			}
			return
		}
		if id == "" || utf8.RuneCountInString(id) > MaxIDLength || !strings.Contains(given, id) {
			t.Fatalf("cleanID(%q) = %q", given, id)
		}
		if again, err := cleanID("ID", id); err != nil || again != id {
			t.Fatalf("cleanID(%q) = %q, %v", id, again, err)
		}
	})
}
