package slascone

import (
	"errors"
	"fmt"

	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

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
	lic, fail := c.readLicense(source, e.Body, binding{clientID: clientID})
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
// Whether the session is over is for the caller's clock to say. Errors wrap
// [ErrBadEvidence].
func (c *Client) OpenSession(e Evidence) (Session, error) {
	if e.Kind != KindSession {
		return Session{}, fmt.Errorf("slascone: %w: evidence of kind %.20q is no session", ErrBadEvidence, e.Kind)
	}
	if err := c.verifier.verify(e.Body, e.Signature); err != nil {
		return Session{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, err)
	}
	s, valid, fail := readSession(e.Body)
	switch {
	case fail != nil:
		return Session{}, fmt.Errorf("slascone: %w: %w", ErrBadEvidence, fail)
	case !valid:
		return Session{}, fmt.Errorf("slascone: %w: it says that the session is not valid", ErrBadEvidence)
	}
	return s, nil
}
