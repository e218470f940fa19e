package licenseui

import (
	"net/url"
	"slices"

	"fyne.io/fyne/v2/widget"
)

// ShowProxy asks for the address of a proxy.
func (u *UI) ShowProxy() {
	d := NewDialog(u.window, u.words.Text("proxy"))
	entry, said := d.Entry(), wrapped("")
	entry.SetText(u.opts.Proxy)
	entry.SetPlaceHolder("http://proxy.example:3128")
	said.Importance = widget.DangerImportance
	said.Hide()
	complain := func(text string) {
		said.SetText(text)
		said.Show()
		d.Fit()
		u.window.Canvas().Focus(entry)
	}
	save := func() {
		if !isProxy(entry.Text) {
			complain(u.words.Text("proxy_wrong"))
			return
		}
		if err := u.opts.SetProxy(entry.Text); err != nil {
			complain(err.Error())
			return
		}
		u.opts.Proxy = entry.Text
		d.Close()
	}
	entry.OnSubmitted = func(string) { save() }
	d.Add(wrapped(u.words.Text("proxy_text")), entry, said)
	d.Choice(u.words.Text("cancel"), widget.MediumImportance, d.Close)
	d.Choice(u.words.Text("save"), widget.HighImportance, save)
	d.Open(dialogSize, entry)
}

// isProxy reports whether something is the address of a proxy, or empty for none.
func isProxy(address string) bool {
	u, err := url.Parse(address)
	return address == "" || err == nil && u.Host != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}
