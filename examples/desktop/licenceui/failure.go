package licenseui

import (
	"errors"

	"fyne.io/fyne/v2/dialog"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// failure words what a call returned: a title, and what helps.
func (u *UI) failure(err error) (title, text string) {
	var e *agent.Error
	if !errors.As(err, &e) {
		return u.words.text("failed"), err.Error()
	}
	d := enforcement.Decision{State: enforcement.Locked, Cause: enforcement.NotActivated, Code: e.Code}
	switch {
	case e.Kind == agent.KindConflict:
		x := u.agent.Policy().Explain(e.Code)
		d.Remedy = x.Remedy
		if x.Cause != enforcement.NoCause {
			d.Cause = x.Cause
		}
	case e.Kind == agent.KindSilence:
		d.Cause, d.Remedy = enforcement.Unreachable, enforcement.GoOnline
	default:
		return u.words.text("failed"), err.Error()
	}
	app := u.agent.App()
	m := u.texts.Message(d, messages.Situation{App: app.Name, Version: app.Version, Now: u.agent.Now(), Links: u.agent.Links()})
	if e.Code != 0 {
		return m.Title, m.Help + " " + u.words.text("code", "code", e.Code)
	}
	return m.Title, m.Help
}

func (u *UI) showFailure(err error) {
	title, text := u.failure(err)
	u.inform(title, text)
}

func (u *UI) inform(title, text string) {
	d := dialog.NewCustom(title, u.words.text("ok"), wrapped(text), u.window)
	d.Resize(dialogSize)
	d.Show()
}
