package licenseui

import (
	"context"
	"net/url"

	"github.com/leasehold-dev/leasehold/agent/messages"
)

// act does what a button says.
func (u *UI) act(a messages.Action, b *Button) {
	switch a.Kind {
	case messages.EnterKey:
		u.ShowEnterKey()
	case messages.GoOnline:
		u.askServer(b)
	case messages.ImportFile:
		u.chooseFile()
	case messages.CloseWindow:
		u.opts.CloseWindow()
	case messages.Contact:
		if a.URL == "" {
			u.ShowReport()
			return
		}
		u.browse(a.URL)
	case messages.Update:
		if u.opts.Update != nil {
			u.opts.Update()
			return
		}
		u.browse(a.URL)
	case messages.OpenURL:
		u.browse(a.URL)
	}
}

// askServer asks the server again, and says what it answered.
func (u *UI) askServer(b *Button) {
	b.Disable()
	u.call(callLimit, func(ctx context.Context) error {
		_, err := u.agent.Heartbeat(ctx)
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
		u.inform(u.words.Text("contact"), u.words.Text("no_browser", "address", address))
	}
}

// possible reports whether a button has something to do here.
func (u *UI) possible(a messages.Action) bool {
	switch a.Kind {
	case messages.None:
		return false
	case messages.Update:
		return a.Label != "" && (a.URL != "" || u.opts.Update != nil)
	}
	return a.Label != ""
}
