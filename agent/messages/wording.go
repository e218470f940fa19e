package messages

import (
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// wording is one message in the making.
type wording struct {
	t *Texts
	d enforcement.Decision
	s Situation
}

// say returns the first text that there is, filled in; later keys are the more
// general ones.
func (w *wording) say(keys ...string) string {
	for _, key := range keys {
		if s, ok := w.t.catalog.Texts[key]; ok {
			return w.fill(s["other"])
		}
	}
	return ""
}

// fill puts values in the place of placeholders, each once: what a value says is
// never taken for a placeholder.
func (w *wording) fill(s string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	return strings.NewReplacer(
		"{app}", w.s.App,
		"{version}", w.s.Version,
		"{expires}", w.date(w.s.Expires),
		"{starts}", w.date(w.s.Starts),
		"{until}", w.until(),
	).Replace(s)
}

func (w *wording) date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return w.t.date(at.In(w.t.location))
}

// near is the decision with the deadline of a cause that there is. One that is
// still to come, such as a seat that would lapse if it were not renewed, would
// count down to something that does not happen.
func near(d enforcement.Decision) enforcement.Decision {
	first := enforcement.Finding{Then: d.State}
	found := false
	for f := range d.Findings() {
		found = true
		worse := f.Then > d.State || f.Cause == d.Cause && f.Then != f.State
		if worse && !f.Until.IsZero() && (first.Until.IsZero() || f.Until.Before(first.Until)) {
			first = f
		}
	}
	if found {
		d.Until, d.Then = first.Until, first.Then
	}
	return d
}

// until is the deadline, with the time of day when it is near.
func (w *wording) until() string {
	date := w.date(w.d.Until)
	if date == "" || w.s.Now.IsZero() || w.d.Until.Sub(w.s.Now) >= 7*24*time.Hour {
		return date
	}
	return w.t.catalog.moment(date, w.d.Until.In(w.t.location))
}

// about says what is the matter, in the words for this remedy or this state
// where there are such.
func (w *wording) about(kind string) string {
	general := kind + "." + causeKey(w.d.Cause)
	special := []string{general + "." + w.d.State.String(), general}
	if w.d.Remedy != enforcement.NoRemedy {
		special = append([]string{general + "." + w.d.Remedy.String()}, special...)
	}
	if w.undated() {
		var both []string
		for _, key := range special {
			both = append(both, key+".undated", key)
		}
		special = both
	}
	return w.say(special...)
}

// undated reports whether the date that the cause has is not known, or has not
// come: the server can say that a licence has expired before its date.
func (w *wording) undated() bool {
	switch w.d.Cause {
	case enforcement.Expired:
		return w.s.Expires.IsZero() || !w.s.Now.IsZero() && w.s.Expires.After(w.s.Now)
	case enforcement.NotYetValid:
		return w.s.Starts.IsZero() || !w.s.Now.IsZero() && w.s.Starts.Before(w.s.Now)
	}
	return false
}

// sentences says what happened and what still works.
func (w *wording) sentences() string {
	works := "works." + w.d.State.String()
	keys := []string{works + "." + causeKey(w.d.Cause), works}
	if w.d.State == enforcement.Grace && w.d.Until.IsZero() {
		keys = append([]string{works + ".undated"}, keys...)
	}
	parts := []string{w.about("text")}
	if s := w.say(keys...); s != "" && w.d.Cause != enforcement.NoCause {
		parts = append(parts, s)
	}
	space := " "
	if w.t.catalog.Space != nil {
		space = *w.t.catalog.Space
	}
	return strings.Join(parts, space)
}

// deadline says how much time is left until the state changes. What goes well
// has none: the next check of a licence that is fine comes by itself.
func (w *wording) deadline() string {
	if w.d.State == enforcement.Active || w.d.Until.IsZero() || w.s.Now.IsZero() {
		return ""
	}
	text := w.t.catalog.Texts["deadline."+w.d.Then.String()]["other"]
	left := w.t.catalog.left(max(w.d.Until.Sub(w.s.Now), 0))
	return w.fill(strings.ReplaceAll(text, "{left}", left))
}

// actions are what buttons can do about it: one case for each remedy, which is
// why it is long.
func (w *wording) actions() (first Action, others []Action) {
	var list []Action
	add := func(a Action) {
		for _, had := range list {
			if had == a || had.Kind == a.Kind && a.Kind != OpenURL {
				return
			}
		}
		list = append(list, a)
	}
	button := func(k Kind, url string) { add(Action{Kind: k, Label: w.say("action." + string(k)), URL: url}) }
	page := func(name, url string) {
		if url != "" {
			add(Action{Kind: OpenURL, Label: w.say("action.open_url." + name), URL: url})
		}
	}
	l := w.s.Links
	switch w.d.Remedy {
	case enforcement.EnterKey, enforcement.CheckKey, enforcement.ActivateAgain, enforcement.DeactivateThere:
		button(EnterKey, "")
		page("buy", l.Buy)
	case enforcement.FreeDevice:
		page("manage", l.Manage)
		button(EnterKey, "")
		page("buy", l.Buy)
	case enforcement.ImportActivation:
		button(ImportFile, "")
	case enforcement.RenewLicense:
		page("renew", l.Renew)
		button(GoOnline, "")
		page("buy", l.Buy)
	case enforcement.UpdateApplication:
		button(Update, l.Download)
		page("renew", l.Renew)
	case enforcement.GoOnline, enforcement.CorrectClock, enforcement.CheckNetwork:
		button(GoOnline, "")
	case enforcement.CloseWindow:
		button(CloseWindow, "")
		page("manage", l.Manage)
	case enforcement.FreeSeat, enforcement.AddUser, enforcement.RemoveUser:
		page("manage", l.Manage)
		button(GoOnline, "")
		page("buy", l.Buy)
	case enforcement.ContactVendor, enforcement.VendorAccess, enforcement.VendorConfiguration, enforcement.VendorBackOffice, enforcement.FixApplication:
		button(Contact, l.Support)
	}
	if l.Support != "" && w.d.Cause != enforcement.NoCause {
		button(Contact, l.Support)
	}
	if len(list) == 0 {
		return Action{Kind: None}, nil
	}
	return list[0], list[1:]
}

// String tells the message in one paragraph, for logs and terminals.
func (m Message) String() string {
	parts := []string{m.Title + ".", m.Text}
	for _, more := range []string{m.Deadline, m.Help} {
		if more != "" {
			parts = append(parts, "("+more+")")
		}
	}
	return strings.Join(parts, " ")
}
