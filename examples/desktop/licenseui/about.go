package licenseui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// ShowAbout shows the licence: whose, what of, until when, and what is to come.
func (u *UI) ShowAbout() {
	m := u.texts.Of(u.agent)
	form := container.New(&formLayout{})
	row := func(key, value string) {
		if value == "" {
			value = "–"
		}
		form.Add(widget.NewLabelWithStyle(u.words.Text(key), fyne.TextAlignTrailing, fyne.TextStyle{Bold: true}))
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
			seat := u.words.Text("seat_none")
			if s.Held {
				seat = u.words.Text("seat_until", "time", s.ValidUntil.Local().Format("15:04"))
			}
			row("seat", seat)
		}
	}
	row("device", u.agent.Device().ID)
	row("kept_in", u.words.Text("kept_"+string(u.agent.Diagnose().Store)))
	row("version", u.opts.Version)

	d := NewDialog(u.window, u.words.Text("about"))
	d.Add(form)
	if coming := u.agent.Forecast(); len(coming) > 0 {
		d.Add(widget.NewLabelWithStyle(u.words.Text("forecast"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), u.forecast(coming))
	}
	more := container.NewGridWithColumns(2, d.Button(u.words.Text("report"), u.ShowReport))
	if u.opts.SetProxy != nil {
		more.Add(d.Button(u.words.Text("proxy"), u.ShowProxy))
	}
	if !l.IsZero() {
		more.Add(d.Button(u.words.Text("change_key"), u.ShowEnterKey))
		more.Add(d.Button(u.words.Text("deactivate"), func() { u.confirmDeactivate(d) }))
	}
	d.Add(more)
	closing := d.Choice(u.words.Text("close"), widget.HighImportance, d.Close)
	d.Open(fyne.NewSize(640, 0), closing)
}

func (u *UI) end(end time.Time, ok bool) string {
	if !ok {
		return u.words.Text("never")
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

func (u *UI) confirmDeactivate(about *Dialog) {
	d := NewDialog(u.window, u.words.Text("deactivate"))
	d.Add(wrapped(u.words.Text("deactivate_text")))
	cancel := d.Choice(u.words.Text("cancel"), widget.MediumImportance, d.Close)
	d.Choice(u.words.Text("deactivate"), widget.DangerImportance, func() {
		d.Close()
		u.call(callLimit, func(ctx context.Context) error {
			_, err := u.agent.Deactivate(ctx)
			return err
		}, func(err error) {
			if err != nil {
				u.showFailure(err)
				return
			}
			about.Close()
		})
	})
	d.Open(dialogSize, cancel)
}

// ShowReport shows what a help desk wants to know, to be copied. It holds no key.
func (u *UI) ShowReport() {
	text := u.agent.Diagnose().String()
	d := NewDialog(u.window, u.words.Text("report"))
	d.Add(container.NewHScroll(widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})))
	if support := u.agent.Links().Support; support != "" {
		d.Choice(u.words.Text("contact"), widget.MediumImportance, func() { u.browse(support) })
	}
	d.Choice(u.words.Text("close"), widget.MediumImportance, d.Close)
	done := d.Choice(u.words.Text("copy"), widget.HighImportance, func() {
		fyne.CurrentApp().Clipboard().SetContent(text)
		d.Close()
	})
	d.Open(fyne.NewSize(720, 480), done)
}
