package slascone

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// Evidence is a body exactly as it was received, with its signature. It proves
// nothing until [Client.Open] has verified it again.
type Evidence struct {
	Kind      string // KindActivation, KindHeartbeat or KindSession
	Body      []byte
	Signature string // as in the header; empty when the account does not sign
}

// evidenceJSON keeps a body as text, which is a third smaller than base64 and
// compresses well. Text in JSON gives back the same bytes as long as they are
// UTF-8; a body that is not is kept as base64.
type evidenceJSON struct {
	Kind      string `json:"kind"`
	Text      string `json:"text,omitempty"`
	Raw       []byte `json:"raw,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// MarshalJSON writes the evidence so that UnmarshalJSON gives back every byte.
func (e Evidence) MarshalJSON() ([]byte, error) {
	w := evidenceJSON{Kind: e.Kind, Signature: e.Signature}
	if utf8.Valid(e.Body) {
		w.Text = string(e.Body)
	} else {
		w.Raw = e.Body
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Evidence) UnmarshalJSON(data []byte) error {
	var w evidenceJSON
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*e = Evidence{Kind: w.Kind, Body: w.Raw, Signature: w.Signature}
	if w.Text != "" {
		e.Body = []byte(w.Text)
	}
	return nil
}

// The kinds of evidence.
const (
	KindActivation = "activation"
	KindHeartbeat  = "heartbeat"
	KindSession    = "session"
)

// IsZero reports whether there is no evidence.
func (e Evidence) IsZero() bool { return len(e.Body) == 0 }

var (
	// ErrBadEvidence is wrapped when kept evidence does not verify: it was
	// edited, or the application now trusts another key.
	ErrBadEvidence = errors.New("the kept licence data does not verify")
	// ErrForeignEvidence is wrapped when kept evidence verifies but belongs to
	// another product or client.
	ErrForeignEvidence = errors.New("the kept licence data belongs to another product or device")
)

// Open verifies kept evidence of an activation or heartbeat and returns the
// licence it proves for clientID. Errors wrap [ErrBadEvidence] or
// [ErrForeignEvidence].
func (c *Client) Open(e Evidence, clientID string) (license.License, error) {
	source := verified.Heartbeat
	switch e.Kind {
	case KindActivation:
		source = verified.Activation
	case KindHeartbeat:
	default:
		return license.License{}, fmt.Errorf("slascone: %w: evidence of kind %.20q grants no licence", ErrBadEvidence, e.Kind)
	}
	if err := c.verifier.verify(e.Body, e.Signature); err != nil {
		return license.License{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, err)
	}
	lic, fail := c.readLicence(source, e.Body, binding{clientID: clientID})
	switch {
	case fail == nil:
		return lic, nil
	case fail.Reason == Foreign:
		return license.License{}, fmt.Errorf("slascone: %w: %w", ErrForeignEvidence, fail)
	}
	return license.License{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, fail)
}

// OpenSession verifies kept evidence of a session. The body names neither
// licence nor client, so the caller must have kept it where only they belong.
func (c *Client) OpenSession(e Evidence) (Session, error) {
	if e.Kind != KindSession {
		return Session{}, fmt.Errorf("slascone: %w: evidence of kind %.20q is no session", ErrBadEvidence, e.Kind)
	}
	if err := c.verifier.verify(e.Body, e.Signature); err != nil {
		return Session{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, err)
	}
	s, fail := readSession(e.Body)
	if fail != nil {
		return Session{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, fail)
	}
	return s, nil
}

// binding is what a licence answer must agree with before it is believed.
type binding struct {
	clientID  string    // required
	typedKey  string    // activation: the licence, token or legacy key that was sent
	licence   string    // heartbeat: the licence held; empty when none is
	notBefore time.Time // freshness; zero: any age
}
