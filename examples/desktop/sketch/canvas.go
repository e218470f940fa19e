package sketch

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

var paperColor = color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}

// Canvas is the paper on the screen. While it is locked it shows the drawing and
// takes nothing.
type Canvas struct {
	widget.BaseWidget

	// Tool is what a drag draws, and Color in what colour.
	Tool  Kind
	Color Color
	// Changed is called after each change of the drawing; AskText asks for the text
	// to put down and hands it to done.
	Changed func()
	AskText func(done func(string))

	drawing *Drawing
	locked  bool
	from    fyne.Position
	to      fyne.Position
	drawn   bool // a drag is under way
}

// NewCanvas shows a drawing.
func NewCanvas(d *Drawing) *Canvas {
	c := &Canvas{drawing: d, Tool: Line, Color: Color{R: 0x1f, G: 0x23, B: 0x28, A: 0xff}}
	c.ExtendBaseWidget(c)
	return c
}

// Drawing returns what is shown.
func (c *Canvas) Drawing() *Drawing { return c.drawing }

// Draw shows another drawing.
func (c *Canvas) Draw(d *Drawing) {
	c.drawing = d
	c.changed()
}

// Lock says whether the drawing may be changed. A drag under way ends there, and
// what it drew stays.
func (c *Canvas) Lock(locked bool) {
	if c.locked == locked {
		return
	}
	c.DragEnd()
	c.locked = locked
	c.Refresh()
}

// Locked reports whether the drawing may not be changed.
func (c *Canvas) Locked() bool { return c.locked }

// Undo takes the newest shape away.
func (c *Canvas) Undo() {
	if !c.locked && c.drawing.Undo() {
		c.changed()
	}
}

// Redo puts it back.
func (c *Canvas) Redo() {
	if !c.locked && c.drawing.Redo() {
		c.changed()
	}
}

func (c *Canvas) changed() {
	c.Refresh()
	if c.Changed != nil {
		c.Changed()
	}
}

// scale is how many units of the screen a point of the paper takes.
func (c *Canvas) scale() float32 {
	size := c.Size()
	return max(min(size.Width/PaperWidth, size.Height/PaperHeight), 0.01)
}

// origin is where the paper lies: in the middle.
func (c *Canvas) origin() fyne.Position {
	size, scale := c.Size(), c.scale()
	return fyne.NewPos(max(size.Width-PaperWidth*scale, 0)/2, max(size.Height-PaperHeight*scale, 0)/2)
}

// point is a place on the paper, and its edge for what lies beside it.
func (c *Canvas) point(p fyne.Position) (x, y float32) {
	p, scale := p.Subtract(c.origin()), c.scale()
	return min(max(p.X/scale, 0), PaperWidth), min(max(p.Y/scale, 0), PaperHeight)
}

// Dragged draws.
func (c *Canvas) Dragged(e *fyne.DragEvent) {
	if c.locked || c.Tool == Text {
		return
	}
	if !c.drawn {
		c.drawn, c.from = true, e.Position.SubtractXY(e.Dragged.DX, e.Dragged.DY)
	}
	c.to = e.Position
	c.Refresh()
}

// DragEnd puts down what was drawn.
func (c *Canvas) DragEnd() {
	if !c.drawn {
		return
	}
	c.drawn = false
	c.drawing.Add(c.dragged())
	c.changed()
}

func (c *Canvas) dragged() Shape {
	s := Shape{Kind: c.Tool, Color: c.Color}
	s.X1, s.Y1 = c.point(c.from)
	s.X2, s.Y2 = c.point(c.to)
	return s
}

// Tapped puts text down. What was begun before a lock is still put down: nothing
// that somebody has typed is lost.
func (c *Canvas) Tapped(e *fyne.PointEvent) {
	if c.locked || c.Tool != Text || c.AskText == nil {
		return
	}
	at, drawing := Shape{Kind: Text, Color: c.Color}, c.drawing
	at.X1, at.Y1 = c.point(e.Position)
	c.AskText(func(text string) {
		if text == "" {
			return
		}
		at.Text = text
		drawing.Add(at)
		c.changed()
	})
}

// Cursor says by its form whether one can draw.
func (c *Canvas) Cursor() desktop.Cursor {
	if c.locked {
		return desktop.DefaultCursor
	}
	return desktop.CrosshairCursor
}

// MinSize leaves room for a thumbnail at least.
func (c *Canvas) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return fyne.NewSize(PaperWidth/8, PaperHeight/8)
}

// CreateRenderer draws the widget.
func (c *Canvas) CreateRenderer() fyne.WidgetRenderer {
	paper := canvas.NewRectangle(paperColor)
	paper.StrokeColor, paper.StrokeWidth = color.NRGBA{R: 0x80, G: 0x80, B: 0x80, A: 0x60}, 1 // on a white window
	return &renderer{canvas: c, paper: paper, veil: canvas.NewRectangle(color.NRGBA{R: 0x80, G: 0x80, B: 0x80, A: 0x30})}
}

type renderer struct {
	canvas *Canvas
	paper  *canvas.Rectangle
	veil   *canvas.Rectangle // over a locked drawing
	shapes []fyne.CanvasObject
}

func (r *renderer) Layout(fyne.Size) {
	scale := r.canvas.scale()
	size := fyne.NewSize(PaperWidth*scale, PaperHeight*scale)
	for _, o := range []fyne.CanvasObject{r.paper, r.veil} {
		o.Move(r.canvas.origin())
		o.Resize(size)
	}
	r.draw()
}

func (r *renderer) draw() {
	c := r.canvas
	shapes := c.drawing.shapes
	if c.drawn {
		shapes = append(c.drawing.Shapes(), c.dragged())
	}
	r.shapes = objects(shapes, c.origin(), c.scale())
	r.veil.Hidden = !c.locked
}

func (r *renderer) MinSize() fyne.Size { return r.canvas.MinSize() }

func (r *renderer) Refresh() {
	r.draw()
	canvas.Refresh(r.canvas)
}

func (r *renderer) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject{r.paper}, r.shapes...), r.veil)
}

func (r *renderer) Destroy() {}
