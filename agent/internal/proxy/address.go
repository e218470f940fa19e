package proxy

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
)

// SettingError is a proxy setting that cannot be used. It holds nothing of the
// setting's value, which may be a password.
type SettingError struct {
	Name string // the variable, or where the setting is
	Err  error
}

// Error says which setting is wrong and how it is written.
func (e *SettingError) Error() string {
	return "the proxy setting of " + e.Name + " is no address of a proxy: " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *SettingError) Unwrap() error { return e.Err }

// The characters are told all together: which one it is would tell of the password.
const form = `; write it as http://host:port or http://user:password@host:port, with what is special in the user name and the password percent-encoded: % as %25, # as %23, / as %2F, ? as %3F, @ as %40, \ as %5C, ^ as %5E, a blank as %20`

var (
	errEmpty    = errors.New("it is empty" + form)
	errScheme   = errors.New("it begins with something else than http://, https://, socks5:// or socks5h://" + form)
	errHost     = errors.New("its host is missing or has characters that no host has" + form)
	errPort     = errors.New("its port is not a number from 1 to 65535" + form)
	errPath     = errors.New("there is something after the host and the port" + form)
	errBrackets = errors.New("an IPv6 address stands in brackets, as in http://[fd00::1]:3128")
	errEncoding = errors.New("the user name or the password has a character that a URL cannot have" + form)
)

// Parse reads the address of a proxy. Without a scheme it is one of http. The
// error says what is wrong and how to write it; it holds nothing of the text.
func Parse(text string) (*url.URL, error) {
	text = pasted.Setting(text)
	if text == "" {
		return nil, errEmpty
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "http", text
	}
	scheme = strings.ToLower(scheme)
	if !knownScheme(scheme) {
		return nil, errScheme
	}
	u := &url.URL{Scheme: scheme}
	rest = strings.TrimRight(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, err := parseUser(rest[:i])
		if err != nil {
			return nil, err
		}
		u.User, rest = user, rest[i+1:]
	}
	host, err := ParseHost(rest)
	if err != nil {
		return nil, err
	}
	u.Host = host
	return u, nil
}

func knownScheme(scheme string) bool {
	switch scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}

func parseUser(text string) (*url.Userinfo, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return !inUser(r) }) {
		return nil, errEncoding
	}
	name, password, both := strings.Cut(text, ":")
	name, err := url.PathUnescape(name)
	if err != nil {
		return nil, errEncoding
	}
	password, err = url.PathUnescape(password)
	if err != nil {
		return nil, errEncoding
	}
	if !both {
		return url.User(name), nil
	}
	return url.UserPassword(name, password), nil
}

// inUser reports whether a character may stand in a URL's user information (RFC
// 3986, 3.2.1). An "@" may too: the last one ends it.
func inUser(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~!$&'()*+,;=:%@", r)
}

// ParseHost checks the host and port of an address, and returns them as
// [url.URL.Host] has them: the zone of an IPv6 address without its escape.
func ParseHost(text string) (string, error) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		addr, port, closed := strings.Cut(inner, "]")
		addr = strings.Replace(addr, "%25", "%", 1)
		if ip, err := netip.ParseAddr(addr); !closed || err != nil || !ip.Is6() || strings.ContainsFunc(ip.Zone(), notInName) {
			return "", errHost
		}
		if port != "" && !validPort(port) {
			return "", errPort
		}
		return "[" + addr + "]" + strings.TrimSuffix(port, ":"), nil
	}
	host, port, both := strings.Cut(text, ":")
	switch {
	case strings.Count(text, ":") > 1:
		if _, err := netip.ParseAddr(text); err == nil {
			return "", errBrackets
		}
		return "", errHost
	case strings.ContainsAny(host, "/?#") || strings.ContainsAny(port, "/?#"):
		return "", errPath
	case host == "" || strings.ContainsFunc(host, notInName):
		return "", errHost
	case both && !validPort(":"+port):
		return "", errPort
	}
	return strings.TrimSuffix(text, ":"), nil
}

// notInName refuses what no host name has. Letters outside ASCII are for IDNA.
func notInName(r rune) bool {
	return r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsMark(r) && (r < '0' || r > '9')
}

// validPort reports whether text is a colon and a port, or a colon alone.
func validPort(text string) bool {
	if text == ":" {
		return true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, ":"), 10, 16)
	return err == nil && n > 0 && text[0] == ':' && text[1] != '+'
}

// check is for the URL of a proxy that was made elsewhere.
func check(u *url.URL) error {
	switch {
	case !knownScheme(u.Scheme):
		return errScheme
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return errPath
	}
	_, err := ParseHost(u.Host)
	return err
}

// Address shows a proxy without its user and password.
func Address(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}
