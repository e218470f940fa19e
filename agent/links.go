package agent

import (
	"fmt"
	"net/url"
	"strings"
)

// Links are pages of the vendor's that a user can be sent to when something is
// to be done about the licence. Each may be empty; package messages shows those
// that are set as actions. They are addresses that start with https:, http: or
// mailto:.
//
// These placeholders may stand in them; [Agent.Links] fills them in, escaped:
//
//	{license}   the licence key, empty without a licence
//	{device}    the device ID
//	{app}       the application's name
//	{version}   the application's version
//
// A page that knows the licence by its key saves the user from typing it. The
// key is then in the browser's history, as it would be had the user typed it.
type Links struct {
	Buy      string // get a licence
	Renew    string // extend the licence
	Manage   string // see and free the licence's seats, devices and users
	Support  string // ask the vendor
	Download string // get another release of the application
}

// placeholders are the parts of an address that stand in braces.
func placeholders(address string) (list []string) {
	for {
		_, rest, open := strings.Cut(address, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			return list
		}
		list, address = append(list, "{"+name+"}"), after
	}
}

// check says which link is no address, or has a placeholder that is not known.
func (l Links) check() error {
	for _, link := range []struct{ name, address string }{
		{"Buy", l.Buy}, {"Renew", l.Renew}, {"Manage", l.Manage}, {"Support", l.Support}, {"Download", l.Download},
	} {
		if link.address == "" {
			continue
		}
		example := link.address
		for _, p := range placeholders(link.address) {
			example = strings.Replace(example, p, "x", 1)
			switch p {
			case "{license}", "{device}", "{app}", "{version}":
			default:
				return fmt.Errorf("the setting Links.%s has the unknown placeholder %s; there are {license}, {device}, {app} and {version}", link.name, p)
			}
		}
		u, err := url.Parse(example)
		web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
		if mail := err == nil && u.Scheme == "mailto" && u.Opaque != ""; !web && !mail {
			return fmt.Errorf("the setting Links.%s is not an address that starts with https:, http: or mailto: and names a place", link.name)
		}
	}
	return nil
}

// Links returns the configured links with their placeholders filled in for the
// licence that is held now.
func (a *Agent) Links() Links {
	if a.unmade() {
		return Links{}
	}
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") } // reads the same in a path and in a query
	fill := strings.NewReplacer(
		"{license}", escape(a.License().Key()),
		"{device}", escape(a.install.Identity.ID),
		"{app}", escape(a.set.App.Name),
		"{version}", escape(a.set.App.Version),
	).Replace
	l := a.set.Links
	return Links{Buy: fill(l.Buy), Renew: fill(l.Renew), Manage: fill(l.Manage), Support: fill(l.Support), Download: fill(l.Download)}
}

// App returns the application that the agent was configured for.
func (a *Agent) App() App {
	if a.unmade() {
		return App{}
	}
	return a.set.App
}
