package licenseui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/leasehold-dev/leasehold/agent/messages"
)

// ShowAbout shows the licence: whose, what of, until when, and what is to come.
func (u *UI) ShowAbout() {
	m := u.texts.Of(u.agent)
	form := container.New(&formLayout{})
	row := func(key, value string) {
		if value == "" {
			value = "–"
		}
		form.Add(widget.NewLabelWithStyle(u.words.text(key), fyne.TextAlignTrailing, fyne.TextStyle{Bold: true}))
		form.Add(wrapped(value))
	}
	row("state", statusText(m))
	l := u.agent.License()
	if !l.IsZero() {
		t := l.Terms()
		row("customer", t.Customer.Company)
		row("edition", t.EditionName)
		row("key", masked(t.Key))
		row("expires", u.end(l.Expires()))
		row("features", u.features())
		row("limits", u.limits())
		if s := u.agent.Session(); l.Floating() {
			seat := u.words.text("seat_none")
			if s.Held {
				seat = u.words.text("seat_until", "time", s.ValidUntil.Local().Format("15:04"))
			}
			row("seat", seat)
		}
	}
	row("device", u.agent.Device().ID)
	row("version", u.opts.Version)

	content := container.NewVBox(form)
	if coming := u.agent.Forecast(); len(coming) > 0 {
		content.Add(widget.NewLabelWithStyle(u.words.text("forecast"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
		content.Add(u.forecast(coming))
	}
	d := dialog.NewCustomWithoutButtons(u.words.text("about"), container.NewVScroll(content), u.window)
	buttons := []fyne.CanvasObject{widget.NewButton(u.words.text("report"), u.ShowReport)}
	if u.opts.SetProxy != nil {
		buttons = append(buttons, widget.NewButton(u.words.text("proxy"), u.ShowProxy))
	}
	if !l.IsZero() {
		buttons = append(buttons, widget.NewButton(u.words.text("change_key"), u.ShowEnterKey), widget.NewButton(u.words.text("deactivate"), func() { u.confirmDeactivate(d) }))
	}
	closing := widget.NewButton(u.words.text("close"), func() { d.Hide() })
	closing.Importance = widget.HighImportance
	d.SetButtons(append(buttons, closing))
	d.Resize(fyne.NewSize(640, 520))
	d.Show()
	u.window.Canvas().Focus(closing)
}

func (u *UI) end(end time.Time, ok bool) string {
	if !ok {
		return u.words.text("never")
	}
	return end.Local().Format(time.DateOnly)
}

func (u *UI) features() string {
	var names []string
	for _, f := range u.agent.License().Features() {
		if u.agent.Allows(f.Name) {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

func (u *UI) limits() string {
	var list []string
	for _, x := range u.agent.License().Limitations() {
		l, ok := u.agent.Limit(x.Name)
		switch {
		case !ok:
		case l.Unlimited:
			list = append(list, x.Name+" ∞")
		case l.RemainingKnown:
			list = append(list, x.Name+" "+l.Remaining.String()+" / "+l.Value.String())
		default:
			list = append(list, x.Name+" "+l.Value.String())
		}
	}
	return strings.Join(list, ", ")
}

// masked shows the end of a key only, so that a screenshot gives nothing away.
func masked(key string) string {
	if len(key) <= 4 {
		return key
	}
	return "…" + key[len(key)-4:]
}

func (u *UI) confirmDeactivate(about *dialog.CustomDialog) {
	dialog.ShowConfirm(u.words.text("deactivate"), u.words.text("deactivate_text"), func(yes bool) {
		if !yes {
			return
		}
		u.call(callLimit, func(ctx context.Context) error {
			_, err := u.agent.Deactivate(ctx)
			return err
		}, func(err error) {
			if err != nil {
				u.showFailure(err)
				return
			}
			about.Hide()
		})
	}, u.window)
}

// ShowReport shows what a help desk wants to know, to be copied. It holds no key.
func (u *UI) ShowReport() {
	text := u.agent.Diagnose().String()
	area := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	d := dialog.NewCustomWithoutButtons(u.words.text("report"), container.NewScroll(area), u.window)
	done := widget.NewButton(u.words.text("copy"), func() {
		fyne.CurrentApp().Clipboard().SetContent(text)
		d.Hide()
	})
	done.Importance = widget.HighImportance
	buttons := []fyne.CanvasObject{widget.NewButton(u.words.text("close"), func() { d.Hide() }), done}
	if support := u.agent.Links().Support; support != "" {
		buttons = append([]fyne.CanvasObject{widget.NewButton(u.words.text("contact"), func() { u.act(messages.Action{Kind: messages.Contact, URL: support}, nil) })}, buttons...)
	}
	d.SetButtons(buttons)
	d.Resize(fyne.NewSize(720, 480))
	d.Show()
	u.window.Canvas().Focus(done)
}

// ShowProxy asks for the address of a proxy.
func (u *UI) ShowProxy() {
	entry := widget.NewEntry()
	entry.SetText(u.opts.Proxy)
	entry.SetPlaceHolder("http://proxy.example:3128")
	said := wrapped("")
	said.Importance = widget.DangerImportance
	said.Hide()
	d := dialog.NewCustomWithoutButtons(u.words.text("proxy"), container.NewVBox(wrapped(u.words.text("proxy_text")), entry, said), u.window)
	ok := widget.NewButton(u.words.text("save"), func() {
		if err := u.opts.SetProxy(entry.Text); err != nil {
			said.SetText(err.Error())
			said.Show()
			return
		}
		u.opts.Proxy = entry.Text
		d.Hide()
	})
	ok.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{widget.NewButton(u.words.text("cancel"), func() { d.Hide() }), ok})
	d.Resize(dialogSize)
	d.Show()
	u.window.Canvas().Focus(entry)
}
