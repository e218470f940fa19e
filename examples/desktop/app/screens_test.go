package app

import (
	"context"
	"errors"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/sketch"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

var update = flag.Bool("update", false, "write the golden files anew")

var languages = []string{"en", "de", "fr", "es", "it", "pt-BR", "ja", "zh-Hans"}

// start is when every story begins, so that the pictures show the same dates each day.
var start = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	time.Local = time.UTC
	m.Run()
}

// stage is Sketch in a window without a screen, with a licence server of its own.
type stage struct {
	*Sketch
	machine *timemachine.Machine
	agent   *agent.Agent
	window  fyne.Window
}

func newStage(t *testing.T, activated bool) *stage {
	t.Helper()
	test.NewTempApp(t)
	m := timemachine.New(t.TempDir(), start)
	t.Cleanup(func() { _ = m.Close() })
	a, err := agent.New(m.Config("this-computer"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	if activated {
		if _, err := a.Activate(t.Context(), timemachine.Key); err != nil {
			t.Fatal(err)
		}
		if _, err := a.OpenSession(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	w := test.NewTempWindow(t, nil)
	w.Resize(fyne.NewSize(900, 600))
	s, err := New(w, a, licenseui.Options{
		SetProxy: func(string) error { return nil },
		Trial:    func(context.Context) (string, error) { return timemachine.Key, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Canvas.Draw(drawing())
	s.UI.Refresh()
	return &stage{s, m, a, w}
}

func drawing() *sketch.Drawing {
	d := &sketch.Drawing{}
	ink := sketch.Color{R: 0x09, G: 0x69, B: 0xda, A: 0xff}
	d.Add(sketch.Shape{Kind: sketch.Rectangle, X1: 120, Y1: 120, X2: 520, Y2: 420, Color: ink})
	d.Add(sketch.Shape{Kind: sketch.Line, X1: 120, Y1: 270, X2: 520, Y2: 270, Color: ink})
	d.Add(sketch.Shape{Kind: sketch.Text, X1: 140, Y1: 180, Text: "Hall", Color: ink})
	return d
}

// act makes something happen, by the name it has in the panel.
func (s *stage) act(t *testing.T, name string) {
	t.Helper()
	for _, a := range s.machine.Acts() {
		if a.Name == name {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := a.Do(ctx, s.agent); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			s.UI.Refresh()
			return
		}
	}
	t.Fatalf("there is no act %q", name)
}

// scenes are how the licence comes to stand, and what the window must be then.
var scenes = []struct {
	name  string
	fresh bool // nothing is activated
	acts  []string
	state enforcement.State
	cause enforcement.Cause
}{
	{name: "first start", fresh: true, state: enforcement.Locked, cause: enforcement.NotActivated},
	{name: "active", state: enforcement.Active},
	{name: "outage, 8 days", acts: []string{"Outage", "+8 days"}, state: enforcement.ReadOnly},
	{name: "1001 expired", acts: []string{"1001 Expired"}, state: enforcement.Grace, cause: enforcement.Expired},
	{name: "1001 expired, 8 days", acts: []string{"1001 Expired", "+8 days"}, state: enforcement.ReadOnly, cause: enforcement.Expired},
	{name: "1002 switched off", acts: []string{"1002 Switched off"}, state: enforcement.Locked, cause: enforcement.Inactive},
	{name: "1003 release", acts: []string{"1003 Release"}, state: enforcement.Grace, cause: enforcement.VersionNotCovered},
	{name: "1007 no seat", acts: []string{"1007 No seat"}, state: enforcement.ReadOnly, cause: enforcement.ConnectionLimit},
	{name: "12002 session", acts: []string{"12002 Sessions"}, state: enforcement.Locked, cause: enforcement.SessionLimit},
	{name: "clock back", acts: []string{"Clock set back"}, state: enforcement.Grace, cause: enforcement.ClockRolledBack},
	{name: "healed", acts: []string{"1002 Switched off", "All is well again"}, state: enforcement.Active},
}

// TestScreens plays each scene with real calls and looks at the window in every
// language: what may be pressed, what is said, and that it fits.
func TestScreens(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			s := newStage(t, !scene.fresh)
			for _, name := range scene.acts {
				s.act(t, name)
			}
			d := s.agent.Decision()
			if d.State != scene.state || scene.cause != enforcement.NoCause && d.Cause != scene.cause {
				t.Fatalf("%v %v, want %v %v", d.State, d.Cause, scene.state, scene.cause)
			}
			if locked := d.State >= enforcement.ReadOnly; s.Canvas.Locked() != locked {
				t.Errorf("in %v the canvas is locked: %t", d.State, s.Canvas.Locked())
			}
			if s.tools.save.Disabled() {
				t.Errorf("in %v what was drawn cannot be saved", d.State)
			}
			var said []string
			for _, language := range languages {
				if err := s.SetLanguages(language); err != nil {
					t.Fatal(err)
				}
				text := visible(s.window.Content())
				if strings.Contains(text, "{") {
					t.Errorf("%s: a placeholder is left: %s", language, text)
				}
				said = append(said, language+"\n"+text)
			}
			if err := s.SetLanguages("en"); err != nil {
				t.Fatal(err)
			}
			golden(t, scene.name, strings.Join(said, "\n"))
			picture(t, scene.name, s.window, s.UI.Refresh)
		})
	}
}

var digits = regexp.MustCompile(`[0-9]+`)

// golden compares what is said in all languages with what was said; numbers are
// the day's.
func golden(t *testing.T, name, text string) {
	t.Helper()
	text = digits.ReplaceAllString(text, "0")
	path := filepath.Join("testdata", file(name)+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s says otherwise than %s; got:\n%s", name, path, text)
	}
}

func file(name string) string { return strings.NewReplacer(" ", "-", ",", "").Replace(name) }

// visible is every text that can be seen, one per line.
func visible(o fyne.CanvasObject) string {
	var b strings.Builder
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		switch x := o.(type) {
		case *widget.Label:
			b.WriteString(x.Text + "\n")
		case *licenseui.Button:
			b.WriteString("[" + x.Text + "]\n")
		case *canvas.Text:
			b.WriteString(x.Text + "\n")
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
	return b.String()
}

// picture compares the window with its golden picture, in light and in dark.
func picture(t *testing.T, name string, w fyne.Window, refresh func()) {
	t.Helper()
	for variant, label := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
		fyne.CurrentApp().Settings().SetTheme(licenseui.InVariant(licenseui.Readable(theme.DefaultTheme()), variant))
		refresh()
		compare(t, filepath.Join("testdata", file(name)+"-"+label+".png"), w.Canvas().Capture())
	}
}

// compare compares a picture with a golden one.
func compare(t *testing.T, path string, got image.Image) {
	t.Helper()
	if *update {
		write(t, path, got)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = f.Close() }()
	if want, err := png.Decode(f); err != nil || !alike(got, want) {
		write(t, filepath.Join(os.TempDir(), filepath.Base(path)), got)
		t.Errorf("%s looks otherwise (%v); see %s, or run with -update", path, err, os.TempDir())
	}
}

func write(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// alike reports whether two pictures show the same: times of day that are told
// may differ in some digits, which are few of the pixels.
func alike(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	differ := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if apart(r1, r2) || apart(g1, g2) || apart(b1, b2) {
				differ++
			}
		}
	}
	return differ < a.Bounds().Dx()*a.Bounds().Dy()/250
}

func apart(a, b uint32) bool { return max(a, b)-min(a, b) > 0x1000 }
