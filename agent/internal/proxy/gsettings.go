package proxy

import (
	"net"
	"strings"
)

// parseGSettings reads the lines of "gsettings list-recursively
// org.gnome.system.proxy": a schema, a key and a value in GVariant's text form.
func parseGSettings(text string) Settings {
	s := Settings{From: "GNOME", Proxy: map[string]string{}}
	values := map[string]string{}
	for line := range strings.Lines(text) {
		schema, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		key, value, both := strings.Cut(rest, " ")
		schema, ours := strings.CutPrefix(schema, "org.gnome.system.proxy")
		if ok && both && ours {
			values[strings.TrimPrefix(schema+"."+key, ".")] = value
		}
	}
	one := func(name string) string {
		if list := variantStrings(values[name]); len(list) == 1 {
			return list[0]
		}
		return ""
	}
	switch one("mode") {
	case "auto":
		s.Script = one("autoconfig-url")
		if s.Script == "" {
			s.Script = "found by WPAD"
		}
	case "manual":
		for _, scheme := range []string{"http", "https", "socks"} {
			host, port := one(scheme+".host"), values[scheme+".port"]
			if host != "" && port != "" && port != "0" {
				s.Proxy[scheme] = net.JoinHostPort(host, port)
			}
		}
		user := one("http.authentication-user")
		if s.Proxy["http"] != "" && values["http.use-authentication"] == "true" && user != "" {
			s.Proxy["http"] = withUser(s.Proxy["http"], user, one("http.authentication-password"))
		}
		s.Except = variantStrings(values["ignore-hosts"])
	}
	return s
}

// variantStrings returns the strings in a GVariant text: one, or those of an
// array. Quotes are of either kind, with a backslash before what is meant as is.
func variantStrings(text string) (list []string) {
	for text != "" {
		i := strings.IndexAny(text, `'"`)
		if i < 0 {
			return list
		}
		quote := text[i]
		text = text[i+1:]
		var b strings.Builder
		closed := false
		for text != "" && !closed {
			c := text[0]
			text = text[1:]
			switch {
			case c == quote:
				closed = true
			case c == '\\' && text != "":
				b.WriteByte(text[0])
				text = text[1:]
			default:
				b.WriteByte(c)
			}
		}
		if closed {
			list = append(list, b.String())
		}
	}
	return list
}
