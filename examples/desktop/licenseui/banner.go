package licenseui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// banner is the strip above the content. It is there only when there is
// something to say.
type banner struct {
	ui     *UI
	object *fyne.Container
	paper  *canvas.Rectangle
	title  *widget.Label
	text   *widget.Label
	bar    *buttons

	update *agent.UpdateAvailable // nil when there is none, or it was put off
	seat   string                 // what became of the seat: seatLost, seatBack or empty
}

// What becomes of a seat, as keys of the words.
const (
	seatLost = "seat_lost"
	seatBack = "seat_back"
)

// maxActions is how many buttons a banner has room for.
const maxActions = 2

func newBanner(u *UI) *banner {
	b := &banner{
		ui: u, paper: canvas.NewRectangle(nil), bar: &buttons{ui: u, box: container.NewHBox()},
		title: widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}),
		text:  widget.NewLabel(""),
	}
	b.text.Wrapping, b.title.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	words := container.New(layout.NewCustomPaddedVBoxLayout(-theme.Padding()), b.title, b.text)
	b.object = container.NewStack(b.paper, container.New(&strip{}, words, container.NewPadded(b.bar.box)))
	return b
}

// strip has the buttons to the right of the words, or below them where the window
// is narrow.
type strip struct{ width float32 }

// leastWords is the width that words have at least beside the buttons.
const leastWords = 480

func (s *strip) below(bar fyne.CanvasObject) bool {
	return s.width < leastWords+bar.MinSize().Width
}

func (s *strip) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s.width = size.Width
	words, bar := objects[0], objects[1]
	least := bar.MinSize()
	bar.Resize(least)
	if s.below(bar) {
		words.Resize(fyne.NewSize(size.Width, size.Height-least.Height))
		bar.Move(fyne.NewPos(0, size.Height-least.Height))
		return
	}
	words.Resize(fyne.NewSize(size.Width-least.Width, size.Height))
	bar.Move(fyne.NewPos(size.Width-least.Width, (size.Height-least.Height)/2))
}

func (s *strip) MinSize(objects []fyne.CanvasObject) fyne.Size {
	words, bar := objects[0].MinSize(), objects[1].MinSize()
	if s.below(objects[1]) {
		return fyne.NewSize(bar.Width, words.Height+bar.Height)
	}
	return fyne.NewSize(bar.Width, max(words.Height, bar.Height))
}

func (b *banner) show(m messages.Message) {
	title, text := m.Title, joined(m.Text, m.Help)
	if m.Deadline != "" {
		title += " · " + m.Deadline
	}
	words := b.ui.words
	b.bar.begin()
	switch {
	case m.Cause != enforcement.NoCause && m.State != enforcement.Active:
		for _, a := range append([]messages.Action{m.Action}, m.Others...) {
			if b.bar.n < maxActions {
				b.bar.act(a, b.importance())
			}
		}
	case b.seat != "":
		title, text = words.Text("seat"), words.Text(b.seat)
		if b.seat == seatBack {
			b.dismiss(words.Text("ok"), func() { b.seat = "" })
		}
	case b.update != nil:
		title, text = words.Text("update"), words.Text("update_text", "version", b.update.Version)
		if !b.update.Covered {
			text = words.Text("update_uncovered", "version", b.update.Version)
		}
		address := b.update.DownloadLink
		if address == "" {
			address = b.ui.agent.Links().Download
		}
		b.bar.act(messages.Action{Kind: messages.Update, Label: words.Text("update_get"), URL: address}, widget.HighImportance)
		b.dismiss(words.Text("later"), func() { b.update = nil })
	default:
		b.object.Hide()
		return
	}
	b.bar.end()
	b.title.SetText(title)
	b.text.SetText(text)
	b.paper.FillColor = paper(m.State)
	b.paper.Refresh()
	b.object.Show()
	b.object.Refresh() // breaks the lines beside the buttons that there are now
	if b.ui.ready {
		b.ui.content.Refresh() // and makes room for as many
	}
}

// importance marks the first button.
func (b *banner) importance() widget.Importance {
	if b.bar.n == 0 {
		return widget.HighImportance
	}
	return widget.MediumImportance
}

// dismiss adds a button after which there is nothing to say any more.
func (b *banner) dismiss(label string, do func()) {
	b.bar.add(label, widget.MediumImportance, func() {
		do()
		b.ui.Refresh()
	})
}

func joined(parts ...string) string {
	text := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if text != "" {
			text += " "
		}
		text += p
	}
	return text
}
