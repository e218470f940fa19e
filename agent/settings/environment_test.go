package settings

import (
	"maps"
	"slices"
	"testing"
)

func environment(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

// Whatever a variable overrides, empty or blank it overrides nothing.
func TestEmptyVariablesOverrideNothing(t *testing.T) {
	full := File{Policy: []byte(`"strict"`)}
	for _, scalar := range full.scalars() {
		*scalar.to = "from the file"
	}
	for _, empty := range []string{"", " ", "\t\r\n", `""`, "\u200b"} {
		vars := map[string]string{EnvPrefix + policyName: empty}
		for _, scalar := range full.scalars() {
			vars[EnvPrefix+scalar.name] = empty
		}
		c := full
		if err := c.Override(environment(vars)); err != nil {
			t.Fatal(err)
		}
		for i, scalar := range c.scalars() {
			if *scalar.to != *full.scalars()[i].to {
				t.Errorf("%s=%q: the value is %q", scalar.name, empty, *scalar.to)
			}
		}
		if string(c.Policy) != `"strict"` {
			t.Errorf("POLICY=%q: the policy is %s", empty, c.Policy)
		}
	}
}

func TestVariablesOverride(t *testing.T) {
	for _, scalar := range new(File).scalars() {
		var c File
		if err := c.Override(environment(map[string]string{EnvPrefix + scalar.name: ` "from the environment" `})); err != nil {
			t.Fatal(err)
		}
		for _, s := range c.scalars() {
			want := ""
			if s.name == scalar.name {
				want = "from the environment"
			}
			if *s.to != want {
				t.Errorf("%s is %q after %s was set", s.name, *s.to, scalar.name)
			}
		}
	}
}

func TestOrigins(t *testing.T) {
	c, err := Decode([]byte(`{"server_url": "https://a.example", "app": {"name": "Sketch", "version": "1"}, "user_id": "jo", "proxy_url": ""}`), "")
	if err != nil {
		t.Fatal(err)
	}
	lookup := environment(map[string]string{"LEASEHOLD_USER_ID": "al", "LEASEHOLD_POLICY": "lenient", "LEASEHOLD_PROXY_URL": " "})
	if err := c.Override(lookup); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"server_url": "sketch.json", "app": "sketch.json", "user_id": "LEASEHOLD_USER_ID", "policy": "LEASEHOLD_POLICY"}
	if got := c.Origins("sketch.json", lookup); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestUnknownVariables(t *testing.T) {
	for _, tt := range []struct {
		entry string
		want  []Unknown
	}{
		{"LEASEHOLD_DEVICE_ID=x", nil},
		{"LEASEHOLD_POLICY=strict", nil},
		{"PATH=/bin", nil},
		{"LEASEHOLD=x", nil},
		{"LEASEHOLD_HEAVY=1", nil},
		{"LEASEHOLD_TEST_CHILD=1", nil},
		{"LEASEHOLD_KEYRING_PASSWORD=x", nil},
		{"LEASEHOLD_DEVICEID=", nil},
		{"LEASEHOLD_DEVICEID=x", []Unknown{{"LEASEHOLD_DEVICEID", "LEASEHOLD_DEVICE_ID"}}},
		{"LEASEHOLD_PROXY=x", []Unknown{{"LEASEHOLD_PROXY", "LEASEHOLD_PROXY_URL"}}},
		{"LEASEHOLD_POLCIY=x", []Unknown{{"LEASEHOLD_POLCIY", "LEASEHOLD_POLICY"}}},
		{"LEASEHOLD_SOMETHING=x", []Unknown{{"LEASEHOLD_SOMETHING", ""}}},
		{"leasehold_user_id=x", []Unknown{{"leasehold_user_id", "LEASEHOLD_USER_ID"}}},
	} {
		if got := UnknownVariables([]string{tt.entry, "HOME=/root"}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.entry, got, tt.want)
		}
	}
}
