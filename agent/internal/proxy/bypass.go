package proxy

import (
	"net"
	"net/netip"
	"path"
	"strings"
)

// bypassed reports whether a list of exceptions names a host. Each entry is "*",
// "<local>" (names without a dot), an IP address, a network, or a domain, which
// stands for its subdomains as well; with a dot or "*." before it, for those
// alone. It may have a port, and "*" anywhere.
func bypassed(entries []string, host, port string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip, _ := netip.ParseAddr(host)
	for _, entry := range entries {
		if matches(strings.ToLower(strings.TrimSpace(entry)), host, port, ip) {
			return true
		}
	}
	return false
}

func matches(entry, host, port string, ip netip.Addr) bool {
	_, entry = cutScheme(entry)
	switch entry {
	case "":
		return false
	case "*":
		return true
	case "<local>":
		return !ip.IsValid() && !strings.Contains(host, ".")
	}
	if network, ok := parseNetwork(entry); ok {
		return ip.IsValid() && network.Contains(ip.Unmap().AsSlice())
	}
	if name, p, err := net.SplitHostPort(entry); err == nil && p != "" {
		if p != port {
			return false
		}
		entry = name
	}
	entry = strings.Trim(entry, "[]")
	if addr, err := netip.ParseAddr(entry); err == nil {
		return ip.IsValid() && addr.Unmap() == ip.Unmap()
	}
	if ip.IsValid() && !strings.Contains(entry, "*") {
		return false
	}
	entry = strings.TrimSuffix(entry, ".")
	if domain, ok := strings.CutPrefix(entry, "*."); ok && !strings.Contains(domain, "*") {
		return strings.HasSuffix(host, "."+domain)
	}
	if strings.Contains(entry, "*") {
		ok, err := path.Match(entry, host)
		return ok && err == nil
	}
	if strings.HasPrefix(entry, ".") {
		return strings.HasSuffix(host, entry)
	}
	return host == entry || strings.HasSuffix(host, "."+entry)
}

func cutScheme(entry string) (scheme, rest string) {
	if before, after, ok := strings.Cut(entry, "://"); ok {
		return before, after
	}
	return "", entry
}

// parseNetwork also knows the short form of macOS, such as 169.254/16. net has it
// parsed as net/http does; netip is 3 kB more.
func parseNetwork(entry string) (*net.IPNet, bool) {
	addr, bits, ok := strings.Cut(entry, "/")
	if !ok {
		return nil, false
	}
	if !strings.Contains(addr, ":") {
		for strings.Count(addr, ".") < 3 && addr != "" {
			addr += ".0"
		}
	}
	_, network, err := net.ParseCIDR(addr + "/" + bits)
	return network, err == nil
}

// loopback reports whether a host is this computer, which no proxy leads to.
func loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.Unmap().IsLoopback()
}
