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

// Panel is a column of buttons, one for each act, and what the last one did. done
// is called on the main goroutine after each act.
func (m *Machine) Panel(a *agent.Agent, secondWindow func(), done func()) fyne.CanvasObject {
	said := widget.NewLabel("")
	said.Wrapping = fyne.TextWrapWord
	clock := widget.NewLabel("")
	tell := func() { clock.SetText(a.Now().Local().Format("2006-01-02 15:04")) }
	tell()
	column := container.NewVBox(widget.NewLabelWithStyle("Time machine", fyne.TextAlignCenter, fyne.TextStyle{Bold: true}), clock)
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
					done()
				})
			}()
		}
		column.Add(b)
	}
	if secondWindow != nil {
		column.Add(widget.NewButton("Second window", secondWindow))
	}
	column.Add(said)
	return container.NewVScroll(container.New(&width{}, column))
}

// width keeps the panel narrow.
type width struct{}

func (width) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (width) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(220, 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}
