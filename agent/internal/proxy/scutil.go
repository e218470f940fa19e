package proxy

import (
	"net"
	"net/url"
	"strings"
)

// parseScutil reads what macOS's "scutil --proxy" prints: a dictionary, with
// arrays and further dictionaries in it, of which only the first counts.
func parseScutil(text string) Settings {
	s := Settings{From: "macOS", Proxy: map[string]string{}}
	values := map[string]string{}
	depth, list := 0, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, " : ")
		key = strings.TrimSpace(key)
		switch {
		case strings.HasSuffix(line, "{"):
			if depth++; depth == 2 {
				list = key
			}
		case line == "}":
			depth--
		case depth == 1:
			values[key] = value
		case depth == 2 && list == "ExceptionsList":
			s.Except = append(s.Except, value)
		}
	}
	for scheme, name := range map[string]string{"http": "HTTP", "https": "HTTPS", "socks": "SOCKS"} {
		if values[name+"Enable"] == "1" && values[name+"Proxy"] != "" {
			s.Proxy[scheme] = hostPort(values[name+"Proxy"], values[name+"Port"])
		}
	}
	if values["ExcludeSimpleHostnames"] == "1" {
		s.Except = append(s.Except, "<local>")
	}
	if values["ProxyAutoConfigEnable"] == "1" {
		s.Script = values["ProxyAutoConfigURLString"]
	}
	return s
}

// hostPort joins a host and a port that may be missing.
func hostPort(host, port string) string {
	if port == "" || port == "0" {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// withUser puts a user name and a password before a host.
func withUser(host, user, password string) string {
	return "http://" + url.UserPassword(user, password).String() + "@" + host
}
