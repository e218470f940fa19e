package licenseui

import (
	"errors"

	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// failure words what a call returned: a title, and what helps.
func (u *UI) failure(err error) (title, text string) {
	var e *agent.Error
	if !errors.As(err, &e) {
		return u.words.Text("failed"), err.Error()
	}
	d := enforcement.Decision{State: enforcement.Locked, Cause: enforcement.NotActivated, Code: e.Code}
	detail := ""
	switch e.Kind {
	case agent.KindConflict:
		x := u.agent.Policy().Explain(e.Code)
		d.Remedy = x.Remedy
		if x.Cause != enforcement.NoCause {
			d.Cause = x.Cause
		}
	case agent.KindSilence:
		d.Cause, d.Remedy = enforcement.Unreachable, enforcement.GoOnline
	case agent.KindIntegrity:
		d.Cause, d.Remedy = enforcement.SignatureInvalid, enforcement.CheckNetwork
	default:
		if errors.Is(err, storage.ErrUnavailable) {
			return u.words.Text("failed"), e.Err.Error()
		}
		d.Remedy, detail = enforcement.CorrectInput, e.Err.Error()
	}
	app := u.agent.App()
	m := u.texts.Message(d, messages.Situation{App: app.Name, Version: app.Version, Now: u.agent.Now(), Links: u.agent.Links()})
	switch {
	case detail != "":
		return u.words.Text("failed"), m.Help + " (" + detail + ")"
	case e.Code != 0:
		return m.Title, m.Help + " " + u.words.Text("code", "code", e.Code)
	}
	return m.Title, m.Help
}

func (u *UI) showFailure(err error) {
	title, text := u.failure(err)
	u.inform(title, text)
}

// inform says something that needs to be read and nothing more.
func (u *UI) inform(title, text string) {
	d := NewDialog(u.window, title)
	d.Add(wrapped(text))
	ok := d.Choice(u.words.Text("ok"), widget.HighImportance, d.Close)
	d.Open(dialogSize, ok)
}
