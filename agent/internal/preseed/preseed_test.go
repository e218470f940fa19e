package preseed

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// placesIn are places whose file is always believed.
func placesIn(t testing.TB, content string) Places {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "acme.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Places{Folder: dir, trusted: func(string) error { return nil }}
}

func texts(f Found) map[string]string {
	m := map[string]string{}
	for name, v := range f.Values {
		m[name] = v.Text
	}
	return m
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          map[string]string
		problem       string // empty: none
	}{
		{"all", "\xef\xbb\xbf{\"license_key\": \" k\u00a0\", \"proxy_url\": \"p:1\", \"ca_file\": \"ca.pem\", \"user_id\": \"jo\", \"heartbeat\": \"@daily\"}\n",
			map[string]string{LicenseKey: "k", ProxyURL: "p:1", CAFile: "ca.pem", UserID: "jo", Heartbeat: "@daily"}, ""},
		{"nothing", "{}", nil, ""},
		{"empty is not set", `{"user_id": ""}`, nil, ""},
		{"unknown beside known", `{"user_id": "jo", "usr": "x"}`, map[string]string{UserID: "jo"}, `"usr" is no setting`},
		{"a device ID", `{"device_id": "x"}`, nil, "a fleet would be one device"},
		{"a key to verify with", `{"public_key": "x", "user_id": "jo"}`, map[string]string{UserID: "jo"}, "the application's alone"},
		{"a server", `{"server_url": "https://evil.example"}`, nil, "the application's alone"},
		{"of another type", `{"user_id": 5, "heartbeat": "@daily"}`, map[string]string{Heartbeat: "@daily"}, `"user_id" must be a string`},
		{"twice", `{"user_id": "jo", "user_id": "al"}`, map[string]string{UserID: "jo"}, "twice"},
		{"not an object", `["user_id"]`, nil, "not a JSON object"},
		{"an empty file", "", nil, "not a JSON object"},
		{"cut off", "{\n\"user_id\": \"jo\",", nil, "line 2"},
		{"no JSON", "{\nuser_id: jo}", nil, "line 2"},
		{"more after it", "{} {}", nil, "something after"},
		{"too large", "{" + strings.Repeat(" ", maxFile) + "}", nil, "larger than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := placesIn(t, tt.content)
			f := p.Read("acme")
			if v, ok := f.Values[CAFile]; ok {
				v.Text = strings.TrimPrefix(v.Text, p.Folder+string(filepath.Separator)) // it is relative to the file
				f.Values[CAFile] = v
			}
			if !maps.Equal(texts(f), tt.want) {
				t.Errorf("%v, want %v", f.Values, tt.want)
			}
			switch {
			case tt.problem == "" && len(f.Problems) > 0:
				t.Errorf("%v", f.Problems)
			case tt.problem != "" && (len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Error(), tt.problem) || !strings.Contains(f.Problems[0].Error(), "acme.json")):
				t.Errorf("%v, want one with %q", f.Problems, tt.problem)
			}
			for _, v := range f.Values {
				if !strings.HasSuffix(v.From, "acme.json") {
					t.Errorf("it is from %q", v.From)
				}
			}
		})
	}
}

func TestNoFileIsNoProblem(t *testing.T) {
	if f := placesIn(t, "{}").Read("other"); len(f.Values)+len(f.Problems) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestAFileThatIsNotTrustedIsNotRead(t *testing.T) {
	p := placesIn(t, `{"user_id": "jo"}`)
	p.trusted = func(string) error { return errors.New("others may write it") }
	if f := p.Read("acme"); len(f.Values) != 0 || len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Error(), "not used: others may write it") {
		t.Errorf("%+v", f)
	}
}

func TestPolicyCountsBeforeTheFile(t *testing.T) {
	p := placesIn(t, `{"user_id": "jo", "heartbeat": "@daily", "ca_file": "ca.pem"}`)
	p.Registry = `Software\Policies\Leasehold`
	p.policy = func(key string) map[string]string {
		if key != `Software\Policies\Leasehold\acme` {
			t.Errorf("asked for %s", key)
		}
		return map[string]string{"user_id": "al", "shared_key": "s3cret"}
	}
	f := p.Read("acme")
	if f.Values[UserID] != (Value{"al", `HKLM\Software\Policies\Leasehold\acme`}) || f.Get(Heartbeat) != "@daily" || f.Get(CAFile) != filepath.Join(p.Folder, "ca.pem") {
		t.Errorf("%v", f.Values)
	}
	if len(f.Problems) != 1 || strings.Contains(f.Problems[0].Error(), "s3cret") {
		t.Errorf("%v", f.Problems)
	}
}

func TestCheckName(t *testing.T) {
	for name, good := range map[string]bool{
		"acme": true, "Acme-CAD_2.1": true, "": false, ".": false, "..": false, "../x": false, "a/b": false, `a\b`: false, "a b": false, "-a": false, "a.": false, strings.Repeat("a", 65): false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
		if f := placesIn(t, "{}").Read(name); !good && len(f.Problems)+len(f.Values) != 0 {
			t.Errorf("%q: %+v", name, f)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"a": "b", "a": 1, "": {}}`))
	f.Add([]byte("{\"a\":\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		members, err := decode(data)
		seen := map[string]bool{}
		for _, m := range members {
			if seen[m.name] {
				t.Errorf("%q twice", m.name)
			}
			seen[m.name] = true
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	})
}
