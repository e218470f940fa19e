// Package app is the window of Sketch: the drawing program with the licence
// around it. It does not import a driver, so that it builds and is tested without
// a screen.
package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
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
	words  licenseui.Words
	tools  *tools
	bars   []*fyne.Container // above the paper and below
	file   fyne.URI          // where the drawing was opened or saved last; nil when nowhere
}

// New fills a window with Sketch. Call Run then.
func New(w fyne.Window, a *agent.Agent, o licenseui.Options) (*Sketch, error) {
	s := newSketch(w)
	s.agent = a
	o.Version, o.SaveWork, o.Unsaved, o.CloseWindow = Version, s.Save, func() bool { return s.Canvas.Drawing().Changed() }, s.Close
	ui, err := licenseui.New(a, w, o)
	if err != nil {
		return nil, err
	}
	s.UI = ui
	s.label(ui.Language())
	w.SetContent(ui.Gate(s.content(ui.StatusItem())))
	ui.OnDecision = s.allow
	s.Canvas.Changed = func() { s.allow(a.Decision()) }
	ui.Refresh()
	s.shortcuts()
	w.SetTitle(a.App().Name)
	w.SetCloseIntercept(s.Close)
	return s, nil
}

// NewUnlicensed fills a window with Sketch alone, without any licence: what the
// start of a licensed one is compared with.
func NewUnlicensed(w fyne.Window) *Sketch {
	s := newSketch(w)
	s.label("en")
	w.SetContent(s.content(layout.NewSpacer()))
	return s
}

func newSketch(w fyne.Window) *Sketch {
	s := &Sketch{window: w, Canvas: sketch.NewCanvas(&sketch.Drawing{})}
	s.Canvas.AskText = s.askText
	s.tools = newTools(s)
	return s
}

// content has the tools first: Tab goes through the window from top to bottom.
func (s *Sketch) content(status fyne.CanvasObject) fyne.CanvasObject {
	tools, foot := container.NewHBox(s.tools.all()...), container.NewHBox(status)
	s.bars = []*fyne.Container{tools, foot}
	bar := container.NewHScroll(tools)
	return container.New(layout.NewBorderLayout(bar, foot, nil, nil), bar, s.Canvas, foot)
}

// SetLanguages changes the language of the window.
func (s *Sketch) SetLanguages(languages ...string) error {
	if err := s.UI.SetLanguages(languages...); err != nil {
		return err
	}
	s.label(s.UI.Language())
	s.arrange()
	return nil
}

// Run follows the licence until ctx ends.
func (s *Sketch) Run(ctx context.Context) { s.UI.Run(ctx) }

// allow applies a decision: editing and saving need an active licence or grace,
// export what the policy says; opening and printing are always there. What is
// drawn and not saved can always be saved, from the licence screen as well.
func (s *Sketch) allow(d enforcement.Decision) {
	editable := d.State <= enforcement.Grace
	s.Canvas.Lock(!editable)
	s.tools.allow(editable, editable || s.Canvas.Drawing().Changed(), s.agent.Allows(FeatureExport))
	s.arrange()
}

// arrange makes room for words that have become longer.
func (s *Sketch) arrange() {
	for _, b := range s.bars {
		b.Refresh()
	}
}

func (s *Sketch) shortcuts() {
	for key, do := range map[fyne.KeyName]func(){
		fyne.KeyO: s.Open, fyne.KeyS: s.Save, fyne.KeyP: s.Print, fyne.KeyE: s.Export,
		fyne.KeyZ: s.Canvas.Undo, fyne.KeyY: s.Canvas.Redo, fyne.KeyL: s.UI.ShowAbout,
	} {
		s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { do() })
	}
}
