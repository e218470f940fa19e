package proxy

import (
	"context"

	"golang.org/x/sys/windows/registry"
)

const internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// readSystem reads the user's settings, or the machine's where an administrator
// has taken them from the users, and else those of WinHTTP.
func readSystem(context.Context) (Settings, bool) {
	root := registry.CURRENT_USER
	if perUser, ok := number(registry.LOCAL_MACHINE, `Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings`, "ProxySettingsPerUser"); ok && perUser == 0 {
		root = registry.LOCAL_MACHINE
	}
	s := Settings{From: "Windows"}
	if enabled, ok := number(root, internetSettings, "ProxyEnable"); ok && enabled != 0 {
		s = parseWinINet(text(root, internetSettings, "ProxyServer"), text(root, internetSettings, "ProxyOverride"))
	}
	s.Script = text(root, internetSettings, "AutoConfigURL")
	if len(s.Proxy) > 0 || s.Script != "" {
		return s, true
	}
	if k, err := registry.OpenKey(registry.LOCAL_MACHINE, internetSettings+`\Connections`, registry.QUERY_VALUE|registry.WOW64_64KEY); err == nil {
		defer k.Close()
		if data, _, err := k.GetBinaryValue("WinHttpSettings"); err == nil {
			if machine, ok := parseConnection(data); ok {
				return machine, true
			}
		}
	}
	return s, true
}

func text(root registry.Key, path, name string) string {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer k.Close()
	value, _, err := k.GetStringValue(name)
	if err != nil {
		return ""
	}
	return value
}

func number(root registry.Key, path, name string) (uint64, bool) {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return 0, false
	}
	defer k.Close()
	value, _, err := k.GetIntegerValue(name)
	return value, err == nil
}
