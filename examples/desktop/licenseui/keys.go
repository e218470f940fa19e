package licenseui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Button is a button that Return presses as well as the space bar; Fyne's own
// knows the space bar only.
type Button struct {
	widget.Button

	escape  func()                  // of the dialog that it stands in; may be nil
	reveal  func(fyne.CanvasObject) // scrolls to it when the keyboard comes; may be nil
	focused bool
}

// NewButton makes a button.
func NewButton(label string, do func()) *Button {
	b := &Button{Button: widget.Button{Text: label, OnTapped: do}}
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey presses the button, or closes its dialog.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		b.Tapped(nil)
	case e.Name == fyne.KeyEscape && b.escape != nil:
		b.escape()
	default:
		b.Button.TypedKey(e)
	}
}

// FocusGained shows where the keyboard is.
func (b *Button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	if b.reveal != nil {
		b.reveal(b)
	}
}

// FocusLost ends that.
func (b *Button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
}

// CreateRenderer draws the button, and a ring around it while the keyboard is
// there: Fyne's own change of shade is hard to see on a coloured button.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	ring := canvas.NewRectangle(color.Transparent)
	ring.StrokeWidth = 2
	r := &ringed{b.Button.CreateRenderer(), b, ring}
	r.show()
	return r
}

type ringed struct {
	fyne.WidgetRenderer
	button *Button
	ring   *canvas.Rectangle
}

func (r *ringed) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.ring.Resize(size)
}

func (r *ringed) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.ring)
}

func (r *ringed) Refresh() {
	r.show()
	r.WidgetRenderer.Refresh()
}

func (r *ringed) show() {
	r.ring.Hidden = !r.button.focused
	r.ring.StrokeColor = theme.Color(theme.ColorNameForeground)
	r.ring.CornerRadius = theme.Size(theme.SizeNameInputRadius)
}

// Entry is a line to type in, of a dialog that Escape closes.
type Entry struct {
	widget.Entry

	escape func()
	reveal func(fyne.CanvasObject)
}

// FocusGained shows where the keyboard is.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	e.reveal(e)
}

// TypedKey edits the text, or closes the dialog.
func (e *Entry) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape {
		e.escape()
		return
	}
	e.Entry.TypedKey(key)
}

// Dialog is a dialog for the keyboard: Tab goes through what is in it from top to
// bottom, Return presses what has the focus, Escape closes it.
type Dialog struct {
	*dialog.CustomDialog

	window  fyne.Window
	typed   func(*fyne.KeyEvent) // what the window did with keys before
	content *fyne.Container
	scroll  *container.Scroll
	buttons []fyne.CanvasObject
	size    fyne.Size
}

// NewDialog prepares a dialog. Fill it, then call Open.
func NewDialog(w fyne.Window, title string) *Dialog {
	d := &Dialog{window: w, content: container.NewVBox()}
	d.scroll = container.NewVScroll(d.content)
	d.CustomDialog = dialog.NewCustomWithoutButtons(title, d.scroll, w)
	return d
}

// Add puts something below what is there already.
func (d *Dialog) Add(objects ...fyne.CanvasObject) {
	for _, o := range objects {
		d.content.Add(o)
	}
}

// Button makes a button that stands where Add puts it.
func (d *Dialog) Button(label string, do func()) *Button {
	b := NewButton(label, do)
	b.escape, b.reveal = d.Close, d.reveal
	return b
}

// Entry makes a line to type in.
func (d *Dialog) Entry() *Entry {
	e := &Entry{escape: d.Close, reveal: d.reveal}
	e.ExtendBaseWidget(e)
	return e
}

func (d *Dialog) reveal(o fyne.CanvasObject) { reveal(d.scroll, o) }

// reveal scrolls as far as something needs to be seen; what is not in the scroll
// is seen as it is.
func reveal(s *container.Scroll, o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	y := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s.Content).Y
	bottom := y + o.Size().Height
	if y < 0 || bottom > s.Content.Size().Height {
		return
	}
	at := min(y, max(s.Offset.Y, bottom-s.Size().Height))
	if at != s.Offset.Y {
		s.ScrollToOffset(fyne.NewPos(s.Offset.X, at))
	}
}

// Choice puts a button into the row at the bottom. The one that Return should
// press is of high importance.
func (d *Dialog) Choice(label string, importance widget.Importance, do func()) *Button {
	b := d.Button(label, do)
	b.Importance, b.reveal = importance, nil
	d.buttons = append(d.buttons, b)
	return b
}

// Open shows the dialog with the keyboard in first. It is as wide and at least as
// high as size says, as far as the window has room; what does not fit is scrolled.
func (d *Dialog) Open(size fyne.Size, first fyne.Focusable) {
	c := d.window.Canvas()
	d.size, d.typed = size, c.OnTypedKey()
	d.SetButtons(d.buttons)
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { // where nothing has the focus
		if e.Name == fyne.KeyEscape {
			d.Close()
		}
	})
	d.SetOnClosed(func() { c.SetOnTypedKey(d.typed) })
	d.Show()
	d.Fit()
	c.Focus(first)
}

// margin is what a dialog leaves of the window around it.
const margin = 16

// Fit makes room for content that has changed.
func (d *Dialog) Fit() {
	room := d.window.Canvas().Size().SubtractWidthHeight(margin, margin)
	width := min(d.size.Width, room.Width)
	d.Resize(fyne.NewSize(width, d.MinSize().Height)) // lines break at this width
	height := d.MinSize().Height - d.scroll.MinSize().Height + d.content.MinSize().Height
	d.Resize(fyne.NewSize(width, min(max(height, d.size.Height), room.Height)))
}

// Close closes the dialog.
func (d *Dialog) Close() { d.Hide() }
