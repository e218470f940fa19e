package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/examples/desktop/app"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

// program is the windows of Sketch, each with an agent of its own as the windows
// of separate processes have.
type program struct {
	app     fyne.App
	config  func(device string) agent.Config
	shown   licenseui.Options
	machine *timemachine.Machine // nil without --demo
	trace   bool

	windows []*window
	closing sync.WaitGroup
}

type window struct {
	*app.Sketch
	agent *agent.Agent
}

// open opens a window on a computer. The first has the panel of the demonstration.
func (p *program) open(device string) (fyne.Window, error) {
	cfg := p.config(device)
	a, err := agent.New(cfg)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	if err := a.Start(ctx); err != nil {
		stop()
		return nil, err
	}
	w := p.app.NewWindow(cfg.App.Name)
	s, err := app.New(w, a, p.shown)
	if err != nil {
		stop()
		return nil, err
	}
	if p.machine != nil && len(p.windows) == 0 {
		w.SetContent(container.NewBorder(nil, nil, nil, p.panel(a), w.Content()))
	}
	if p.trace && len(p.windows) == 0 {
		go func() {
			for e := range a.Changes(ctx) {
				if c, ok := e.(agent.StateChanged); ok {
					fmt.Println(c.To)
				}
			}
		}()
	}
	s.Run(ctx)
	w.Resize(windowSize)
	this := &window{s, a}
	p.windows = append(p.windows, this)
	w.SetOnClosed(func() {
		stop()
		p.windows = slices.DeleteFunc(p.windows, func(other *window) bool { return other == this })
		p.closing.Go(func() { closeAgent(a) })
	})
	return w, nil
}

const closeLimit = 3 * time.Second

// closeAgent gives the seat back.
func closeAgent(a *agent.Agent) {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	_ = a.Close(ctx)
}

// wait ends what the windows have left behind.
func (p *program) wait() {
	for _, w := range p.windows {
		p.closing.Go(func() { closeAgent(w.agent) })
	}
	p.closing.Wait()
}

func (p *program) panel(a *agent.Agent) fyne.CanvasObject {
	languages := widget.NewSelect(messages.Languages(), nil)
	languages.PlaceHolder = "Language"
	languages.OnChanged = func(tag string) {
		p.shown.Languages = []string{tag}
		for _, w := range p.windows {
			_ = w.SetLanguages(tag) // it is one of those that there are
		}
	}
	looks := widget.NewSelect([]string{"Light", "Dark"}, func(name string) { p.app.Settings().SetTheme(look(strings.ToLower(name))) })
	looks.PlaceHolder = "Light or dark"
	key := widget.NewButton("Copy license key", func() { p.app.Clipboard().SetContent(timemachine.Key) })
	return p.machine.Panel(a, timemachine.Show{Window: p.another, Done: p.refresh, More: []fyne.CanvasObject{key, languages, looks}})
}

// another opens one more window.
func (p *program) another(device string) {
	w, err := p.open(device)
	if err != nil {
		dialog.ShowError(err, p.app.Driver().AllWindows()[0])
		return
	}
	w.SetTitle(w.Title() + " (" + device + ")")
	w.Resize(fyne.NewSize(windowSize.Width*0.7, windowSize.Height*0.7))
	w.Show()
}

// refresh shows in all windows what has happened; the others hear of it when they
// ask, which they do here at once.
func (p *program) refresh() {
	if p.trace && len(p.windows) > 0 {
		fmt.Println(p.windows[0].agent.Decision())
	}
	for i, w := range p.windows {
		w.UI.Refresh()
		if i > 0 {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
				defer cancel()
				p.machine.Ask(ctx, w.agent)
				fyne.Do(w.UI.Refresh)
			}()
		}
	}
}
