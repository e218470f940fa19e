package proxy

import (
	"encoding/binary"
	"strings"
)

// parseWinINet makes settings of what Windows has in its registry: one address
// for everything, or a list such as "http=a:1;https=b:2;socks=c:3", and what is
// excepted, apart by semicolons.
func parseWinINet(server, override string) Settings {
	s := Settings{From: "Windows", Proxy: map[string]string{}}
	for entry := range strings.FieldsFuncSeq(server, func(r rune) bool { return r == ';' || r == ' ' }) {
		scheme, address, ok := strings.Cut(entry, "=")
		if !ok {
			s.Proxy["http"], s.Proxy["https"] = entry, entry
			continue
		}
		if scheme = strings.ToLower(scheme); scheme == "http" || scheme == "https" || scheme == "socks" {
			s.Proxy[scheme] = address
		}
	}
	s.Except = strings.FieldsFunc(override, func(r rune) bool { return r == ';' || r == ' ' || r == ',' })
	return s
}

// The flags of a connection's settings.
const (
	flagProxy  = 2
	flagScript = 4
)

// parseConnection reads the binary value in which WinHTTP ("netsh winhttp set
// proxy") and the control panel keep a connection: a version, a counter, flags,
// and then the proxy, the exceptions and the script, each after its length. ok is
// false for what is in another form.
func parseConnection(data []byte) (s Settings, ok bool) {
	const header = 12
	if len(data) < header {
		return s, false
	}
	flags, rest := binary.LittleEndian.Uint32(data[8:]), data[header:]
	text := func() string {
		if len(rest) < 4 {
			rest = nil
			return ""
		}
		n := binary.LittleEndian.Uint32(rest)
		rest = rest[4:]
		if uint64(n) > uint64(len(rest)) {
			rest = nil
			return ""
		}
		t := string(rest[:n])
		rest = rest[n:]
		return t
	}
	server, override, script := text(), text(), text()
	s = Settings{From: "Windows"}
	if flags&flagProxy != 0 {
		s = parseWinINet(server, override)
	}
	if flags&flagScript != 0 {
		s.Script = script
	}
	return s, true
}
