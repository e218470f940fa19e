package proxy

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
)

// Choice is which proxy a call goes through, and who says so.
type Choice struct {
	URL  *url.URL // nil: none
	From string   // the variable, "the application's Proxy" or the system's name; empty when nobody says anything
	// Script is the address of the system's script (PAC) for choosing a proxy, which
	// is not run, so that the call goes out directly.
	Script string
}

// Chooser chooses proxies. The zero Chooser asks the environment and the system.
// It is safe for concurrent use and must not be copied.
type Chooser struct {
	// App is the application's own choice, which comes first. Nil: none.
	App func(*http.Request) (*url.URL, error)
	// AppName names App in errors. Default: "the application's Proxy".
	AppName string

	lookup environment // nil: the process's
	system system
}

// ofApplication is the name of [Chooser.App].
const ofApplication = "the application's Proxy"

// Proxy is for [http.Transport].
func (c *Chooser) Proxy(req *http.Request) (*url.URL, error) {
	choice, err := c.choose(req)
	return choice.URL, err
}

// Choose returns the proxy for calls to a server. It may read the system's
// settings, which takes no longer than two seconds.
func (c *Chooser) Choose(ctx context.Context, server string) (Choice, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server, http.NoBody)
	if err != nil {
		return Choice{}, errors.New("the server's address is no URL")
	}
	return c.choose(req)
}

func (c *Chooser) choose(req *http.Request) (Choice, error) {
	if c.App != nil {
		name := cmp.Or(c.AppName, ofApplication)
		u, err := c.App(req)
		if setting, ok := errors.AsType[*SettingError](err); ok {
			return Choice{From: setting.Name}, setting
		}
		if err != nil {
			// Its words may hold the address with the password.
			return Choice{From: name}, &SettingError{name, errors.New("it could not be found")}
		}
		if u != nil {
			if err := check(u); err != nil {
				return Choice{From: name}, &SettingError{name, err}
			}
		}
		return Choice{URL: u, From: name}, nil
	}
	lookup := c.lookup
	if lookup == nil {
		lookup = os.LookupEnv
	}
	if choice, ok, err := lookup.choose(req.URL); ok {
		return choice, err
	}
	if loopback(req.URL.Hostname()) {
		return Choice{}, nil
	}
	return c.system.settings(req.Context()).choose(req.URL)
}
