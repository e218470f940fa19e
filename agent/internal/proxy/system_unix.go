//go:build unix && !darwin

package proxy

import "context"

// readSystem asks GNOME, whose settings other desktops keep as well.
func readSystem(ctx context.Context) (Settings, bool) {
	text, ok := output(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy")
	return parseGSettings(text), ok
}
