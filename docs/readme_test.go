package docs

import (
	"context"

	"github.com/leasehold-dev/leasehold/agent"
)

// The function of this file holds the block of the README, as example_test.go
// holds those of integrate.md.

type menuBar interface{ Enable(item string, on bool) }

func _(ctx context.Context, keyTheUserTyped string, menu menuBar, window userInterface) error {
	a, err := agent.New(agent.Config{
		ServerURL: "https://api365.slascone.com", ISVID: isvID, ProductID: productID, ProvisioningKey: provisioningKey,
		Signature: agent.Signature{PublicKey: publicKeyPEM},
		App:       agent.App{Name: "Sketch", Version: "1.4.2"},
	})
	if err != nil {
		return err // a setting is wrong, and the error says which
	}
	defer a.Close(ctx) // gives a floating seat back

	if err := a.Start(ctx); err != nil { // heartbeats in the background
		return err
	}
	if a.License().IsZero() { // only then: an expired licence is renewed, not activated again
		if _, err := a.Activate(ctx, keyTheUserTyped); err != nil {
			return err // and tells what helps
		}
	}
	menu.Enable("Export PDF", a.Allows("pdf-export"))
	for event := range a.Changes(ctx) { // typed events: state changed, deadline near, seat lost, …
		window.Show(event)
	}
	return nil
}
