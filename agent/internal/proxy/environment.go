package proxy

import (
	"net/url"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
)

// environment is how the variables are read; os.LookupEnv.
type environment func(name string) (string, bool)

// first returns the first of the variables that is set and not empty.
func (e environment) first(names ...string) (name, value string) {
	for _, name := range names {
		if v, _ := e(name); pasted.Setting(v) != "" {
			return name, pasted.Setting(v)
		}
	}
	return "", ""
}

// setting returns the variable that counts for a scheme, empty when none is set:
// its own before ALL_PROXY, capitals before small letters, as net/http does.
func (e environment) setting(scheme string) (name, value string) {
	names := []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}
	if scheme == "http" {
		names = []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
		if _, cgi := e("REQUEST_METHOD"); cgi {
			names = names[1:] // a client of this process can set it ("httpoxy")
		}
	}
	return e.first(names...)
}

// exceptions returns the variable that lists what no proxy is for.
func (e environment) exceptions() (name string, entries []string) {
	name, value := e.first("NO_PROXY", "no_proxy")
	return name, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == ';' })
}

// choose returns what the environment says about a call; ok is false when it
// says nothing.
func (e environment) choose(target *url.URL) (c Choice, ok bool, err error) {
	port := portOf(target)
	if name, entries := e.exceptions(); bypassed(entries, target.Hostname(), port) {
		return Choice{From: name}, true, nil
	}
	name, value := e.setting(target.Scheme)
	if name == "" {
		return Choice{}, false, nil
	}
	u, err := Parse(value)
	if err != nil {
		// Told for this computer's own addresses as well: whoever sets it finds the
		// mistake before it matters.
		return Choice{From: name}, true, &SettingError{name, err}
	}
	if loopback(target.Hostname()) {
		return Choice{}, true, nil
	}
	return Choice{URL: u, From: name}, true, nil
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}
