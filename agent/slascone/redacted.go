package slascone

import (
	"net/url"
	"strings"
)

// redactedError is an error of a library whose text quotes addresses.
type redactedError struct {
	err  error
	text string
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redacted takes out of an error's text what it tells of a request: paths and
// queries, and the secrets wherever they are. They carry the ISV ID and tell a
// user nothing.
func redacted(err error, secrets ...string) error {
	text := cutAddresses(err.Error())
	for _, secret := range secrets {
		text = replaceFold(text, secret, "…")
	}
	if text == err.Error() {
		return err
	}
	return &redactedError{err, text}
}

// cutAddresses shortens each URL to its host, and what looks like a path with a
// query to the path.
func cutAddresses(text string) string {
	const ends = " \t\r\n\"'<>"
	var b strings.Builder
	for text != "" {
		i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(ends, r) })
		if i < 0 {
			i = len(text)
		}
		b.WriteString(text[:i])
		text = text[i:]
		word, rest := text, ""
		if i := strings.IndexAny(text, ends); i >= 0 {
			word, rest = text[:i], text[i:]
		}
		text = rest
		b.WriteString(cutAddress(word))
	}
	return b.String()
}

func cutAddress(word string) string {
	switch {
	case strings.Contains(word, "://"):
		u, err := url.Parse(strings.TrimRight(word, ":,;."))
		if err != nil || u.Host == "" {
			return "…"
		}
		tail := word[len(strings.TrimRight(word, ":,;.")):]
		return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() + tail
	case strings.HasPrefix(word, "/") && strings.Contains(word, "?"):
		path, _, _ := strings.Cut(word, "?")
		return path + "…"
	}
	return word
}

// replaceFold replaces every old in text, whatever its case.
func replaceFold(text, old, with string) string {
	if old == "" {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(strings.ToLower(text), strings.ToLower(old))
		if i < 0 || i+len(old) > len(text) || len(strings.ToLower(text)) != len(text) {
			return b.String() + text
		}
		b.WriteString(text[:i] + with)
		text = text[i+len(old):]
	}
}
