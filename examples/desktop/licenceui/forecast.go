package licenseui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// forecast is a picture of the states to come if nothing more is heard from the
// server: a line for each, with its colour and the day on which it begins.
func (u *UI) forecast(coming []enforcement.Transition) fyne.CanvasObject {
	list := container.NewVBox()
	now := u.agent.Decision()
	last := now.State
	list.Add(u.forecastRow(now.State, u.words.text("now")))
	for _, t := range coming {
		if t.State == last {
			continue
		}
		last = t.State
		list.Add(u.forecastRow(t.State, t.At.Local().Format("2006-01-02 15:04")))
	}
	return list
}

func (u *UI) forecastRow(s enforcement.State, when string) fyne.CanvasObject {
	mark := canvas.NewRectangle(stroke(s))
	mark.SetMinSize(fyne.NewSize(14, 14))
	mark.CornerRadius = 3
	day := widget.NewLabel(when)
	day.SizeName = theme.SizeNameCaptionText
	return container.NewHBox(container.NewCenter(mark), day, widget.NewLabel(u.words.text("state_"+s.String())))
}

// formLayout puts labels beside values that wrap.
type formLayout struct{}

const labelWidth = 150

func (formLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		width := size.Width - labelWidth
		objects[i+1].Resize(fyne.NewSize(width, objects[i+1].MinSize().Height))
		height := max(objects[i].MinSize().Height, objects[i+1].MinSize().Height)
		objects[i].Move(fyne.NewPos(0, y))
		objects[i].Resize(fyne.NewSize(labelWidth, height))
		objects[i+1].Move(fyne.NewPos(labelWidth, y))
		objects[i+1].Resize(fyne.NewSize(width, height))
		y += height
	}
}

func (formLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		height += max(objects[i].MinSize().Height, objects[i+1].MinSize().Height)
	}
	return fyne.NewSize(labelWidth*2.5, height)
}
