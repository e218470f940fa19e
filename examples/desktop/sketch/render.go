package sketch

import (
	"fmt"
	"image/png"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"
	"github.com/go-pdf/fpdf"
)

// objects draws shapes with Fyne's primitives, in coordinates of the paper
// multiplied by scale, which lies at origin.
func objects(shapes []Shape, origin fyne.Position, scale float32) []fyne.CanvasObject {
	list := make([]fyne.CanvasObject, 0, len(shapes))
	for _, s := range shapes {
		list = append(list, object(s, origin, scale))
	}
	return list
}

const (
	strokeWidth = 2
	textSize    = 16
)

func object(s Shape, origin fyne.Position, scale float32) fyne.CanvasObject {
	from, to := origin.AddXY(s.X1*scale, s.Y1*scale), origin.AddXY(s.X2*scale, s.Y2*scale)
	switch s.Kind {
	case Rectangle:
		r := canvas.NewRectangle(nil)
		r.StrokeColor, r.StrokeWidth = s.Color, strokeWidth*scale
		r.Move(fyne.NewPos(min(from.X, to.X), min(from.Y, to.Y)))
		r.Resize(fyne.NewSize(max(from.X, to.X)-min(from.X, to.X), max(from.Y, to.Y)-min(from.Y, to.Y)))
		return r
	case Text:
		t := canvas.NewText(s.Text, s.Color)
		t.TextSize = textSize * scale
		t.Move(from)
		t.Resize(t.MinSize())
		return t
	default:
		l := canvas.NewLine(s.Color)
		l.StrokeWidth = strokeWidth * scale
		l.Position1, l.Position2 = from, to
		return l
	}
}

// PNG writes the paper as a picture of two pixels a point.
func (d *Drawing) PNG(w io.Writer) error {
	const scale = 2
	paper := canvas.NewRectangle(paperColor)
	paper.Resize(fyne.NewSize(PaperWidth*scale, PaperHeight*scale))
	all := container.NewWithoutLayout(append([]fyne.CanvasObject{paper}, objects(d.shapes, fyne.Position{}, scale)...)...)
	all.Resize(paper.Size())
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(all)
	c.Resize(paper.Size())
	if err := png.Encode(w, software.RenderCanvas(c, theme.DefaultTheme())); err != nil {
		return fmt.Errorf("the picture cannot be written: %w", err)
	}
	return nil
}

// PDF writes the paper as a document of one page, for printing.
func (d *Drawing) PDF(w io.Writer) error {
	p := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: PaperWidth, Ht: PaperHeight}})
	p.SetAutoPageBreak(false, 0)
	p.AddPage()
	p.SetLineWidth(strokeWidth)
	p.SetFont("Helvetica", "", textSize)
	latin := p.UnicodeTranslatorFromDescriptor("")
	for _, s := range d.shapes {
		r, g, b := int(s.Color.R), int(s.Color.G), int(s.Color.B)
		p.SetDrawColor(r, g, b)
		p.SetTextColor(r, g, b)
		x1, y1, x2, y2 := float64(s.X1), float64(s.Y1), float64(s.X2), float64(s.Y2)
		switch s.Kind {
		case Rectangle:
			p.Rect(min(x1, x2), min(y1, y2), max(x1, x2)-min(x1, x2), max(y1, y2)-min(y1, y2), "D")
		case Text:
			p.Text(x1, y1+textSize, latin(s.Text))
		default:
			p.Line(x1, y1, x2, y2)
		}
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("the document cannot be written: %w", err)
	}
	return nil
}
