// Package proxy finds the HTTP proxy for a call: the application's, else the
// environment's, else the system's (the settings of Windows, macOS or GNOME).
//
// The usual way, net/http's ProxyFromEnvironment, drops what it cannot read and
// goes around the proxy, looks half a password up as a host name, remembers the
// environment for ever, and knows neither ALL_PROXY nor the system's settings.
// github.com/mattn/go-ieproxy reads those of Windows, for 290 KB of a second IDNA
// table, remembers them for ever, and needs cgo on macOS; so they are read here.
package proxy
