package proxy

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"
)

const gnomeManual = `org.gnome.system.proxy autoconfig-url 'http://wpad/unused.dat'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', "it's.example", '::1']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host 'ftp.example'
org.gnome.system.proxy.ftp port 21
org.gnome.system.proxy.http authentication-password 'p#w'
org.gnome.system.proxy.http authentication-user 'dom\\ann'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'proxy.example'
org.gnome.system.proxy.http port 3128
org.gnome.system.proxy.http use-authentication true
org.gnome.system.proxy.https host 'secure.example'
org.gnome.system.proxy.https port 3129
org.gnome.system.proxy.socks host ''
org.gnome.system.proxy.socks port 0
`

const macOS = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 3128
  HTTPProxy : proxy.example
  HTTPSEnable : 0
  HTTPSPort : 3129
  HTTPSProxy : secure.example
  ProxyAutoConfigEnable : 1
  ProxyAutoConfigURLString : http://wpad.example/wpad.dat
  SOCKSEnable : 1
  SOCKSPort : 1080
  SOCKSProxy : fd00::1
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      HTTPEnable : 1
      HTTPProxy : other.example
    }
  }
}
`

func TestSystems(t *testing.T) {
	for _, tt := range []struct {
		name   string
		got    Settings
		proxy  map[string]string
		except []string
		script string
	}{
		{"GNOME", parseGSettings(gnomeManual),
			map[string]string{"http": "http://dom%5Cann:p%23w@proxy.example:3128", "https": "secure.example:3129"},
			[]string{"localhost", "127.0.0.0/8", "it's.example", "::1"}, ""},
		{"GNOME, none", parseGSettings("org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy.http host 'p'\norg.gnome.system.proxy.http port 1\n"), nil, nil, ""},
		{"GNOME, script", parseGSettings("org.gnome.system.proxy autoconfig-url 'http://wpad/x.dat'\norg.gnome.system.proxy mode 'auto'\n"), nil, nil, "http://wpad/x.dat"},
		{"GNOME, found", parseGSettings("org.gnome.system.proxy autoconfig-url ''\norg.gnome.system.proxy mode 'auto'\n"), nil, nil, "found by WPAD"},
		{"GNOME, no exceptions", parseGSettings("org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy ignore-hosts @as []\n"), nil, nil, ""},
		{"GNOME, a user that is not used", parseGSettings(strings.Replace(gnomeManual, "use-authentication true", "use-authentication false", 1)),
			map[string]string{"http": "proxy.example:3128", "https": "secure.example:3129"},
			[]string{"localhost", "127.0.0.0/8", "it's.example", "::1"}, ""},
		{"GNOME, a user without a proxy", parseGSettings("org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.http use-authentication true\norg.gnome.system.proxy.http authentication-user 'ann'\n"), nil, nil, ""},
		{"GNOME, a port without a host", parseGSettings("org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.https port 1\norg.gnome.system.proxy.http host 'p'\norg.gnome.system.proxy.http port 0\n"), nil, nil, ""},
		{"GNOME, nothing", parseGSettings(""), nil, nil, ""},
		{"macOS", parseScutil(macOS),
			map[string]string{"http": "proxy.example:3128", "socks": "[fd00::1]:1080"},
			[]string{"*.local", "169.254/16", "<local>"}, "http://wpad.example/wpad.dat"},
		{"macOS, nothing", parseScutil("<dictionary> {\n}\n"), nil, nil, ""},
		{"Windows, one for all", parseWinINet("proxy:3128", "*.corp;10.*;<local>"),
			map[string]string{"http": "proxy:3128", "https": "proxy:3128"}, []string{"*.corp", "10.*", "<local>"}, ""},
		{"Windows, each its own", parseWinINet("http=a:1;HTTPS=b:2;ftp=c:3;socks=d:4", ""),
			map[string]string{"http": "a:1", "https": "b:2", "socks": "d:4"}, nil, ""},
		{"Windows, one for all and one its own", parseWinINet("a:1;socks=d:4", ""), map[string]string{"http": "a:1", "https": "a:1", "socks": "d:4"}, nil, ""},
		{"Windows, with a scheme", parseWinINet("https=http://b:2", ""), map[string]string{"https": "http://b:2"}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !maps.Equal(tt.got.Proxy, tt.proxy) || !slices.Equal(tt.got.Except, tt.except) || tt.got.Script != tt.script {
				t.Errorf("%+v", tt.got)
			}
		})
	}
}

// connection is the binary value of a connection's settings.
func connection(flags uint32, texts ...string) []byte {
	data := binary.LittleEndian.AppendUint32([]byte{0x46, 0, 0, 0, 7, 0, 0, 0}, flags)
	for _, text := range texts {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
		data = append(data, text...)
	}
	return append(data, make([]byte, 32)...)
}

func TestConnection(t *testing.T) {
	s, ok := parseConnection(connection(flagProxy|flagScript|1, "proxy:3128", "<local>", "http://wpad/x.dat"))
	if !ok || s.Proxy["https"] != "proxy:3128" || !slices.Equal(s.Except, []string{"<local>"}) || s.Script != "http://wpad/x.dat" {
		t.Errorf("%+v, %v", s, ok)
	}
	s, ok = parseConnection(connection(1, "proxy:3128", "", "http://wpad/x.dat"))
	if !ok || len(s.Proxy) != 0 || s.Script != "" {
		t.Errorf("switched off: %+v, %v", s, ok)
	}
	if s, ok := parseConnection([]byte("short")); ok {
		t.Errorf("%+v", s)
	}
}

func FuzzSystems(f *testing.F) {
	f.Add(gnomeManual)
	f.Add(macOS)
	f.Add("http=a:1;b")
	f.Add(string(connection(7, "a", "b", "c")))
	f.Add("org.gnome.system.proxy x '\\")
	f.Fuzz(func(_ *testing.T, text string) {
		parseGSettings(text)
		parseScutil(text)
		parseWinINet(text, text)
		parseConnection([]byte(text))
		bypassed([]string{text}, "host.example", "443")
		bypassed([]string{"a"}, text, text)
	})
}
