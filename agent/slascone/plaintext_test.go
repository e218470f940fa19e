package slascone

import "testing"

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " a\n": "a", "a\tb\r\nc": "a b  c", "\x1b[2J": "[2J", "Grüße": "Grüße", "12345678901": "1234567890…",
		"a\x00b": "a b", "a\u202eb": "a b", "\xff\xfe": "\ufffd\ufffd",
	} {
		if got := plainText(in, 10); got != want {
			t.Errorf("plainText(%q) = %q; want %q", in, got, want)
		}
	}
}
