package licenseui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// forecast is a picture of the states to come if nothing more is heard from the
// server: a bar as long as the time until the last change, in the colours of the
// states, and below it what each colour is and from when on.
func (u *UI) forecast(coming []enforcement.Transition) fyne.CanvasObject {
	now := u.agent.Now()
	state, list := u.agent.Decision().State, container.NewVBox()
	bar := &timeBar{}
	picture := container.New(bar)
	from := now
	part := func(until time.Time) {
		length := float32(until.Sub(from).Hours())
		bar.parts, from = append(bar.parts, length), until
		r := canvas.NewRectangle(stroke(state))
		r.CornerRadius = markRadius
		picture.Add(r)
	}
	list.Add(u.forecastRow(state, u.words.Text("now")))
	for _, t := range coming {
		if t.State == state {
			continue
		}
		part(t.At)
		state = t.State
		list.Add(u.forecastRow(state, t.At.Local().Format("2006-01-02 15:04")))
	}
	part(from.Add(max(from.Sub(now)/10, time.Hour))) // the last state has no end
	return container.NewVBox(picture, list)
}

const markRadius = 3

// timeBar lays parts out side by side, as wide as they last, and none so narrow
// that it is not seen.
type timeBar struct{ parts []float32 }

const (
	barHeight = 18
	leastPart = 8
)

func (b *timeBar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	all := float32(0)
	for _, p := range b.parts {
		all += p
	}
	free, x := size.Width-leastPart*float32(len(objects)), float32(0)
	for i, o := range objects {
		width := leastPart + max(free, 0)*b.parts[i]/max(all, 1)
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(width-1, barHeight))
		x += width
	}
}

func (b *timeBar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastPart*float32(len(objects)), barHeight)
}

func (u *UI) forecastRow(s enforcement.State, when string) fyne.CanvasObject {
	mark := canvas.NewRectangle(stroke(s))
	mark.SetMinSize(fyne.NewSize(14, 14))
	mark.CornerRadius = markRadius
	day := widget.NewLabel(when)
	day.SizeName = theme.SizeNameCaptionText
	return container.NewHBox(container.NewCenter(mark), day, widget.NewLabel(u.words.Text("state_"+s.String())))
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
