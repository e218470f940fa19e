//go:build unix && !darwin

package proxy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The real gsettings, with settings of the test's own.
func TestGSettings(t *testing.T) {
	if out, err := exec.Command("gsettings", "get", "org.gnome.system.proxy", "mode").CombinedOutput(); err != nil {
		t.Skipf("there is no gsettings with GNOME's schemas: %v %s", err, out)
	}
	t.Setenv("GSETTINGS_BACKEND", "keyfile")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	set := func(schema, key, value string) {
		t.Helper()
		if out, err := exec.Command("gsettings", "set", "org.gnome.system.proxy"+schema, key, value).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if s, ok := readSystem(t.Context()); !ok || len(s.Proxy) != 0 || s.Script != "" {
		t.Errorf("nothing set: %+v, %v", s, ok)
	}
	set(".http", "host", "proxy.example")
	set(".http", "port", "3128")
	set(".https", "host", "secure.example")
	set(".https", "port", "3129")
	set("", "ignore-hosts", `['localhost', "it's.example", '10.0.0.0/8']`)
	set("", "mode", "manual")
	s, ok := readSystem(t.Context())
	if !ok || s.Proxy["http"] != "proxy.example:3128" || s.Proxy["https"] != "secure.example:3129" || !slices.Equal(s.Except, []string{"localhost", "it's.example", "10.0.0.0/8"}) {
		t.Errorf("manual: %+v, %v", s, ok)
	}
	set("", "autoconfig-url", "http://wpad.example/wpad.dat")
	set("", "mode", "auto")
	if s, ok := readSystem(t.Context()); !ok || s.Script != "http://wpad.example/wpad.dat" || len(s.Proxy) != 0 {
		t.Errorf("auto: %+v, %v", s, ok)
	}
}

// programs are stand-ins for gsettings, which must not hold anybody up.
func TestGSettingsThatMisbehaves(t *testing.T) {
	for name, script := range map[string]string{
		"fails":                   "echo 'No such schema' >&2; exit 1",
		"hangs":                   "exec sleep 15",
		"leaves a child behind":   "sleep 15 & exec sleep 15",
		"never stops to print":    "exec yes x",
		"prints what is no value": "printf 'org.gnome.system.proxy mode \\x27\\n'; exit 3",
		"is killed":               "kill -9 $$",
		"child holds its output":  "sleep 15 & exit 1",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "gsettings"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+":/usr/bin:/bin")
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			if s, ok := readSystem(ctx); ok || len(s.Proxy) != 0 {
				t.Errorf("%+v, %v", s, ok)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Setenv("PATH", "")
	if s, ok := readSystem(t.Context()); ok || strings.Contains(s.Script, "wpad") {
		t.Errorf("without the program: %+v", s)
	}
}
