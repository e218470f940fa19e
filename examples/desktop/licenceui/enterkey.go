package licenseui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"
)

var dialogSize = fyne.NewSize(480, 0)

// ShowEnterKey asks for a licence key and activates it, with progress, and with
// what helps when the server refuses.
func (u *UI) ShowEnterKey() {
	entry := widget.NewEntry()
	entry.SetPlaceHolder("00000000-0000-0000-0000-000000000000")
	said := wrapped("")
	said.Importance = widget.DangerImportance
	said.Hide()
	busy := widget.NewProgressBarInfinite()
	busy.Stop()
	busy.Hide()

	var d *dialog.CustomDialog
	ok := widget.NewButton(u.words.text("activate"), nil)
	ok.Importance = widget.HighImportance
	ok.Disable()
	cancel := widget.NewButton(u.words.text("cancel"), func() { d.Hide() })
	paste := widget.NewButton(u.words.text("paste"), func() { entry.SetText(fyne.CurrentApp().Clipboard().Content()) })
	entry.OnChanged = func(text string) {
		if text == "" {
			ok.Disable()
		} else {
			ok.Enable()
		}
	}
	ok.OnTapped = func() {
		if ok.Disabled() {
			return
		}
		ok.Disable()
		said.Hide()
		busy.Show()
		busy.Start()
		key := entry.Text
		u.call(callLimit, func(ctx context.Context) error {
			_, err := u.agent.Activate(ctx, key)
			return err
		}, func(err error) {
			busy.Stop()
			busy.Hide()
			ok.Enable()
			if err == nil {
				d.Hide()
				return
			}
			title, text := u.failure(err)
			said.SetText(title + ". " + text)
			said.Show()
		})
	}
	entry.OnSubmitted = func(string) { ok.OnTapped() }
	d = dialog.NewCustomWithoutButtons(u.words.text("enter_key"), container.NewVBox(
		wrapped(u.words.text("enter_key_text")),
		container.NewBorder(nil, nil, nil, paste, entry), busy, said), u.window)
	d.SetButtons([]fyne.CanvasObject{cancel, ok})
	d.Resize(dialogSize)
	d.Show()
	u.window.Canvas().Focus(entry)
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
