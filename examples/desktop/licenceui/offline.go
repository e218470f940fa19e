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
	key := widget.NewEntry()
	key.SetPlaceHolder("00000000-0000-0000-0000-000000000000")
	link := container.NewVBox()
	show := widget.NewButton(u.words.text("show_link"), func() { u.showRequest(key.Text, link) })
	file := widget.NewButton(u.words.text("choose_file"), u.chooseFile)
	file.Importance = widget.HighImportance
	d := dialog.NewCustom(u.words.text("offline"), u.words.text("close"), container.NewVBox(
		wrapped(u.words.text("offline_file")), file,
		widget.NewSeparator(),
		wrapped(u.words.text("offline_link")), container.NewBorder(nil, nil, nil, show, key), link), u.window)
	d.Resize(fyne.NewSize(520, 0))
	d.Show()
	u.window.Canvas().Focus(file)
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
			u.inform(u.words.text("file_taken"), u.words.text("file_needs_activation"))
		}
	})
}

// qrSize is how large the code is shown, in Fyne's units.
const qrSize = 220

// showRequest shows where the activation file of a key can be fetched.
func (u *UI) showRequest(key string, in *fyne.Container) {
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
	in.Add(widget.NewButton(u.words.text("copy_link"), func() { fyne.CurrentApp().Clipboard().SetContent(address) }))
}
