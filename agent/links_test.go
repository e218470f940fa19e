package agent

import (
	"strings"
	"testing"
)

func TestLinksAreChecked(t *testing.T) {
	for _, tt := range []struct {
		links Links
		want  string // of the error, empty for none
	}{
		{Links{}, ""},
		{Links{Buy: "https://vendor.example/buy?device={device}&key={license}", Support: "mailto:help@vendor.example", Download: "http://localhost/{app}/{version}"}, ""},
		{Links{Renew: "https://vendor.example/{key}"}, "Links.Renew has the unknown placeholder {key}"},
		{Links{Manage: "vendor.example/manage"}, "Links.Manage is not an address"},
		{Links{Support: "javascript:alert(1)"}, "Links.Support is not an address"},
		{Links{Download: "file:///etc/passwd"}, "Links.Download is not an address"},
		{Links{Buy: "https://"}, "Links.Buy is not an address"},
	} {
		err := tt.links.check()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.links, err, tt.want)
		}
	}
}
