package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
)

// actions are all that can be acted on in an object, as far as it is seen.
func actions(o fyne.CanvasObject) (list []fyne.Focusable) {
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
			return
		}
		switch x := o.(type) {
		case *licenseui.Button:
			list = append(list, x)
		case *licenseui.Entry:
			list = append(list, x)
		case *widget.Select:
			list = append(list, x)
		case *widget.Button, *widget.Entry:
			panic("a button or an entry that Return or Escape does nothing in")
		case *fyne.Container:
			for _, o := range x.Objects {
				walk(o)
			}
		case fyne.Widget:
			for _, o := range test.WidgetRenderer(x).Objects() {
				walk(o)
			}
		}
	}
	walk(o)
	return list
}

// inOrder wants Tab to reach each action, from top to bottom and from left to right.
func inOrder(t *testing.T, where string, c fyne.Canvas, o fyne.CanvasObject) {
	t.Helper()
	want, got := actions(o), 0
	place := func(f fyne.Focusable) fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(f.(fyne.CanvasObject))
	}
	seen := map[fyne.Focusable]bool{}
	c.Unfocus()
	c.FocusNext()
	for f, before := c.Focused(), fyne.Focusable(nil); f != nil && !seen[f]; f = c.Focused() {
		seen[f], got = true, got+1
		if before != nil { // both where they are now: what has the keyboard is scrolled to
			from, to := place(before), place(f)
			if row := to.Y - from.Y; row < -rowSlack || row <= rowSlack && to.X < from.X {
				t.Errorf("%s: Tab jumps from %v to %v", where, from, to)
			}
		}
		if at, size := place(f), f.(fyne.CanvasObject).Size(); at.Y < 0 || at.Y+size.Height > c.Size().Height+1 {
			t.Errorf("%s: what has the keyboard is not seen: it is at %v, in %v", where, at, c.Size())
		}
		before = f
		c.FocusNext()
	}
	if got != len(want) || got == 0 {
		t.Errorf("%s: Tab comes to %d of %d actions", where, got, len(want))
	}
	for _, f := range want {
		if !seen[f] {
			t.Errorf("%s: Tab does not come to %T", where, f)
		}
	}
}

const rowSlack = 4 // what stands in one row is not equally high

func TestTabReachesEverythingInOrder(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			s := newStage(t, !scene.fresh)
			for _, name := range scene.acts {
				s.act(t, name)
			}
			s.settle(fyne.NewSize(640, 400)) // a small screen at 200 per cent
			c := s.window.Canvas()
			inOrder(t, "window", c, s.window.Content())
			if scene.name == "first start" || scene.name == "1001 expired" { // without a licence, and with one
				s.dialogs(t, func(name string, overlay fyne.CanvasObject) { inOrder(t, name, c, overlay) })
			}
		})
	}
}

// TestEscapeClosesDialogs presses Escape with the keyboard in each thing of each
// dialog, and with the keyboard in none.
func TestEscapeClosesDialogs(t *testing.T) {
	s := newStage(t, true)
	c := s.window.Canvas()
	escape := &fyne.KeyEvent{Name: fyne.KeyEscape}
	for name, open := range s.dialogsByName() {
		open()
		n := len(actions(c.Overlays().Top()))
		c.OnTypedKey()(escape)
		if c.Overlays().Top() != nil {
			t.Fatalf("%s is still there after Escape", name)
		}
		if c.OnTypedKey() != nil {
			t.Errorf("%s leaves its keys behind", name)
		}
		for i := range n {
			open()
			list := actions(c.Overlays().Top())
			c.Focus(list[i])
			list[i].TypedKey(escape)
			if c.Overlays().Top() != nil {
				t.Fatalf("%s is still there after Escape in its %T %d", name, list[i], i)
			}
		}
	}
}

// TestReturnPresses activates by keys alone: from the first start to a drawing that
// can be edited.
func TestReturnPresses(t *testing.T) {
	s := newStage(t, false)
	c := s.window.Canvas()
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	c.FocusNext()
	c.Focused().TypedKey(enter) // Enter license key
	if c.Overlays().Top() == nil {
		t.Fatal("Return does not press the first button")
	}
	for _, r := range "not a key" {
		c.Focused().TypedRune(r)
	}
	c.Focused().TypedKey(enter)
	s.UI.Wait()
	if c.Overlays().Top() == nil {
		t.Fatal("what is no key was taken")
	}
	entry, ok := c.Focused().(*licenseui.Entry)
	if !ok {
		t.Fatalf("after a refusal the keyboard is in %T", c.Focused())
	}
	entry.SetText("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978")
	entry.TypedKey(enter)
	s.UI.Wait()
	if c.Overlays().Top() != nil || c.Focused() != nil {
		t.Errorf("a dialog is left, or the keyboard is in %T", c.Focused())
	}
	c.FocusNext()
	if c.Focused() != fyne.Focusable(s.tools.open) && s.agent.Decision().Cause == 0 {
		t.Errorf("Tab comes to %T first", c.Focused())
	}
}
