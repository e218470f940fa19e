package app

import (
	"context"
	"errors"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/sketch"
)

var askSize = fyne.NewSize(480, 0)

// askText asks for the text to put down.
func (s *Sketch) askText(done func(string)) {
	d := licenseui.NewDialog(s.window, s.words.Text("text"))
	entry := d.Entry()
	put := func() {
		d.Close()
		done(entry.Text)
	}
	entry.OnSubmitted = func(string) { put() }
	d.Add(entry)
	d.Choice(s.words.Text("cancel"), widget.MediumImportance, d.Close)
	d.Choice(s.words.Text("ok"), widget.HighImportance, put)
	d.Open(askSize, entry)
}

// Open asks for a drawing and shows it.
func (s *Sketch) Open() {
	s.keep(func() {
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
	})
}

// Save saves the drawing, to where it came from. What has not been saved can be
// saved in every state.
func (s *Sketch) Save() { s.saveThen(func() {}) }

func (s *Sketch) saveThen(then func()) {
	if s.Canvas.Locked() && !s.Canvas.Drawing().Changed() {
		return
	}
	save := func(w fyne.URIWriteCloser) {
		if err := errors.Join(s.Canvas.Drawing().Save(w), w.Close()); err != nil {
			s.Canvas.Drawing().Touch() // what is in the file is not what was drawn
			s.complain(err)
			return
		}
		s.file = w.URI()
		s.refresh()
		then()
	}
	if s.file != nil {
		if w, err := storage.Writer(s.file); err == nil {
			save(w)
			return
		}
	}
	s.ask("drawing.sketch", save)
}

// Print writes the drawing as a PDF.
func (s *Sketch) Print() {
	s.ask("drawing.pdf", s.writing(func(w io.Writer) error { return s.Canvas.Drawing().PDF(w) }))
}

// Export writes the drawing as a picture, where the licence has that feature.
func (s *Sketch) Export() {
	if !s.agent.Allows(FeatureExport) {
		return
	}
	s.ask("drawing.png", s.writing(func(w io.Writer) error {
		if err := s.Canvas.Drawing().PNG(w); err != nil {
			return err
		}
		_ = s.agent.Use(context.Background(), FeatureExport) // told to the vendor when it can be
		return nil
	}))
}

func (s *Sketch) writing(to func(io.Writer) error) func(fyne.URIWriteCloser) {
	return func(w fyne.URIWriteCloser) { s.complain(errors.Join(to(w), w.Close())) }
}

// ask asks where to write.
func (s *Sketch) ask(name string, write func(fyne.URIWriteCloser)) {
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			s.complain(err)
			return
		}
		write(w)
	}, s.window)
	d.SetFileName(name)
	d.Show()
}

func (s *Sketch) refresh() {
	if s.UI != nil {
		s.UI.Refresh()
	}
}

func (s *Sketch) complain(err error) {
	if err == nil {
		return
	}
	text := err.Error()
	text = strings.ToUpper(text[:1]) + text[1:]
	d := licenseui.NewDialog(s.window, s.words.Text("failed"))
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	d.Add(label)
	d.Open(askSize, d.Choice(s.words.Text("ok"), widget.HighImportance, d.Close))
}

// Close closes the window, and asks before something that was drawn would be lost.
func (s *Sketch) Close() { s.keep(s.window.Close) }

// keep does something that takes the drawing away, when it is saved or need not be.
func (s *Sketch) keep(then func()) {
	if !s.Canvas.Drawing().Changed() {
		then()
		return
	}
	d := licenseui.NewDialog(s.window, s.window.Title())
	label := widget.NewLabel(s.words.Text("unsaved"))
	label.Wrapping = fyne.TextWrapWord
	d.Add(label)
	d.Choice(s.words.Text("cancel"), widget.MediumImportance, d.Close)
	d.Choice(s.words.Text("discard"), widget.MediumImportance, func() {
		d.Close()
		then()
	})
	save := d.Choice(s.words.Text("save"), widget.HighImportance, func() {
		d.Close()
		s.saveThen(then)
	})
	d.Open(askSize, save)
}
