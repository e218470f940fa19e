package messages

import (
	"slices"
	"testing"
)

func TestUserLanguages(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    map[string]string
		system []string
		want   []string
	}{
		{"nothing", nil, nil, nil},
		{"the usual", map[string]string{"LANG": "de_CH.UTF-8"}, nil, []string{"de-CH"}},
		{"messages apart", map[string]string{"LANG": "de_CH.UTF-8", "LC_MESSAGES": "fr_CH.UTF-8"}, nil, []string{"fr-CH"}},
		{"all overrides", map[string]string{"LANG": "de_DE", "LC_ALL": "es_ES@euro"}, nil, []string{"es-ES"}},
		{"a list", map[string]string{"LANG": "it_IT.UTF-8", "LANGUAGE": "it:fr_FR:en"}, nil, []string{"it", "fr-FR", "en", "it-IT"}},
		{"a list counts not in the C locale", map[string]string{"LANG": "C.UTF-8", "LANGUAGE": "it"}, nil, nil},
		{"C overrides", map[string]string{"LANG": "de_DE", "LC_ALL": "C"}, []string{"ja-JP"}, []string{"ja-JP"}},
		{"the settings", nil, []string{"pt-BR", "en-US"}, []string{"pt-BR", "en-US"}},
	} {
		if got := userLanguages(func(name string) string { return tt.env[name] }, tt.system); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
