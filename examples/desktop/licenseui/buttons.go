package licenseui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent/messages"
)

// buttons fills a container with buttons and uses the same ones again: a widget
// that is thrown away stays in Fyne's caches for a while.
type buttons struct {
	ui     *UI
	box    *fyne.Container
	reveal func(fyne.CanvasObject) // scrolls to a button; may be nil
	all    []*Button
	n      int // shown so far
}

// begin starts anew.
func (b *buttons) begin() { b.n = 0 }

// add shows one more button and returns it.
func (b *buttons) add(label string, importance widget.Importance, do func()) *Button {
	if b.n == len(b.all) {
		b.all = append(b.all, NewButton("", nil))
		b.all[b.n].reveal = b.reveal
		b.box.Add(b.all[b.n])
	}
	button := b.all[b.n]
	b.n++
	button.OnTapped, button.Importance = do, importance
	button.SetText(label)
	button.Enable()
	button.Show()
	return button
}

// act shows a button for an action of package messages; nil when there is nothing
// to press.
func (b *buttons) act(a messages.Action, importance widget.Importance) *Button {
	if !b.ui.possible(a) {
		return nil
	}
	button := b.add(a.Label, importance, nil)
	button.OnTapped = func() { b.ui.act(a, button) }
	return button
}

// end hides what is left over from before.
func (b *buttons) end() {
	for _, button := range b.all[b.n:] {
		button.Hide()
	}
}
