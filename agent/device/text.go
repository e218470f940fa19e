package device

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxIDLength is the longest device ID or user ID, in characters, that an
// application may give.
const MaxIDLength = 256

// cleanID trims an ID that a person or an application gave, and refuses what
// the server could not store or a help desk could not read back. what names
// the ID in the error.
func cleanID(what, given string) (string, error) {
	id := strings.TrimSpace(given)
	if id == "" {
		return "", fmt.Errorf("the %s is empty or blank", what)
	}
	if !utf8.ValidString(id) {
		return "", fmt.Errorf("the %s is not valid UTF-8", what)
	}
	if n := utf8.RuneCountInString(id); n > MaxIDLength {
		return "", fmt.Errorf("the %s has %d characters: use at most %d", what, n, MaxIDLength)
	}
	for i, r := range id {
		if !strconv.IsPrint(r) {
			return "", fmt.Errorf("the %s has the unprintable character %U at byte %d: use printable characters only", what, r, i)
		}
	}
	return id, nil
}
