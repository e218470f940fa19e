package app

import (
	"embed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/sketch"
)

//go:embed words/*.json
var catalogs embed.FS

var (
	kinds   = []sketch.Kind{sketch.Line, sketch.Rectangle, sketch.Text}
	palette = []struct {
		name  string
		color sketch.Color
	}{
		{"black", sketch.Color{R: 0x1f, G: 0x23, B: 0x28, A: 0xff}},
		{"red", sketch.Color{R: 0xcf, G: 0x22, B: 0x2e, A: 0xff}},
		{"green", sketch.Color{R: 0x1a, G: 0x7f, B: 0x37, A: 0xff}},
		{"blue", sketch.Color{R: 0x09, G: 0x69, B: 0xda, A: 0xff}},
	}
)

// tools are the bar above the paper.
type tools struct {
	open, save, print, export, undo, redo *licenseui.Button

	kind, color *widget.Select
}

func newTools(s *Sketch) *tools {
	button := func(icon fyne.Resource, do func()) *licenseui.Button {
		b := licenseui.NewButton("", do)
		b.Icon, b.Importance = icon, widget.LowImportance
		return b
	}
	t := &tools{
		open: button(theme.FolderOpenIcon(), s.Open), save: button(theme.DocumentSaveIcon(), s.Save),
		print: button(theme.DocumentPrintIcon(), s.Print), export: button(theme.FileImageIcon(), s.Export),
		undo: button(theme.ContentUndoIcon(), s.Canvas.Undo), redo: button(theme.ContentRedoIcon(), s.Canvas.Redo),
	}
	t.kind = widget.NewSelect(nil, func(string) { s.Canvas.Tool = kinds[max(t.kind.SelectedIndex(), 0)] })
	t.color = widget.NewSelect(nil, func(string) { s.Canvas.Color = palette[max(t.color.SelectedIndex(), 0)].color })
	return t
}

func (t *tools) all() []fyne.CanvasObject {
	return []fyne.CanvasObject{t.open, t.save, t.print, t.export, widget.NewSeparator(), t.undo, t.redo, t.kind, t.color}
}

// label writes the tools in a language and leaves what is chosen.
func (s *Sketch) label(language string) {
	s.words = licenseui.WordsIn(catalogs, language)
	t := s.tools
	for b, key := range map[*licenseui.Button]string{t.open: "open", t.save: "save", t.print: "print", t.export: "export"} {
		b.SetText(s.words.Text(key))
	}
	var names []string
	for _, k := range kinds {
		names = append(names, s.words.Text(string(k)))
	}
	relabel(t.kind, names)
	names = nil
	for _, c := range palette {
		names = append(names, s.words.Text(c.name))
	}
	relabel(t.color, names)
}

func relabel(sel *widget.Select, names []string) {
	at := max(sel.SelectedIndex(), 0)
	sel.SetOptions(names)
	sel.SetSelectedIndex(at)
}

func (t *tools) allow(edit, save, export bool) {
	for _, o := range []fyne.Disableable{t.undo, t.redo, t.kind, t.color} {
		enable(o, edit)
	}
	enable(t.save, save)
	enable(t.export, export)
}

func enable(o fyne.Disableable, on bool) {
	if on {
		o.Enable()
	} else {
		o.Disable()
	}
}
