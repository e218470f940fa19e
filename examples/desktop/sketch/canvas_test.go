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

// TestALockLosesNothing begins a line and a text, and locks the drawing before
// either is done.
func TestALockLosesNothing(t *testing.T) {
	test.NewTempApp(t)
	c := NewCanvas(&Drawing{})
	test.NewTempWindow(t, c).Resize(fyne.NewSize(2*PaperWidth, PaperHeight))
	c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(600, 100)}, Dragged: fyne.NewDelta(20, 10)})
	c.Lock(true)
	c.DragEnd()
	if s := c.Drawing().Shapes(); len(s) != 1 || !c.Drawing().Changed() {
		t.Fatalf("%v, changed %t", s, c.Drawing().Changed())
	}
	c.Lock(false)
	c.Tool = Text
	var finish func(string)
	c.AskText = func(done func(string)) { finish = done }
	c.Tapped(&fyne.PointEvent{Position: fyne.NewPos(600, 10)})
	c.Lock(true)
	finish("hello")
	if s := c.Drawing().Shapes(); len(s) != 2 || s[1].Text != "hello" {
		t.Fatalf("%v", s)
	}
}

// TestThePaperLiesInTheMiddle draws beside it, which ends at its edge.
func TestThePaperLiesInTheMiddle(t *testing.T) {
	test.NewTempApp(t)
	c := NewCanvas(&Drawing{})
	w := test.NewTempWindow(t, c)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(2*PaperWidth, PaperHeight))
	c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(PaperWidth/2+120, 90)}, Dragged: fyne.NewDelta(400, 0)})
	c.DragEnd()
	if s := c.Drawing().Shapes()[0]; s.X1 != 0 || s.X2 != 120 || s.Y1 != 90 {
		t.Errorf("%+v", s)
	}
}
