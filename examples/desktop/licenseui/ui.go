package licenseui

import (
	"context"
	"net/url"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Options say how the licence is shown. The zero value shows it in English.
type Options struct {
	// Languages are the user's, the most wanted first; see [messages.UserLanguages].
	Languages []string
	// Catalogs replace or add texts of package messages.
	Catalogs []messages.Catalog
	// Trial starts a trial and returns its licence key; nil where the vendor has none.
	Trial func(context.Context) (key string, err error)
	// SaveWork saves what the user made, from the licence screen; nil: no button.
	SaveWork func()
	// Unsaved reports whether there is work to save; nil: there always is.
	Unsaved func() bool
	// CloseWindow closes the window, where another one has the seat. Default: what
	// Close of the window does, which asks nobody whether to save.
	CloseWindow func()
	// Update gets another release. Default: the browser, at the page that the
	// server or Links.Download names.
	Update func()
	// OpenURL opens a page. Default: the system's browser.
	OpenURL func(*url.URL) error
	// SetProxy keeps the address of a proxy for the next start; nil: no settings.
	SetProxy func(address string) error
	// Proxy is the address that is kept now.
	Proxy string
	// Version is shown in the window about the licence.
	Version string
}

// UI shows the licence of one agent in one window.
type UI struct {
	// OnDecision is called with each new decision, and once by Gate.
	OnDecision func(enforcement.Decision)

	agent  *agent.Agent
	window fyne.Window
	opts   Options
	texts  *messages.Texts
	words  Words

	ctx     context.Context // of Run; ends calls that nobody waits for any more
	calls   sync.WaitGroup  // to the server, under way
	content fyne.CanvasObject
	root    *fyne.Container
	banner  *banner
	screen  *screen
	status  *Button
	ready   bool
	running bool
	waited  bool // for a seat
}

// New prepares the licence's part of a window. An error names the language or
// text that cannot be used.
func New(a *agent.Agent, window fyne.Window, o Options) (*UI, error) {
	u := &UI{agent: a, window: window, opts: o, ctx: context.Background()}
	if u.opts.OpenURL == nil {
		u.opts.OpenURL = fyne.CurrentApp().OpenURL
	}
	if u.opts.CloseWindow == nil {
		u.opts.CloseWindow = window.Close
	}
	if u.opts.Unsaved == nil {
		u.opts.Unsaved = func() bool { return true }
	}
	u.banner, u.screen = newBanner(u), newScreen(u)
	u.status = NewButton("", u.ShowAbout)
	u.status.Importance = widget.LowImportance
	if err := u.SetLanguages(o.Languages...); err != nil {
		return nil, err
	}
	fyne.CurrentApp().Settings().AddListener(func(fyne.Settings) { // from light to dark
		if u.ctx.Err() == nil {
			u.Refresh()
		}
	})
	return u, nil
}

// SetLanguages changes the language of everything shown.
func (u *UI) SetLanguages(languages ...string) error {
	texts, err := messages.New(messages.Options{Languages: languages, Catalogs: u.opts.Catalogs})
	if err != nil {
		return err
	}
	u.texts, u.words = texts, WordsIn(catalogs, texts.Language())
	u.Refresh()
	return nil
}

// Language is the BCP 47 tag of the language shown.
func (u *UI) Language() string { return u.texts.Language() }

// Gate returns what to put into the window: the content, with a banner above it
// when there is something to say, or the licence screen.
func (u *UI) Gate(content fyne.CanvasObject) fyne.CanvasObject {
	u.content = container.New(layout.NewBorderLayout(u.banner.object, nil, nil, nil), u.banner.object, content) // Tab comes to the banner first
	u.root = container.NewStack(u.content, u.screen.object)
	u.ready = true
	u.Refresh()
	return u.root
}

// StatusItem returns a button for a status bar: it says how the licence is, and
// shows more of it.
func (u *UI) StatusItem() fyne.CanvasObject { return u.status }

// Run follows the agent until ctx ends: each event, and each minute a deadline
// that is counted down.
func (u *UI) Run(ctx context.Context) {
	u.ctx, u.running = ctx, true
	if u.screen.object.Visible() {
		u.screen.focus() // which takes a content that is in the window
	}
	go func() {
		for event := range u.agent.Changes(ctx) {
			fyne.Do(func() { u.hear(event) })
		}
	}()
	go func() {
		minute := time.NewTicker(time.Minute)
		defer minute.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-minute.C:
				fyne.Do(u.Refresh)
			}
		}
	}()
}

func (u *UI) hear(event agent.Event) {
	switch e := event.(type) {
	case agent.UpdateAvailable:
		u.banner.update = &e
	case agent.SeatGained:
		u.banner.seat = ""
		if u.waited {
			u.banner.seat, u.waited = seatBack, false
		}
	case agent.SeatLost:
		u.banner.seat = seatLost
	case agent.StateChanged:
		if e.To.State != enforcement.Active && u.banner.seat == seatBack {
			u.banner.seat = ""
		}
		u.waited = u.waited || e.To.Cause == enforcement.ConnectionLimit || e.To.Cause == enforcement.SessionLimit
	}
	u.Refresh()
}

// Refresh shows the decision as it is now.
func (u *UI) Refresh() {
	d := u.agent.Decision()
	m := u.texts.Of(u.agent)
	u.status.SetText(statusText(m))
	u.banner.show(m)
	if d.State == enforcement.Locked {
		u.screen.show(m) // not before: it is not seen, and texts take time to lay out
	}
	if !u.ready {
		return
	}
	locked := d.State == enforcement.Locked
	if locked != u.screen.object.Visible() {
		setVisible(u.screen.object, locked)
		setVisible(u.content, !locked)
		if locked && u.running {
			u.screen.focus()
		}
	}
	if !locked {
		u.screen.unfocus()
	}
	if u.OnDecision != nil {
		u.OnDecision(d)
	}
}

func setVisible(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

func statusText(m messages.Message) string {
	if m.Deadline == "" || m.State == enforcement.Active {
		return m.StateName
	}
	return m.StateName + " · " + m.Deadline
}

// call makes a call to the server beside the main goroutine and comes back with
// what became of it.
func (u *UI) call(limit time.Duration, do func(context.Context) error, done func(error)) {
	u.calls.Go(func() {
		ctx, cancel := context.WithTimeout(u.ctx, limit)
		defer cancel()
		err := do(ctx)
		fyne.Do(func() {
			done(err)
			u.Refresh()
		})
	})
}

// Wait returns when no call to the server is under way; for tests.
func (u *UI) Wait() { u.calls.Wait() }

// callLimit is how long a person waits for the server.
const callLimit = 30 * time.Second
