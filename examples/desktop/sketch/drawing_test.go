package sketch

import (
	"bytes"
	"image/png"
	"reflect"
	"strings"
	"testing"
)

var (
	ink = Color{R: 0x1a, G: 0x7f, B: 0x37, A: 0xff}
	all = []Shape{
		{Kind: Line, X1: 10, Y1: 10, X2: 200, Y2: 100, Color: ink},
		{Kind: Rectangle, X1: 300, Y1: 200, X2: 250, Y2: 150, Color: ink},
		{Kind: Text, X1: 40, Y1: 300, Text: "Grundriss, 2. Stock – für Zoë", Color: ink},
	}
)

func drawn() *Drawing {
	d := &Drawing{}
	for _, s := range all {
		d.Add(s)
	}
	return d
}

func TestUndoAndRedo(t *testing.T) {
	d := drawn()
	for range 2 {
		d.Undo()
	}
	if len(d.Shapes()) != 1 {
		t.Fatalf("%d shapes after two undos", len(d.Shapes()))
	}
	if !d.Redo() || !reflect.DeepEqual(d.Shapes(), all[:2]) {
		t.Fatalf("after a redo: %v", d.Shapes())
	}
	d.Add(all[2])
	if d.Redo() {
		t.Error("what was undone came back after something new was drawn")
	}
	empty := &Drawing{}
	if empty.Undo() || empty.Redo() || empty.Changed() {
		t.Error("an empty paper has something to undo, redo or save")
	}
}

func TestSavedIsOpenedAlike(t *testing.T) {
	d := drawn()
	var b bytes.Buffer
	if !d.Changed() {
		t.Error("new shapes need no saving")
	}
	if err := d.Save(&b); err != nil || d.Changed() {
		t.Fatalf("%v, changed %t", err, d.Changed())
	}
	again, err := Open(&b)
	if err != nil || !reflect.DeepEqual(again.Shapes(), all) || again.Changed() {
		t.Fatalf("%v, %v, changed %t", again.Shapes(), err, again.Changed())
	}
}

func TestWhatIsNoDrawingIsRefused(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"sketch":2}`, `{"sketch":1,"shapes":[{"kind":"circle"}]}`, `{"sketch":1,"shapes":[{"kind":"line","x1":1e30}]}`, `{"sketch":1,"shapes":[{"kind":"line","color":"red"}]}`} {
		if _, err := Open(strings.NewReader(text)); err == nil {
			t.Errorf("%q was opened", text)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	if err := drawn().Save(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Open(bytes.NewReader(data))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := d.Save(&b); err != nil {
			t.Fatal(err)
		}
		if again, err := Open(&b); err != nil || !reflect.DeepEqual(again.Shapes(), d.Shapes()) {
			t.Fatalf("%v: %v is opened as %v", err, d.Shapes(), again.Shapes())
		}
	})
}

func TestPictureAndDocument(t *testing.T) {
	var picture, document bytes.Buffer
	if err := drawn().PNG(&picture); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&picture)
	if err != nil || img.Bounds().Dx() != 2*PaperWidth || img.Bounds().Dy() != 2*PaperHeight {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	if r, g, b, _ := img.At(2*275, 2*150).RGBA(); r>>8 > 0x60 || g>>8 < 0x60 || b>>8 > 0x80 {
		t.Errorf("the rectangle's edge is %x %x %x", r>>8, g>>8, b>>8)
	}
	if err := drawn().PDF(&document); err != nil || !bytes.HasPrefix(document.Bytes(), []byte("%PDF-")) {
		t.Fatalf("%v, %.8q", err, document.Bytes())
	}
}
