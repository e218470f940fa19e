package licenseui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// screen is what stands in the content's place while the state is locked: the
// welcome of a first start, or why it is locked and what helps.
type screen struct {
	ui      *UI
	object  *fyne.Container
	column  *fyne.Container
	scroll  *container.Scroll
	heading *widget.Label
	text    *widget.Label
	help    *widget.Label
	buttons *buttons
	report  *Button
	first   fyne.Focusable // what the keyboard acts on
	shown   messages.Message
	unsaved bool // there was something to save when it was filled
	used    bool
}

func newScreen(u *UI) *screen {
	s := &screen{ui: u, heading: wrapped(""), text: wrapped(""), help: wrapped(""), buttons: &buttons{ui: u, box: container.NewVBox()}}
	s.heading.SizeName, s.heading.TextStyle = theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}
	s.report = NewButton("", u.ShowReport)
	s.report.Importance = widget.LowImportance
	s.column = container.NewVBox(s.heading, s.text, s.help, s.buttons.box, s.report)
	s.scroll = container.NewVScroll(container.NewCenter(container.New(fixedWidth(440), s.column)))
	s.buttons.reveal = func(o fyne.CanvasObject) { reveal(s.scroll, o) }
	s.report.reveal = s.buttons.reveal
	s.object = container.NewStack(s.scroll)
	s.object.Hide()
	return s
}

// show fills the screen, and leaves it alone when it says the same already: what
// has the focus keeps it.
func (s *screen) show(m messages.Message) {
	unsaved := s.ui.opts.Unsaved()
	if s.used && s.unsaved == unsaved && s.shown.Language == m.Language && s.shown.Title == m.Title && s.shown.Text == m.Text && s.shown.Help == m.Help {
		return
	}
	s.shown, s.used, s.unsaved, s.first = m, true, unsaved, nil
	u := s.ui
	title, text, help := m.Title, m.Text, m.Help
	welcome := m.Cause == enforcement.NotActivated
	if welcome {
		title, text, help = u.words.Text("welcome", "app", u.agent.App().Name), u.words.Text("welcome_text", "app", u.agent.App().Name), ""
	}
	s.heading.SetText(title)
	s.text.SetText(text)
	s.help.SetText(help)
	setVisible(s.help, help != "")
	s.report.SetText(u.words.Text("report"))
	s.fill(m, welcome)
	s.column.Refresh() // makes room for longer texts
}

// fill puts the buttons there, the one that helps first.
func (s *screen) fill(m messages.Message, welcome bool) {
	u, has := s.ui, map[messages.Kind]bool{}
	s.buttons.begin()
	for _, a := range append([]messages.Action{m.Action}, m.Others...) {
		if a.Kind == messages.ImportFile && welcome {
			continue // it is among "never on line"
		}
		if b := s.buttons.act(a, s.importance()); b != nil {
			has[a.Kind] = true
			s.lead(b)
		}
	}
	add := func(key string, do func()) { s.lead(s.buttons.add(u.words.Text(key), s.importance(), do)) }
	if !has[messages.EnterKey] {
		add("enter_key", u.ShowEnterKey)
	}
	if welcome && u.opts.Trial != nil {
		add("trial", u.startTrial)
	}
	if welcome {
		add("offline", u.ShowOffline)
	}
	if u.opts.SetProxy != nil {
		add("proxy", u.ShowProxy)
	}
	if u.opts.SaveWork != nil && u.opts.Unsaved() {
		add("save_work", u.opts.SaveWork)
	}
	s.buttons.end()
}

// importance marks the first button.
func (s *screen) importance() widget.Importance {
	if s.first == nil {
		return widget.HighImportance
	}
	return widget.MediumImportance
}

func (s *screen) lead(b *Button) {
	if s.first == nil {
		s.first = b
	}
}

// focus gives the keyboard to the first button, unless a dialog has it.
func (s *screen) focus() {
	if c := s.ui.window.Canvas(); s.first != nil && len(c.Overlays().List()) == 0 {
		c.Focus(s.first)
	}
}

// unfocus takes the keyboard from a button that is not there any more.
func (s *screen) unfocus() {
	c := s.ui.window.Canvas()
	b, ok := c.Focused().(*Button)
	if ok && (b == s.report || slices.Contains(s.buttons.all, b)) {
		c.Unfocus()
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
