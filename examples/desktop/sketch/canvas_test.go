package sketch

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestDrawingByMouse(t *testing.T) {
	test.NewTempApp(t)
	c := NewCanvas(&Drawing{})
	changes := 0
	c.Changed = func() { changes++ }
	w := test.NewTempWindow(t, c)
	w.Resize(fyne.NewSize(PaperWidth, PaperHeight))
	drag := func() {
		c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(100, 100)}, Dragged: fyne.NewDelta(20, 10)})
		c.DragEnd()
	}
	drag()
	if n := len(c.Drawing().Shapes()); n != 1 || changes != 1 {
		t.Fatalf("%d shapes, %d changes", n, changes)
	}
	c.Tool = Text
	c.AskText = func(done func(string)) { done("hello") }
	c.Tapped(&fyne.PointEvent{Position: fyne.NewPos(10, 10)})
	if s := c.Drawing().Shapes(); len(s) != 2 || s[1].Text != "hello" {
		t.Fatalf("%v", s)
	}

	c.Lock(true)
	c.Tool = Line
	drag()
	c.Undo()
	if n := len(c.Drawing().Shapes()); n != 2 {
		t.Errorf("a locked drawing was changed: %d shapes", n)
	}
	c.Lock(false)
	c.Undo()
	c.Redo()
	if n := len(c.Drawing().Shapes()); n != 2 {
		t.Errorf("%d shapes after an undo and a redo", n)
	}
}
