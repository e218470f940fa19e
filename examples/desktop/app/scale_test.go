package app

import (
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
)

// screenWidth and screenHeight are a small laptop's in pixels. At 200 per cent
// a window has half of that in Fyne's units.
const screenWidth, screenHeight = 1280, 800

// scales are sizes of the display's settings in per cent, and the screens whose
// pictures are kept.
var scales = []int{100, 125, 200}

// TestScales shows each scene and each dialog, in every language, in a window that
// fills a small screen at each scale, and wants no text to need more room than it
// has: neither in its own place nor in what that stands in.
func TestScales(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			s := newStage(t, !scene.fresh)
			for _, name := range scene.acts {
				s.act(t, name)
			}
			for _, percent := range scales {
				factor := float32(percent) / 100
				size := fyne.NewSize(screenWidth/factor, screenHeight/factor)
				s.window.Canvas().(interface{ SetScale(float32) }).SetScale(factor)
				for _, language := range languages {
					if err := s.SetLanguages(language); err != nil {
						t.Fatal(err)
					}
					s.settle(size)
					if least := s.window.Content().MinSize(); least.Width > size.Width || least.Height > size.Height {
						t.Errorf("%d %%, %s: the window needs %v of %v", percent, language, least, size)
					}
					fits(t, percent, language+" window", s.window.Content())
					if percent != 200 || scene.name != "first start" && scene.name != "active" {
						continue // the narrowest window counts, and these have all that dialogs can show
					}
					s.dialogs(t, func(name string, overlay fyne.CanvasObject) {
						fits(t, percent, language+" "+name, overlay)
					})
				}
			}
		})
	}
}

// settle lays the window out until lines are broken where they will be; Fyne's real
// driver does so with each frame, when a least size has changed.
func (s *stage) settle(size fyne.Size) {
	for _, less := range []float32{2, 1, 0} {
		s.window.Resize(size.SubtractWidthHeight(less, less))
	}
}

// dialogsByName are how the dialogs of the licence and of Sketch are opened.
func (s *stage) dialogsByName() map[string]func() {
	return map[string]func(){
		"about": s.UI.ShowAbout, "key": s.UI.ShowEnterKey, "offline": s.UI.ShowOffline, "proxy": s.UI.ShowProxy, "report": s.UI.ShowReport,
		"close": s.Close, "text": func() { s.askText(func(string) {}) },
	}
}

// dialogs opens each dialog by itself.
func (s *stage) dialogs(t *testing.T, look func(string, fyne.CanvasObject)) {
	t.Helper()
	o := s.window.Canvas().Overlays()
	for name, open := range s.dialogsByName() {
		open()
		if o.Top() == nil {
			t.Fatalf("%s opens no dialog", name)
		}
		look(name, o.Top())
		for o.Top() != nil {
			o.Remove(o.Top())
		}
	}
}

// fits wants every text to have the room that it needs. What a scroll holds may be
// longer than it: its own content counts then.
func fits(t *testing.T, percent int, where string, o fyne.CanvasObject) {
	t.Helper()
	const slack = 1 // of rounding
	var walk func(o fyne.CanvasObject, room fyne.Size)
	check := func(o fyne.CanvasObject, text string, room fyne.Size) {
		need, has := o.MinSize(), o.Size()
		if has.IsZero() { // the title of Fyne's dialogs, which is drawn as it is
			has = need
		}
		if need.Width > has.Width+slack || need.Height > has.Height+slack || has.Width > room.Width+slack {
			t.Errorf("%d %%, %s: %q needs %v, has %v in %v", percent, where, text, need, has, room)
		}
	}
	walk = func(o fyne.CanvasObject, room fyne.Size) {
		if o == nil || !o.Visible() {
			return
		}
		within := fyne.NewSize(min(room.Width, o.Size().Width), min(room.Height, o.Size().Height))
		switch x := o.(type) {
		case *widget.Label:
			check(x, x.Text, room)
		case *licenseui.Button:
			check(x, x.Text, room)
		case *canvas.Text:
			check(x, x.Text, room)
		case *fyne.Container:
			for _, o := range x.Objects {
				walk(o, within)
			}
		case fyne.Widget:
			if size, scrolls := content(x); scrolls {
				within = size
			}
			for _, o := range test.WidgetRenderer(x).Objects() {
				walk(o, within)
			}
		}
	}
	walk(o, o.Size())
}

// content is how large the content of a scroll is, where that is what is cut off.
func content(w fyne.Widget) (size fyne.Size, scrolls bool) {
	s, ok := w.(*container.Scroll)
	if !ok {
		return size, false
	}
	size = s.Content.MinSize().Max(s.Size())
	switch s.Direction {
	case container.ScrollVerticalOnly:
		size.Width = s.Size().Width
	case container.ScrollHorizontalOnly:
		size.Height = s.Size().Height
	}
	return size, true
}

// TestPicturesOfScales keeps the window as it looks at 125 and 200 per cent.
func TestPicturesOfScales(t *testing.T) {
	for _, name := range []string{"first start", "1001 expired, 8 days", "12002 session"} {
		for _, scene := range scenes {
			if scene.name != name {
				continue
			}
			s := newStage(t, !scene.fresh)
			for _, act := range scene.acts {
				s.act(t, act)
			}
			fyne.CurrentApp().Settings().SetTheme(licenseui.InVariant(licenseui.Readable(theme.DefaultTheme()), theme.VariantLight))
			for _, percent := range scales[1:] {
				factor := float32(percent) / 100
				s.window.Canvas().(interface{ SetScale(float32) }).SetScale(factor)
				s.UI.Refresh()
				s.settle(fyne.NewSize(screenWidth/factor, screenHeight/factor))
				compare(t, filepath.Join("testdata", file(name)+map[int]string{125: "-125.png", 200: "-200.png"}[percent]), s.window.Canvas().Capture())
			}
		}
	}
}
