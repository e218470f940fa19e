package licenseui_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

type paper struct{ locked bool }

func (p *paper) Lock(locked bool) { p.locked = locked }

// licensed is the README's way to a licensed window.
func licensed(ctx context.Context, a *agent.Agent, window fyne.Window, content fyne.CanvasObject, editor *paper, exportButton *widget.Button, export func()) error {
	// README begins
	ui, err := licenseui.New(a, window, licenseui.Options{Languages: messages.UserLanguages()})
	if err != nil {
		return err
	}
	ui.OnDecision = func(d enforcement.Decision) { editor.Lock(d.State >= enforcement.ReadOnly) }
	window.SetContent(ui.Gate(content)) // the content, or the licence screen in its place
	ui.Run(ctx)                         // follows the agent's events until ctx ends
	exportButton.OnTapped = func() {
		if a.Allows("png-export") {
			export()
		}
	}
	// README ends
	return nil
}

// TestReadme runs the README's lines, and wants the README to have just these.
func TestReadme(t *testing.T) {
	test.NewTempApp(t)
	m := timemachine.New(t.TempDir(), time.Now())
	t.Cleanup(func() { _ = m.Close() })
	a, err := agent.New(m.Config(timemachine.Computer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	exported, button, editor := 0, widget.NewButton("Export", nil), &paper{}
	content := widget.NewLabel("the content")
	if err := licensed(t.Context(), a, test.NewTempWindow(t, nil), content, editor, button, func() { exported++ }); err != nil {
		t.Fatal(err)
	}
	button.OnTapped()
	if !editor.locked || exported != 0 {
		t.Error("without a licence the editor is open, or something was exported")
	}
	if _, err := a.Activate(t.Context(), timemachine.Key); err != nil {
		t.Fatal(err)
	}
	if button.OnTapped(); exported != 1 {
		t.Error("nothing was exported with a licence")
	}

	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(source), "\t// README begins\n")
	lines, _, _ = strings.Cut(lines, "\t// README ends\n")
	want := strings.ReplaceAll("\n"+lines, "\n\t", "\n")
	if !strings.Contains(string(readme), "```go"+want+"```\n") {
		t.Errorf("the README does not have these lines:%s", want)
	}
}
