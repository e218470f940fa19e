// Package sketch is a small drawing program: lines, rectangles and text in
// colours, with undo, a file format, PDF and PNG. It knows nothing of licences.
package sketch

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
)

// Kind is what a shape is.
type Kind string

// The kinds of shape.
const (
	Line      Kind = "line"
	Rectangle Kind = "rectangle"
	Text      Kind = "text"
)

// Shape is one thing on the paper. Coordinates are points from the paper's upper
// left corner.
type Shape struct {
	Kind  Kind    `json:"kind"`
	X1    float32 `json:"x1"`
	Y1    float32 `json:"y1"`
	X2    float32 `json:"x2"` // the other end, or the other corner; unused for text
	Y2    float32 `json:"y2"`
	Text  string  `json:"text,omitempty"`
	Color Color   `json:"color"`
}

// Color is written as "#rrggbb".
type Color color.NRGBA

// RGBA makes a Color a color.Color.
func (c Color) RGBA() (r, g, b, a uint32) { return color.NRGBA(c).RGBA() }

// MarshalText writes "#rrggbb".
func (c Color) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "#%02x%02x%02x", c.R, c.G, c.B), nil
}

// UnmarshalText reads "#rrggbb".
func (c *Color) UnmarshalText(text []byte) error {
	c.A = 0xff
	if _, err := fmt.Sscanf(string(text), "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil || len(text) != 7 {
		return fmt.Errorf("%.20q is not a colour such as #1a7f37", text)
	}
	return nil
}

// The size of the paper in points: A4, landscape.
const (
	PaperWidth  = 842
	PaperHeight = 595
)

// Drawing is what somebody draws. Its zero value is an empty paper.
type Drawing struct {
	shapes  []Shape
	undone  []Shape
	changed bool // since it was saved or opened
}

// Shapes returns what is on the paper, the oldest first.
func (d *Drawing) Shapes() []Shape { return slices.Clone(d.shapes) }

// Add puts a shape on the paper.
func (d *Drawing) Add(s Shape) {
	d.shapes, d.undone, d.changed = append(d.shapes, s), nil, true
}

// Undo takes the newest shape away and reports whether there was one.
func (d *Drawing) Undo() bool {
	if len(d.shapes) == 0 {
		return false
	}
	last := len(d.shapes) - 1
	d.undone = append(d.undone, d.shapes[last])
	d.shapes, d.changed = d.shapes[:last], true
	return true
}

// Redo puts back what Undo took away and reports whether there was something.
func (d *Drawing) Redo() bool {
	if len(d.undone) == 0 {
		return false
	}
	last := len(d.undone) - 1
	d.shapes = append(d.shapes, d.undone[last])
	d.undone, d.changed = d.undone[:last], true
	return true
}

// Changed reports whether something would be lost if the drawing were not saved.
func (d *Drawing) Changed() bool { return d.changed }

// Touch says that the drawing is not saved after all: its file could not be
// written to the end.
func (d *Drawing) Touch() { d.changed = true }

// fileFormat is the version of the file.
const fileFormat = 1

type file struct {
	Format int     `json:"sketch"`
	Shapes []Shape `json:"shapes"`
}

// Save writes the drawing.
func (d *Drawing) Save(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(file{Format: fileFormat, Shapes: d.shapes}); err != nil {
		return fmt.Errorf("the drawing cannot be written: %w", err)
	}
	d.changed = false
	return nil
}

const maxFile = 16 << 20

// Open reads a drawing.
func Open(r io.Reader) (*Drawing, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("the drawing cannot be read: %w", err)
	}
	if len(data) > maxFile {
		return nil, errors.New("the drawing is larger than 16 MiB")
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("this is no drawing of Sketch: %w", err)
	}
	if f.Format != fileFormat {
		return nil, errors.New("this is no drawing of Sketch, or one of a newer version")
	}
	for i, s := range f.Shapes {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("shape %d of the drawing: %w", i+1, err)
		}
	}
	return &Drawing{shapes: f.Shapes}, nil
}

func (s Shape) check() error {
	for _, v := range []float32{s.X1, s.Y1, s.X2, s.Y2} {
		if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 100_000 {
			return errors.New("lies outside of any paper")
		}
	}
	switch s.Kind {
	case Line, Rectangle, Text:
		return nil
	}
	return fmt.Errorf("of the unknown kind %.20q", s.Kind)
}
