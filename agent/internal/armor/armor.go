// Package armor finds keys and certificates in whatever form a file, a variable
// or a web page has them: PEM that lost its line ends or was indented, DER, or
// base64 of either. It is pure.
package armor

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
)

// Block is one object in DER, with what it is.
type Block struct {
	Kind Kind
	DER  []byte
}

// ErrNotFound is returned for data that is in none of the known forms.
var ErrNotFound = errors.New("it is in no known form")

// Text returns what a person would read in data: UTF-8 without a byte order
// mark, invisible characters and surrounding quotes, with ASCII dashes, and with
// real line ends where the two characters \n stand for them. Base64 of PEM or
// XML, as deployment systems make of whole files, is decoded.
func Text(data []byte) string {
	text := tidy(decode(data))
	if strings.Contains(text, "BEGIN ") {
		return text
	}
	if inner, ok := base64Text(text); ok {
		if inner := tidy(decode(inner)); strings.Contains(inner, "BEGIN ") || strings.HasPrefix(inner, "<") {
			return inner
		}
	}
	return text
}

func tidy(text string) string {
	if strings.Contains(text, `\`) {
		text = strings.NewReplacer(`\r`, "\n", `\n`, "\n", `\t`, " ", `\`, "").Replace(text)
	}
	return pasted.ASCII(text)
}

// decode also reads UTF-16, in which some Windows programs write files.
func decode(data []byte) string {
	big := bytes.HasPrefix(data, []byte("\xfe\xff"))
	if !big && !bytes.HasPrefix(data, []byte("\xff\xfe")) {
		return string(data)
	}
	units := make([]uint16, 0, len(data)/2)
	for ; len(data) >= 2; data = data[2:] {
		low, high := data[0], data[1]
		if big {
			low, high = high, low
		}
		units = append(units, uint16(high)<<8|uint16(low))
	}
	return string(utf16.Decode(units))
}

// Read returns the objects in data, at least one when the error is nil. What is
// in no known form gives [ErrNotFound]; other errors say what it is instead, or
// how it is damaged.
func Read(data []byte) ([]Block, error) {
	// DER may end in bytes that look like blanks, so it goes first.
	if kind, der := ofDER(data); kind != Unknown {
		return []Block{{kind, der}}, nil
	}
	text := Text(data)
	if strings.Contains(text, "BEGIN ") {
		return readPEM(text)
	}
	if other := otherForm(text); other != "" {
		return nil, errors.New(other)
	}
	inner, ok := base64Text(text)
	if !ok {
		return nil, ErrNotFound
	}
	if kind, der := ofDER(inner); kind != Unknown {
		return []Block{{kind, der}}, nil
	}
	return nil, ErrNotFound
}

// otherForm names forms of keys that are not read.
func otherForm(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-sha2-"):
		return "it is a key of SSH; 'ssh-keygen -e -m PKCS8 -f FILE' makes PEM of it"
	case strings.HasPrefix(text, "{") && strings.Contains(text, `kty`):
		return "it is a JSON Web Key; export it as PEM"
	case len(text) < 260 && !strings.ContainsAny(text, "\r\n<") && strings.ContainsAny(text, `/\.`) && namesFile(text):
		return "it is the name of a file; give what is in the file, or set the name where a file is asked for"
	}
	return ""
}

func namesFile(text string) bool {
	text = strings.ToLower(text)
	for _, ending := range []string{".pem", ".pub", ".key", ".crt", ".cer", ".der", ".xml", ".txt", ".pfx"} {
		if strings.HasSuffix(text, ending) {
			return true
		}
	}
	return false
}

// readPEM reads every block of a text. It forgives what pem.Decode does not:
// blanks instead of line ends, indentation, marks of a quoted mail, a missing
// last line end, typographic dashes, missing padding.
func readPEM(text string) (blocks []Block, err error) {
	for {
		label, body, rest, err := cutBlock(text)
		if err != nil {
			return nil, err
		}
		if label == "" {
			break
		}
		text = rest
		if strings.HasSuffix(label, "PARAMETERS") {
			continue // of an elliptic curve, before its key
		}
		block, err := readBlock(label, body)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	if len(blocks) == 0 {
		return nil, ErrNotFound
	}
	return blocks, nil
}

// cutBlock returns the first block's label and body, and what follows it. An
// empty label means that there is none.
func cutBlock(text string) (label, body, rest string, err error) {
	const begin, end = "BEGIN ", "END "
	for {
		i := strings.Index(text, begin)
		if i < 0 {
			return "", "", "", nil
		}
		before := text[:i]
		text = text[i+len(begin):]
		if !strings.HasSuffix(strings.TrimRight(before, " "), "-") {
			continue // the word in a sentence
		}
		label, text, _ = strings.Cut(text, "-")
		label = strings.TrimSpace(label)
		break
	}
	body, rest, closed := strings.Cut(text, end+label)
	if !closed || label == "" || strings.Contains(body, begin) {
		return "", "", "", errors.New("it is cut off; copy the whole block, from BEGIN to END")
	}
	return label, strings.Trim(body, "- \t\r\n>"), strings.TrimLeft(rest, "-"), nil
}

func readBlock(label, body string) (Block, error) {
	switch {
	case strings.Contains(label, "PRIVATE KEY"):
		return Block{Kind: PrivateKey}, nil
	case strings.HasPrefix(label, "PGP"):
		return Block{}, errors.New("it is a key of OpenPGP; the service signs with a bare RSA key")
	case strings.HasPrefix(label, "SSH2"):
		return Block{}, errors.New("it is a key of SSH; 'ssh-keygen -i -m RFC4716 -f FILE' and 'ssh-keygen -e -m PKCS8' make PEM of it")
	}
	der, ok := base64Text(body)
	if !ok {
		return Block{}, errors.New("it is damaged: between BEGIN and END is more than base64; copy the whole block anew")
	}
	kind, der := ofDER(der)
	if kind == Unknown {
		return Block{}, fmt.Errorf("it is damaged, or a block of a kind that is no key (%.40q); copy the whole block anew", label)
	}
	return Block{kind, der}, nil
}

// base64Text decodes base64 of either alphabet, however it is broken into lines
// and with or without padding.
func base64Text(s string) ([]byte, bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '\v', '\f', '>', utf8.RuneError:
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, s)
	s = strings.TrimRight(s, "=")
	out, err := base64.RawStdEncoding.DecodeString(s)
	return out, err == nil && len(out) > 0
}
