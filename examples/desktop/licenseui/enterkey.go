package licenseui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

var dialogSize = fyne.NewSize(520, 0)

const keyShape = "00000000-0000-0000-0000-000000000000"

// ShowEnterKey asks for a licence key and activates it, with progress, and with
// what helps when the server refuses.
func (u *UI) ShowEnterKey() {
	d := NewDialog(u.window, u.words.Text("enter_key"))
	entry, said, busy := d.Entry(), wrapped(""), widget.NewProgressBarInfinite()
	entry.SetPlaceHolder(keyShape)
	said.Importance = widget.DangerImportance
	said.Hide()
	busy.Stop()
	busy.Hide()
	paste := d.Button(u.words.Text("paste"), func() {
		entry.SetText(fyne.CurrentApp().Clipboard().Content())
		u.window.Canvas().Focus(entry)
	})
	d.Add(wrapped(u.words.Text("enter_key_text")), container.NewBorder(nil, nil, nil, paste, entry), busy, said)
	d.Choice(u.words.Text("cancel"), widget.MediumImportance, d.Close)
	ok := d.Choice(u.words.Text("activate"), widget.HighImportance, nil)
	ok.Disable()
	entry.OnChanged = func(text string) { enable(ok, text != "") }
	waiting := false
	ok.OnTapped = func() {
		if waiting || entry.Text == "" {
			return
		}
		waiting = true
		ok.Disable()
		said.Hide()
		busy.Show()
		busy.Start()
		d.Fit()
		key := entry.Text
		u.call(callLimit, func(ctx context.Context) error {
			_, err := u.agent.Activate(ctx, key)
			return err
		}, func(err error) {
			waiting = false
			busy.Stop()
			busy.Hide()
			ok.Enable()
			if err == nil {
				d.Close()
				return
			}
			title, text := u.failure(err)
			said.SetText(title + ". " + text)
			said.Show()
			d.Fit()
			u.window.Canvas().Focus(entry)
		})
	}
	entry.OnSubmitted = func(string) { ok.OnTapped() }
	d.Open(dialogSize, entry)
}

func enable(o fyne.Disableable, on bool) {
	if on {
		o.Enable()
	} else {
		o.Disable()
	}
}

// startTrial gets a key from the vendor and activates it.
func (u *UI) startTrial() {
	u.call(callLimit, func(ctx context.Context) error {
		key, err := u.opts.Trial(ctx)
		if err != nil {
			return err
		}
		_, err = u.agent.Activate(ctx, key)
		return err
	}, func(err error) {
		if err != nil {
			u.showFailure(err)
		}
	})
}
