package licenseui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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

	update string // a newer release, empty when there is none
	seat   string // what became of the seat, empty when it is held
}

// maxActions is how many buttons a banner has room for.
const maxActions = 2

func newBanner(u *UI) *banner {
	b := &banner{
		ui: u, paper: canvas.NewRectangle(nil), bar: &buttons{ui: u, box: container.NewHBox()},
		title: widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}),
		text:  widget.NewLabel(""),
	}
	b.text.Wrapping = fyne.TextWrapWord
	words := container.New(layout.NewCustomPaddedVBoxLayout(-theme.Padding()), b.title, b.text)
	b.object = container.NewStack(b.paper, container.NewBorder(nil, nil, nil, container.NewCenter(b.bar.box), words))
	return b
}

func (b *banner) show(m messages.Message) {
	title, text := m.Title, joined(m.Text, m.Help)
	if m.Deadline != "" {
		title += " · " + m.Deadline
	}
	b.bar.begin()
	switch {
	case m.Cause != enforcement.NoCause && m.State != enforcement.Active:
		for _, a := range append([]messages.Action{m.Action}, m.Others...) {
			if b.bar.n < maxActions {
				b.bar.act(a, widget.HighImportance)
			}
		}
	case b.seat != "":
		title, text = b.ui.words.text("seat"), b.seat
	case b.update != "":
		title, text = b.ui.words.text("update"), b.ui.words.text("update_text", "version", b.update)
		b.bar.act(messages.Action{Kind: messages.Update, Label: b.ui.words.text("update_get"), URL: b.ui.agent.Links().Download}, widget.HighImportance)
		b.bar.add(b.ui.words.text("later"), widget.MediumImportance, func() {
			b.update = ""
			b.ui.Refresh()
		})
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
	b.object.Refresh()
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
