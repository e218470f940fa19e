package proxy

import (
	"slices"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// onlyUnderWine skips on a person's Windows, whose settings a test must not touch.
func onlyUnderWine(t *testing.T) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		t.Skip("it would change this computer's proxy settings; it runs under Wine")
	}
}

// withValues sets values of a key for a test and removes them afterwards.
func withValues(t *testing.T, root registry.Key, path string, values map[string]any) {
	t.Helper()
	k, _, err := registry.CreateKey(root, path, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for name, value := range values {
		switch v := value.(type) {
		case string:
			err = k.SetStringValue(name, v)
		case uint32:
			err = k.SetDWordValue(name, v)
		case []byte:
			err = k.SetBinaryValue(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if k, err := registry.OpenKey(root, path, registry.SET_VALUE|registry.WOW64_64KEY); err == nil {
			for name := range values {
				_ = k.DeleteValue(name)
			}
			_ = k.Close()
		}
	})
}

func TestRegistry(t *testing.T) {
	onlyUnderWine(t)
	const policies = `Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings`
	for _, tt := range []struct {
		name   string
		set    func(t *testing.T)
		want   string // for https
		except []string
		script string
	}{
		{"nothing", func(*testing.T) {}, "", nil, ""},
		{"the user's", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"ProxyEnable": uint32(1), "ProxyServer": "proxy:3128", "ProxyOverride": "*.corp;<local>"})
		}, "proxy:3128", []string{"*.corp", "<local>"}, ""},
		{"switched off", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"ProxyEnable": uint32(0), "ProxyServer": "proxy:3128"})
		}, "", nil, ""},
		{"each its own", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"ProxyEnable": uint32(1), "ProxyServer": "http=a:1;https=b:2"})
		}, "b:2", nil, ""},
		{"a script", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"AutoConfigURL": "http://wpad.example/wpad.dat"})
		}, "", nil, "http://wpad.example/wpad.dat"},
		{"the machine's by policy", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"ProxyEnable": uint32(1), "ProxyServer": "user:1"})
			withValues(t, registry.LOCAL_MACHINE, internetSettings, map[string]any{"ProxyEnable": uint32(1), "ProxyServer": "machine:1"})
			withValues(t, registry.LOCAL_MACHINE, policies, map[string]any{"ProxySettingsPerUser": uint32(0)})
		}, "machine:1", nil, ""},
		{"WinHTTP's", func(t *testing.T) {
			withValues(t, registry.LOCAL_MACHINE, internetSettings+`\Connections`, map[string]any{"WinHttpSettings": connection(flagProxy|1, "winhttp:8080", "<local>")})
		}, "winhttp:8080", []string{"<local>"}, ""},
		{"the user's before WinHTTP's", func(t *testing.T) {
			withValues(t, registry.CURRENT_USER, internetSettings, map[string]any{"ProxyEnable": uint32(1), "ProxyServer": "proxy:3128"})
			withValues(t, registry.LOCAL_MACHINE, internetSettings+`\Connections`, map[string]any{"WinHttpSettings": connection(flagProxy, "winhttp:8080", "")})
		}, "proxy:3128", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.set(t)
			s, ok := readSystem(t.Context())
			if !ok || s.Proxy["https"] != tt.want || !slices.Equal(s.Except, tt.except) || s.Script != tt.script {
				t.Errorf("%+v, %v", s, ok)
			}
		})
	}
}
