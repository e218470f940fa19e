package licenseui

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"
)

// ShowOffline is for computers that are never on line: a licence file, and a link
// with a QR code by which another device fetches the activation file.
func (u *UI) ShowOffline() {
	d := NewDialog(u.window, u.words.Text("offline"))
	file := d.Button(u.words.Text("choose_file"), u.chooseFile)
	file.Importance = widget.HighImportance
	key, link := d.Entry(), container.NewVBox()
	key.SetPlaceHolder(keyShape)
	ask := func() {
		u.showRequest(d, key.Text, link)
		d.Fit()
	}
	key.OnSubmitted = func(string) { ask() }
	d.Add(wrapped(u.words.Text("offline_file")), file, widget.NewSeparator(), wrapped(u.words.Text("offline_link")),
		container.NewBorder(nil, nil, nil, d.Button(u.words.Text("show_link"), ask), key), link)
	d.Choice(u.words.Text("close"), widget.MediumImportance, d.Close)
	d.Open(dialogSize, file)
}

const maxFile = 1 << 20

// chooseFile asks for a licence or activation file and imports it.
func (u *UI) chooseFile() {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if r == nil {
			if err != nil {
				u.showFailure(err)
			}
			return
		}
		defer func() { _ = r.Close() }()
		data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err != nil {
			u.showFailure(err)
			return
		}
		u.importFile(data)
	}, u.window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".xml"}))
	d.Show()
}

func (u *UI) importFile(data []byte) {
	u.call(callLimit, func(ctx context.Context) error {
		_, err := u.agent.ImportFile(ctx, data)
		return err
	}, func(err error) {
		if err != nil {
			u.showFailure(err)
			return
		}
		if _, missing := u.agent.NeedsActivationFile(); missing {
			u.inform(u.words.Text("file_taken"), u.words.Text("file_needs_activation"))
		}
	})
}

// qrSize is how large the code is shown, in Fyne's units.
const qrSize = 220

// showRequest shows where the activation file of a key can be fetched.
func (u *UI) showRequest(d *Dialog, key string, in *fyne.Container) {
	in.RemoveAll()
	defer in.Refresh()
	request, err := u.agent.ActivationRequest(key)
	if err != nil {
		_, text := u.failure(err)
		in.Add(wrapped(text))
		return
	}
	address, err := request.URL()
	if err != nil {
		_, text := u.failure(err)
		in.Add(wrapped(text))
		return
	}
	if code, err := request.PNG(); err == nil {
		picture := canvas.NewImageFromResource(fyne.NewStaticResource("request.png", code))
		picture.FillMode, picture.ScaleMode = canvas.ImageFillContain, canvas.ImageScalePixels
		picture.SetMinSize(fyne.NewSquareSize(qrSize))
		in.Add(picture)
	}
	in.Add(d.Button(u.words.Text("copy_link"), func() { fyne.CurrentApp().Clipboard().SetContent(address) }))
}
