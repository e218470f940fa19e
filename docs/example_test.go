package docs

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// The functions of this file hold the blocks of integrate.md, so that they are
// compiled. They are not run: they want a window and a vendor.

var serverURL, isvID, productID, provisioningKey string
var publicKeyPEM []byte

type userInterface interface {
	SetEditable(bool)
	ShowLicenseScreen()
	Show(agent.Event)
	Banner(title, text, deadline, action string)
	AskForKey() string
	ShowError(error)
	Explain(string)
	ShowRemaining(decimal.Decimal)
}

type menuItem interface{ SetEnabled(bool) }

func _(ctx context.Context) error {
	a, err := agent.New(agent.Config{
		ServerURL: serverURL, ISVID: isvID, ProductID: productID, ProvisioningKey: provisioningKey,
		Signature: agent.Signature{PublicKey: publicKeyPEM},
		App:       agent.App{Name: "Sketch", Version: "1.4.2"},
		Links:     agent.Links{Buy: "https://sketch.example/buy", Support: "mailto:help@sketch.example"},
		Parts:     []agent.Part{agent.Usage()}, // if it reports use
	})
	if err != nil {
		return err // a setting is wrong; the error says which
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = a.Close(ctx) // gives a floating seat back, keeps what was learned
	}()
	if err := a.Start(ctx); err != nil {
		return err
	}
	return nil
}

func _(a *agent.Agent, window userInterface, exportItem menuItem) {
	switch d := a.Decision(); d.State {
	case enforcement.Active, enforcement.Grace:
		window.SetEditable(true)
	case enforcement.ReadOnly:
		window.SetEditable(false) // open, view, print, export
	case enforcement.Locked:
		window.ShowLicenseScreen()
	}
	exportItem.SetEnabled(a.Allows("pdf-export"))
}

func _(ctx context.Context, a *agent.Agent, window userInterface, onMainThread func(func())) error {
	go func() {
		for event := range a.Changes(ctx) {
			onMainThread(func() { window.Show(event) })
		}
	}()
	texts, err := messages.New(messages.Options{Languages: messages.UserLanguages()})
	if err != nil {
		return err
	}
	m := texts.Of(a)
	window.Banner(m.Title, m.Text, m.Deadline, m.Action.Label)

	if a.License().IsZero() {
		if _, err := a.Activate(ctx, window.AskForKey()); err != nil {
			window.ShowError(err) // says what to do, and holds no key
		}
	}
	if err := a.Use(ctx, "pdf-export"); err != nil {
		return err // it could not be kept on this machine
	}
	taken, err := a.Consume(ctx, "renders", decimal.NewFromInt(1))
	if errors.Is(err, agent.ErrLimitReached) {
		window.Explain("no renders are left")
	} else if err == nil {
		window.ShowRemaining(taken.Remaining)
	}
	return nil
}
