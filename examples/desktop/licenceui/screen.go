package licenceui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// screen is what stands in the content's place while the state is locked: the
// welcome of a first start, or why it is locked and what helps.
type screen struct {
	ui     *UI
	object *fyne.Container
	column *fyne.Container
	first  fyne.Focusable // what the keyboard acts on
	shown  messages.Message
	used   bool
}

func newScreen(u *UI) *screen {
	s := &screen{ui: u, column: container.NewVBox()}
	s.object = container.NewStack(container.NewVScroll(container.NewCenter(container.New(fixedWidth(440), s.column))))
	s.object.Hide()
	return s
}

// show fills the screen, and leaves it alone when it says the same already: what
// has the focus keeps it.
func (s *screen) show(m messages.Message) {
	if s.used && s.shown.Language == m.Language && s.shown.Title == m.Title && s.shown.Text == m.Text && s.shown.Help == m.Help {
		return
	}
	s.shown, s.used, s.first = m, true, nil
	u := s.ui
	s.column.RemoveAll()
	title, text := m.Title, m.Text
	welcome := m.Cause == enforcement.NotActivated
	if welcome {
		title, text = u.words.text("welcome", "app", u.agent.App().Name), u.words.text("welcome_text", "app", u.agent.App().Name)
	}
	heading := wrapped(title)
	heading.SizeName, heading.TextStyle = theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}
	s.column.Add(heading)
	s.column.Add(wrapped(text))
	if m.Help != "" && !welcome {
		s.column.Add(wrapped(m.Help))
	}
	s.column.Add(layout.NewSpacer())
	s.buttons(m, welcome)
	s.column.Add(layout.NewSpacer())
	details := widget.NewButton(u.words.text("report"), u.ShowReport)
	details.Importance = widget.LowImportance
	s.column.Add(details)
}

func (s *screen) buttons(m messages.Message, welcome bool) {
	u := s.ui
	has := map[messages.Kind]bool{}
	for _, a := range append([]messages.Action{m.Action}, m.Others...) {
		if a.Kind == messages.ImportFile && welcome {
			continue // it is among "never on line"
		}
		if b := u.button(a); b != nil {
			has[a.Kind] = true
			s.add(b)
		}
	}
	if !has[messages.EnterKey] {
		s.add(widget.NewButton(u.words.text("enter_key"), u.ShowEnterKey))
	}
	if welcome && u.opts.Trial != nil {
		s.add(widget.NewButton(u.words.text("trial"), u.startTrial))
	}
	if welcome {
		s.add(widget.NewButton(u.words.text("offline"), u.ShowOffline))
	}
	if u.opts.SetProxy != nil {
		s.add(widget.NewButton(u.words.text("proxy"), u.ShowProxy))
	}
	if u.opts.SaveWork != nil {
		s.add(widget.NewButton(u.words.text("save_work"), u.opts.SaveWork))
	}
}

func (s *screen) add(b *widget.Button) {
	if s.first == nil {
		s.first = b
	} else {
		b.Importance = widget.MediumImportance
	}
	s.column.Add(b)
}

// focus gives the keyboard to the first button.
func (s *screen) focus() {
	if s.first != nil && s.ui.window != nil {
		s.ui.window.Canvas().Focus(s.first)
	}
}

// wrapped is a paragraph.
func wrapped(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// fixedWidth lays a column out at a width that reads well.
type fixedWidth float32

func (w fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.NewPos(0, 0))
	}
}

func (w fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(float32(w), 0)
	for _, o := range objects {
		o.Resize(fyne.NewSize(float32(w), o.MinSize().Height))
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}
