package licenseui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

func newUI(t *testing.T, o Options) (*UI, *agent.Agent, fyne.Window) {
	t.Helper()
	test.NewTempApp(t)
	m := timemachine.New(t.TempDir(), time.Now())
	t.Cleanup(func() { _ = m.Close() })
	a, err := agent.New(m.Config("this-computer"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	w := test.NewTempWindow(t, nil)
	w.Resize(fyne.NewSize(900, 640))
	u, err := New(a, w, o)
	if err != nil {
		t.Fatal(err)
	}
	w.SetContent(u.Gate(widget.NewLabel("the content")))
	return u, a, w
}

// seen returns all that can be seen in a window, dialogs included: texts, entries
// and buttons.
func seen(w fyne.Window) (texts []string, entries []*Entry, buttons map[string]*Button) {
	buttons = map[string]*Button{}
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch x := o.(type) {
		case *widget.Label:
			texts = append(texts, x.Text)
		case *canvas.Text:
			texts = append(texts, x.Text)
		case *Entry:
			entries = append(entries, x)
		case *Button:
			buttons[x.Text] = x
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
	walk(w.Content())
	for _, o := range w.Canvas().Overlays().List() {
		walk(o)
	}
	return texts, entries, buttons
}

func press(t *testing.T, u *UI, w fyne.Window, label string) {
	t.Helper()
	_, _, buttons := seen(w)
	b := buttons[label]
	if b == nil {
		t.Fatalf("there is no button %q", label)
	}
	test.Tap(b)
	u.calls.Wait()
}

func TestFirstStart(t *testing.T) {
	u, a, w := newUI(t, Options{})
	press(t, u, w, "Enter license key")
	_, entries, _ := seen(w)
	if len(entries) != 1 || w.Canvas().Focused() != fyne.Focusable(entries[0]) {
		t.Fatalf("%d entries, and the keyboard is not in the first", len(entries))
	}

	entries[0].SetText("deadbeef-0000-4000-8000-000000000000")
	press(t, u, w, "Activate")
	texts, _, _ := seen(w)
	if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "1000") }) {
		t.Errorf("a wrong key is answered with %q", texts)
	}
	if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "deadbeef") }) {
		t.Error("the key is shown in the message")
	}

	entries[0].SetText(" “" + timemachine.Key + "” ")
	press(t, u, w, "Activate")
	if d := a.Decision(); d.State > enforcement.Grace || len(w.Canvas().Overlays().List()) != 0 {
		t.Errorf("%v, %d dialogs are left", d, len(w.Canvas().Overlays().List()))
	}
	if texts, _, _ := seen(w); !slices.Contains(texts, "the content") {
		t.Errorf("the content is not shown: %q", texts)
	}
}

func TestTrial(t *testing.T) {
	refused := errors.New("no trial today")
	trial := func(context.Context) (string, error) { return "", refused }
	u, a, w := newUI(t, Options{Trial: func(ctx context.Context) (string, error) { return trial(ctx) }})
	press(t, u, w, "Start a trial")
	if texts, _, _ := seen(w); !slices.Contains(texts, refused.Error()) {
		t.Errorf("%q", texts)
	}
	press(t, u, w, "OK")
	trial = func(context.Context) (string, error) { return timemachine.Key, nil }
	press(t, u, w, "Start a trial")
	if d := a.Decision(); d.State > enforcement.Grace {
		t.Error(d)
	}
}

func TestNeverOnline(t *testing.T) {
	u, _, w := newUI(t, Options{})
	press(t, u, w, "This computer is never online")
	_, entries, _ := seen(w)
	entries[0].SetText(timemachine.Key)
	press(t, u, w, "Show link")
	press(t, u, w, "Copy link")
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.Contains(got, "/provisioning/activations/offline?") {
		t.Errorf("copied %q", got)
	}
	u.importFile([]byte("<junk/>"))
	u.calls.Wait()
	texts, _, _ := seen(w)
	if !slices.Contains(texts, "That did not work") {
		t.Errorf("junk was imported: %q", texts)
	}
}

func TestAbout(t *testing.T) {
	u, a, w := newUI(t, Options{Version: "1.4.2", SetProxy: func(string) error { return errors.New("the proxy cannot be kept") }})
	if _, err := a.Activate(t.Context(), timemachine.Key); err != nil {
		t.Fatal(err)
	}
	u.Refresh()
	u.ShowAbout()
	texts, _, _ := seen(w)
	all := strings.Join(texts, "\n")
	for _, want := range []string{"Meridian Surveys Ltd.", "Professional", "…5978", "png-export", "prints", "1.4.2"} {
		if want = strings.Replace(want, "5978", timemachine.Key[len(timemachine.Key)-4:], 1); !strings.Contains(all, want) {
			t.Errorf("%q is not told in\n%s", want, all)
		}
	}
	if strings.Contains(all, timemachine.Key) {
		t.Error("the whole key is shown")
	}
	press(t, u, w, "Proxy")
	_, entries, _ := seen(w)
	entries[0].SetText("proxy.example")
	press(t, u, w, "Save")
	if texts, _, _ := seen(w); !slices.Contains(texts, "Write it like http://proxy.example:3128.") {
		t.Errorf("%q", texts)
	}
	entries[0].SetText("http://proxy.example:3128")
	press(t, u, w, "Save")
	if texts, _, _ := seen(w); !slices.Contains(texts, "the proxy cannot be kept") {
		t.Errorf("%q", texts)
	}
	press(t, u, w, "Cancel")
	press(t, u, w, "Report for support")
	press(t, u, w, "Copy")
	report := fyne.CurrentApp().Clipboard().Content()
	if !strings.Contains(report, "this-computer") || strings.Contains(report, timemachine.Key) {
		t.Errorf("the report is\n%s", report)
	}
	press(t, u, w, "Deactivate")
	_, _, buttons := seen(w)
	if w.Canvas().Focused() != fyne.Focusable(buttons["Cancel"]) {
		t.Error("Return would give the seat back at once")
	}
	press(t, u, w, "Deactivate") // the one in front
	if d := a.Decision(); d.Cause != enforcement.NotActivated {
		t.Errorf("after giving the seat back: %v", d)
	}
}

func TestWordsAreComplete(t *testing.T) {
	english := WordsIn(catalogs, "en")
	for _, language := range []string{"de", "fr", "es", "it", "pt-BR", "ja", "zh-Hans"} {
		w := WordsIn(catalogs, language)
		if len(w) != len(english) {
			t.Errorf("%s has %d words, English %d", language, len(w), len(english))
		}
		for key, text := range english {
			if w[key] == "" {
				t.Errorf("%s lacks %s", language, key)
			}
			if strings.Count(text, "{") != strings.Count(w[key], "{") {
				t.Errorf("%s: %s has other placeholders: %q", language, key, w[key])
			}
		}
	}
	if WordsIn(catalogs, "en-GB")["cancel"] != "Cancel" || WordsIn(catalogs, "xx")["cancel"] != "Cancel" {
		t.Error("a language that is not there has no words")
	}
}
