package proxy

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"http://proxy:8080":              "http://proxy:8080",
		"http://proxy:8080/":             "http://proxy:8080",
		"proxy:8080":                     "http://proxy:8080",
		"proxy":                          "http://proxy",
		"HTTP://Proxy:8080":              "http://Proxy:8080",
		"https://proxy:443":              "https://proxy:443",
		"socks5://proxy:1080":            "socks5://proxy:1080",
		"socks5h://proxy":                "socks5h://proxy",
		" \"http://proxy:3128\" \r\n":    "http://proxy:3128",
		"http://proxy:3128\u200b":        "http://proxy:3128",
		"http://10.0.0.1:3128":           "http://10.0.0.1:3128",
		"http://[fd00::1]:3128":          "http://[fd00::1]:3128",
		"http://[fe80::1%25eth0]:3128":   "http://[fe80::1%25eth0]:3128",
		"http://[fe80::1%eth0]:3128":     "http://[fe80::1%25eth0]:3128",
		"http://user@proxy:3128":         "http://user@proxy:3128",
		"http://user:pass@proxy:3128":    "http://user:pass@proxy:3128",
		"user:pass@proxy:3128":           "http://user:pass@proxy:3128",
		"http://dom%5Cuser:p%23w@proxy":  "http://dom%5Cuser:p%23w@proxy",
		"http://user:100%25@proxy:3128":  "http://user:100%25@proxy:3128",
		"http://user:p@ss@proxy:3128":    "http://user:p%40ss@proxy:3128",
		"http://user:p%3Aw:x@proxy:3128": "http://user:p%3Aw%3Ax@proxy:3128",
		"http://bücher.example:3128":     "http://b%C3%BCcher.example:3128",
	} {
		u, err := Parse(in)
		if err != nil || u.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", in, u, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"":                            errEmpty,
		" \t":                         errEmpty,
		"user:100%@proxy:3128":        errEncoding,
		"http://user:100%@proxy:3128": errEncoding,
		"http://user:p#w@proxy:3128":  errEncoding,
		"http://user:a/b@proxy:3128":  errEncoding,
		"http://user:p?w@proxy:3128":  errEncoding,
		"http://user:p^w@proxy:3128":  errEncoding,
		"http://user:p w@proxy:3128":  errEncoding,
		"http://user:p\"w@proxy:3128": errEncoding,
		"http://user:pä@proxy:3128":   errEncoding,
		"http://user:%zz@proxy:3128":  errEncoding,
		"http://us%er@proxy:3128":     errEncoding,
		`dom\user:x y@proxy:3128`:     errEncoding,
		`http://dom\user:xy@proxy`:    errEncoding,
		"a/b":                         errPath,
		"http://proxy:8080/path":      errPath,
		"http://proxy/?x=1":           errPath,
		"http://proxy#x":              errPath,
		"p#w":                         errPath,
		"p^w":                         errHost,
		`dom\user:x y`:                errHost,
		"user:100%":                   errPort,
		"http://":                     errHost,
		"http://:8080":                errHost,
		"http://user:pass@":           errHost,
		"http://pro xy:8080":          errHost,
		"http:proxy:8080":             errHost,
		"http:/proxy":                 errPath,
		"//proxy:8080":                errPath,
		"http://proxy:port":           errPort,
		"http://proxy:0":              errPort,
		"http://proxy:70000":          errPort,
		"http://proxy:+80":            errPort,
		"http://proxy:-1":             errPort,
		"http://fd00::1":              errBrackets,
		"http://fd00::zz":             errHost,
		"http://[fd00::1":             errHost,
		"http://[10.0.0.1]:80":        errHost,
		"http://[fe80::1%a b]:80":     errHost,
		"http://[fd00::1]x":           errPort,
		"ftp://proxy:21":              errScheme,
		"socks4://proxy:1080":         errScheme,
		"file:///etc/proxy":           errScheme,
		"://proxy":                    errScheme,
	} {
		u, err := Parse(in)
		if !errors.Is(err, want) {
			t.Errorf("Parse(%q) = %v, %v; want the error %q", in, u, err, want)
		}
	}
}

// A proxy that is accepted is one that net/http dials as it was written; an
// error tells nothing of the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://u:p@h:1", "socks5h://[fe80::1%25a]:9", "a%20b@c", "http://[::1", "x:y:z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		u, err := Parse(in)
		if err != nil {
			if len(in) > 12 && strings.Contains(err.Error(), in) {
				t.Errorf("%q is repeated in %q", in, err)
			}
			return
		}
		if err := check(u); err != nil || u.Hostname() == "" {
			t.Errorf("%q was accepted as %q: %v", in, u, err)
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Hostname() != u.Hostname() || again.Port() != u.Port() || again.User.String() != u.User.String() {
			t.Errorf("%q: %q is read as %v, %v", in, u, again, err)
		}
	})
}

func TestAddressHasNoPassword(t *testing.T) {
	u, err := Parse("http://ann:s3cret@proxy:3128")
	if got := Address(u); err != nil || got != "http://proxy:3128" {
		t.Errorf("%q, %v", got, err)
	}
	if got := Address(nil); got != "" {
		t.Errorf("%q for no proxy", got)
	}
}
