package licenseui

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent/messages"
)

// act does what a button says.
func (u *UI) act(a messages.Action, b *widget.Button) {
	switch a.Kind {
	case messages.EnterKey:
		u.ShowEnterKey()
	case messages.GoOnline:
		u.askServer(b)
	case messages.ImportFile:
		u.chooseFile()
	case messages.CloseWindow:
		u.window.Close()
	case messages.Contact:
		if a.URL == "" {
			u.ShowReport()
			return
		}
		u.browse(a.URL)
	case messages.OpenURL, messages.Update:
		u.browse(a.URL)
	}
}

// askServer asks the server again, and says what it answered.
func (u *UI) askServer(b *widget.Button) {
	b.Disable()
	u.call(callLimit, func(ctx context.Context) error {
		_, err := u.agent.Refresh(ctx)
		return err
	}, func(err error) {
		b.Enable()
		if err != nil {
			u.showFailure(err)
		}
	})
}

func (u *UI) browse(address string) {
	page, err := url.Parse(address)
	if err == nil && address != "" {
		err = u.opts.OpenURL(page)
	}
	if err != nil || address == "" {
		dialog.ShowInformation(u.words.text("contact"), u.words.text("no_browser", "address", address), u.window)
	}
}
