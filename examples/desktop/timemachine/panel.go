package timemachine

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
)

const actLimit = 15 * time.Second

// Show is what the panel asks of the program; each is called on the main
// goroutine.
type Show struct {
	Window func(device string) // open another window, on a computer
	Done   func()              // something has happened
	More   []fyne.CanvasObject // below the acts
}

// Panel is a column of buttons, one for each act, and what the last one did.
func (m *Machine) Panel(a *agent.Agent, show Show) fyne.CanvasObject {
	said, clock := widget.NewLabel(""), widget.NewLabel("")
	said.Wrapping = fyne.TextWrapWord
	tell := func() { clock.SetText(a.Now().Local().Format("2006-01-02 15:04")) }
	tell()
	acts := container.New(&tight{})
	for _, act := range m.Acts() {
		b := widget.NewButton(act.Name, nil)
		b.OnTapped = func() {
			b.Disable()
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), actLimit)
				defer cancel()
				err := act.Do(ctx, a)
				fyne.Do(func() {
					b.Enable()
					said.SetText(a.Decision().String())
					if err != nil {
						said.SetText(err.Error())
					}
					tell()
					show.Done()
				})
			}()
		}
		acts.Add(b)
	}
	acts.Add(widget.NewButton("Second window", func() { show.Window(Computer) }))
	acts.Add(widget.NewButton("Another computer", func() { show.Window("another-computer") }))
	for _, o := range show.More {
		acts.Add(o)
	}
	title := widget.NewLabelWithStyle("Time machine", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	return container.NewVScroll(container.NewPadded(container.NewVBox(title, clock, acts, said)))
}

// tight is two narrow columns with little between the rows, so that all acts are
// seen at once.
type tight struct{}

const (
	panelWidth = 300
	gap        = 2
)

func (tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width, height := (size.Width-gap)/2, rowHeight(objects)
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i%2)*(width+gap), float32(i/2)*(height+gap)))
		o.Resize(fyne.NewSize(width, height))
	}
}

func (tight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(panelWidth, float32((len(objects)+1)/2)*(rowHeight(objects)+gap))
}

func rowHeight(objects []fyne.CanvasObject) (height float32) {
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return height
}
