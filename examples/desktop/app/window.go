// Package app is the window of Sketch: the drawing program with the licence
// around it. It does not import a driver, so that it builds and is tested without
// a screen.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenceui"
	"github.com/leasehold-dev/leasehold/examples/desktop/sketch"
)

// Version is this release of Sketch.
const Version = "1.4.2"

// FeatureExport is what the licence must grant for a picture to be exported.
const FeatureExport = "png-export"

// Sketch is the window.
type Sketch struct {
	UI     *licenseui.UI
	Canvas *sketch.Canvas

	window fyne.Window
	agent  *agent.Agent
	file   fyne.URI // where the drawing was opened or saved last

	edit   []fyne.Disableable // what changes the drawing
	save   fyne.Disableable
	export fyne.Disableable
}

// New fills a window with Sketch. Call Run then.
func New(w fyne.Window, a *agent.Agent, o licenseui.Options) (*Sketch, error) {
	s := &Sketch{window: w, agent: a, Canvas: sketch.NewCanvas(&sketch.Drawing{})}
	o.Version, o.SaveWork = Version, s.Save
	ui, err := licenseui.New(a, w, o)
	if err != nil {
		return nil, err
	}
	s.UI = ui
	ui.OnDecision = s.allow
	s.Canvas.AskText = s.askText
	bar := container.NewHBox(s.tools()...)
	w.SetContent(ui.Gate(container.NewBorder(container.NewHScroll(bar), container.NewHBox(ui.StatusItem()), nil, nil, s.Canvas)))
	s.shortcuts()
	w.SetTitle(agentName(a))
	w.SetCloseIntercept(s.close)
	return s, nil
}

func agentName(a *agent.Agent) string { return a.App().Name }

// Run follows the licence until ctx ends.
func (s *Sketch) Run(ctx context.Context) { s.UI.Run(ctx) }

// allow applies a decision: editing and saving need an active licence or grace,
// export what the policy says; opening and printing are always there. What is
// drawn and not saved can always be saved, from the licence screen as well.
func (s *Sketch) allow(d enforcement.Decision) {
	editable := d.State <= enforcement.Grace
	s.Canvas.Lock(!editable)
	for _, x := range s.edit {
		enable(x, editable)
	}
	enable(s.save, editable || s.Canvas.Drawing().Changed())
	enable(s.export, s.agent.Allows(FeatureExport))
}

func enable(x fyne.Disableable, on bool) {
	if on {
		x.Enable()
	} else {
		x.Disable()
	}
}

var palette = []sketch.Color{
	{R: 0x1f, G: 0x23, B: 0x28, A: 0xff}, {R: 0xcf, G: 0x22, B: 0x2e, A: 0xff}, {R: 0x1a, G: 0x7f, B: 0x37, A: 0xff}, {R: 0x09, G: 0x69, B: 0xda, A: 0xff},
}

func (s *Sketch) tools() []fyne.CanvasObject {
	button := func(icon fyne.Resource, label string, do func()) *widget.Button {
		b := widget.NewButtonWithIcon(label, icon, do)
		b.Importance = widget.LowImportance
		return b
	}
	file := button(theme.FolderOpenIcon(), "Open", s.Open)
	save := button(theme.DocumentSaveIcon(), "Save", s.Save)
	print := button(theme.DocumentPrintIcon(), "Print", s.Print)
	export := button(theme.FileImageIcon(), "Export", s.Export)
	undo := button(theme.ContentUndoIcon(), "", s.Canvas.Undo)
	redo := button(theme.ContentRedoIcon(), "", s.Canvas.Redo)
	kinds := widget.NewSelect([]string{"Line", "Rectangle", "Text"}, func(name string) { s.Canvas.Tool = sketch.Kind(strings.ToLower(name)) })
	kinds.SetSelected("Line")
	colours := widget.NewSelect([]string{"Black", "Red", "Green", "Blue"}, nil)
	colours.OnChanged = func(string) { s.Canvas.Color = palette[colours.SelectedIndex()] }
	colours.SetSelected("Black")
	s.save, s.export = save, export
	s.edit = []fyne.Disableable{undo, redo, kinds, colours}
	return []fyne.CanvasObject{file, save, print, export, widget.NewSeparator(), undo, redo, kinds, colours}
}

func (s *Sketch) shortcuts() {
	for key, do := range map[fyne.KeyName]func(){fyne.KeyO: s.Open, fyne.KeyS: s.Save, fyne.KeyP: s.Print, fyne.KeyE: s.Export, fyne.KeyZ: s.Canvas.Undo, fyne.KeyY: s.Canvas.Redo, fyne.KeyL: s.UI.ShowAbout} {
		s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { do() })
	}
}

func (s *Sketch) askText(done func(string)) {
	entry := widget.NewEntry()
	d := dialog.NewCustomConfirm("Text", "OK", "Cancel", entry, func(yes bool) {
		if yes {
			done(entry.Text)
		}
	}, s.window)
	entry.OnSubmitted = func(text string) {
		d.Hide()
		done(text)
	}
	d.Show()
	s.window.Canvas().Focus(entry)
}

// Open asks for a drawing and shows it.
func (s *Sketch) Open() {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			s.complain(err)
			return
		}
		defer func() { _ = r.Close() }()
		drawing, err := sketch.Open(r)
		if err != nil {
			s.complain(err)
			return
		}
		s.file = r.URI()
		s.Canvas.Draw(drawing)
	}, s.window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".sketch"}))
	d.Show()
}

// Save saves the drawing. What has not been saved can be saved in every state.
func (s *Sketch) Save() {
	if s.Canvas.Locked() && !s.Canvas.Drawing().Changed() {
		return
	}
	s.write("drawing.sketch", func(w io.Writer) error { return s.Canvas.Drawing().Save(w) })
}

// Print writes the drawing as a PDF.
func (s *Sketch) Print() {
	s.write("drawing.pdf", func(w io.Writer) error { return s.Canvas.Drawing().PDF(w) })
}

// Export writes the drawing as a picture, where the licence has that feature.
func (s *Sketch) Export() {
	if !s.agent.Allows(FeatureExport) {
		return
	}
	s.write("drawing.png", func(w io.Writer) error {
		if err := s.Canvas.Drawing().PNG(w); err != nil {
			return err
		}
		return s.agent.Use(context.Background(), FeatureExport)
	})
}

func (s *Sketch) write(name string, to func(io.Writer) error) {
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			s.complain(err)
			return
		}
		s.complain(errors.Join(to(w), w.Close()))
		s.UI.Refresh()
	}, s.window)
	d.SetFileName(name)
	d.Show()
}

func (s *Sketch) complain(err error) {
	if err != nil {
		dialog.ShowError(fmt.Errorf("Sketch: %w", err), s.window)
	}
}

// close asks before something that was drawn would be lost.
func (s *Sketch) close() {
	if !s.Canvas.Drawing().Changed() {
		s.window.Close()
		return
	}
	dialog.ShowCustomConfirm("Sketch", "Close", "Cancel", widget.NewLabel("The drawing has changes that are not saved."), func(yes bool) {
		if yes {
			s.window.Close()
		}
	}, s.window)
}
