package slascone

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Evidence is a body exactly as it was received, with its signature. It proves
// nothing until [Client.Open] or [Client.OpenSession] has verified it again.
type Evidence struct {
	Kind      string // KindActivation, KindHeartbeat or KindSession
	Body      []byte
	Signature string // as in the header; empty when the account does not sign
}

// The kinds of evidence.
const (
	KindActivation = "activation"
	KindHeartbeat  = "heartbeat"
	KindSession    = "session"
)

// IsZero reports whether there is no evidence.
func (e Evidence) IsZero() bool { return len(e.Body) == 0 }

// encoded marks a text that is not UTF-8 and so would not survive JSON.
const encoded = "base64\n"

// MarshalText writes the kind and the signature, each on its line, and then the
// body. Text is a third smaller than base64, compresses well, and JSON gives it
// back byte for byte as long as it is UTF-8; what is not is written in base64.
// It fails when Kind or Signature has a line break, which no header can have.
func (e Evidence) MarshalText() ([]byte, error) {
	if strings.Contains(e.Kind+e.Signature, "\n") {
		return nil, errors.New("slascone: the evidence's kind or signature has a line break")
	}
	text := fmt.Appendf(nil, "%s\n%s\n%s", e.Kind, e.Signature, e.Body)
	if !utf8.Valid(text) || bytes.HasPrefix(text, []byte(encoded)) {
		text = base64.StdEncoding.AppendEncode([]byte(encoded), text)
	}
	return text, nil
}

// UnmarshalText reads what MarshalText writes.
func (e *Evidence) UnmarshalText(text []byte) error {
	if raw, ok := bytes.CutPrefix(text, []byte(encoded)); ok {
		var err error
		if text, err = base64.StdEncoding.AppendDecode(nil, raw); err != nil {
			return fmt.Errorf("slascone: the kept licence data is damaged: %w", err)
		}
	}
	kind, rest, ok := bytes.Cut(text, []byte("\n"))
	signature, body, ok2 := bytes.Cut(rest, []byte("\n"))
	if !ok || !ok2 {
		return errors.New("slascone: the kept licence data is cut off")
	}
	*e = Evidence{Kind: string(kind), Body: bytes.Clone(body), Signature: string(signature)}
	return nil
}
