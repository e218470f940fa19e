package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"leasehold": main})
}

// signingKey is shared by all scripts: making one takes longer than most of them.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// The licences that every script's server has.
const (
	namedKey    = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
	floatingKey = "5b8f3c21-94d6-4e0b-a7c2-1f0e9d8c7b6a"
)

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			srv := slasconetest.New(slasconetest.Config{Key: signingKey(), Licenses: emulatorLicenses()})
			env.Defer(func() { srv.Close() })
			env.Values[serverKey{}] = srv
			view := viewEmulator(srv, srv.URL)
			if err := writeClientConfig(filepath.Join(env.WorkDir, "c.json"), view, "rsa", ""); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(env.WorkDir, "key.pem"), []byte(view.PublicKey), 0o600); err != nil {
				return err
			}
			env.Setenv("SOON", time.Now().UTC().AddDate(0, 0, 2).Format(time.RFC3339))
			env.Setenv("URL", srv.URL)
			env.Setenv("NAMED", namedKey)
			env.Setenv("MASKED", "…"+namedKey[len(namedKey)-4:])
			env.Setenv("FLOATING", floatingKey)
			env.Setenv("MASKED_FLOATING", "…"+floatingKey[len(floatingKey)-4:])
			env.Setenv("LEASEHOLD_DEVICE_ID", "device-1")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "home"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server":  serverCommand,
			"edit":    editCommand,
			"spoil":   spoilCommand,
			"foreign": foreignCommand,
			"issue":   issueCommand,
			"exits":   exitsCommand,
			"json":    jsonCommand,

			"eachline":  eachLineCommand,
			"unchanged": unchangedCommand,
		},
	})
}

type serverKey struct{}

func serverOf(ts *testscript.TestScript) *slasconetest.Server {
	return ts.Value(serverKey{}).(*slasconetest.Server)
}

// server METHOD PATH [JSON] calls a control endpoint of the script's server;
// 'server down', 'server up' and 'server advance DURATION' are short forms.
func serverCommand(ts *testscript.TestScript, _ bool, args []string) {
	srv := serverOf(ts)
	switch args[0] {
	case "down":
		srv.Outage(true)
	case "up":
		srv.Outage(false)
	case "advance":
		d, err := parseSpan(args[1])
		ts.Check(err)
		srv.Advance(d)
	default:
		body := strings.NewReader(strings.Join(args[2:], " "))
		req, err := http.NewRequest(args[0], srv.URL+"/emulator"+args[1], body)
		ts.Check(err)
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		defer resp.Body.Close()
		if resp.StatusCode >= 300 {
			ts.Fatalf("server %v: %s", args, resp.Status)
		}
	}
}

// issue licence|activation KEY CLIENT FILE writes a file that the script's
// server signed; CLIENT is - for a licence file that names none.
func issueCommand(ts *testscript.TestScript, _ bool, args []string) {
	srv, client := serverOf(ts), args[2]
	if client == "-" {
		client = ""
	}
	write := srv.LicenseFile
	if args[0] == "activation" {
		write = srv.ActivationFile
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), write(args[1], client), 0o600))
}

// exits CODE ARG... runs leasehold with the script's configuration and a state
// folder, and checks its exit code, and that every error says what to do.
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	full := append([]string{"--config", "c.json", "--state-dir", "state", "--store", "file"}, args[1:]...)
	err = ts.Exec("leasehold", full...)
	got := 0
	if err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &got); scanErr != nil {
			ts.Fatalf("leasehold %v: %v", args[1:], err)
		}
	}
	if got != want {
		ts.Fatalf("leasehold %v: exit code %d, want %d", args[1:], got, want)
	}
	told := strings.Split(ts.ReadFile("stderr"), "\n")
	for i, line := range told {
		if strings.HasPrefix(line, "error: ") && !strings.HasPrefix(told[i+1], "hint: ") {
			ts.Fatalf("leasehold %v: no hint follows %q", args[1:], line)
		}
	}
}

// json PATH VALUE checks a member of the one JSON object that the last command
// printed; json PATH checks that it is there and not null. PATH is a.b.0.c, and
// +8d as VALUE means that long from now, within a minute.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	out := ts.ReadFile("stdout")
	if strings.Count(strings.TrimSpace(out), "\n") != 0 {
		ts.Fatalf("stdout has more than one line:\n%s", out)
	}
	var v any
	ts.Check(json.Unmarshal([]byte(out), &v))
	for part := range strings.SplitSeq(args[0], ".") {
		switch w := v.(type) {
		case map[string]any:
			member, ok := w[part]
			if !ok {
				ts.Fatalf("%s: there is no member %q in %s", args[0], part, out)
			}
			v = member
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(w) {
				ts.Fatalf("%s: there is no element %q", args[0], part)
			}
			v = w[i]
		default:
			ts.Fatalf("%s: %v has no member %q", args[0], v, part)
		}
	}
	ok := v != nil
	if len(args) > 1 {
		ok = matches(ts, v, strings.Join(args[1:], " "))
	}
	if ok == neg {
		ts.Fatalf("%s is %v", args[0], v)
	}
}

// eachline [-if] MEMBER... checks that every line that the last command printed
// is an object with these members; with -if, every one with the first of them.
func eachLineCommand(ts *testscript.TestScript, _ bool, args []string) {
	members, some := args, args[0] == "-if"
	if some {
		members = args[1:]
	}
	checked := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		var object map[string]any
		ts.Check(json.Unmarshal([]byte(line), &object))
		if _, ok := object[members[0]]; some && !ok {
			continue
		}
		checked++
		for _, name := range members {
			if _, ok := object[name]; !ok {
				ts.Fatalf("there is no member %q in %s", name, line)
			}
		}
	}
	if checked == 0 {
		ts.Fatalf("no line was checked")
	}
}

func matches(ts *testscript.TestScript, v any, want string) bool {
	text, isText := v.(string)
	if isText && len(want) > 1 && (want[0] == '+' || want[0] == '-') {
		at, err := time.Parse(time.RFC3339, text)
		ts.Check(err)
		expected, err := parseMoment(want, time.Now())
		ts.Check(err)
		return at.Sub(expected).Abs() < time.Minute
	}
	if isText {
		return text == want
	}
	got, err := json.Marshal(v)
	ts.Check(err)
	return string(got) == want
}

// edit FILE OLD NEW replaces the first OLD, which must be there.
func editCommand(ts *testscript.TestScript, _ bool, args []string) {
	old := ts.ReadFile(args[0])
	if !strings.Contains(old, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(old, args[1], args[2], 1)), 0o600))
}

// foreign DIR puts the record of an installation, which comes first by its size,
// in the place of the client's.
func foreignCommand(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "*.state"))
	ts.Check(err)
	if len(files) != 2 {
		ts.Fatalf("%s has %d records, want 2", args[0], len(files))
	}
	var records [2][]byte
	for i, path := range files {
		records[i], err = os.ReadFile(path)
		ts.Check(err)
	}
	smaller, larger := 0, 1
	if len(records[0]) > len(records[1]) {
		smaller, larger = 1, 0
	}
	ts.Check(os.WriteFile(files[larger], records[smaller], 0o600))
}

// spoil DIR cuts every state file below DIR in half.
func spoilCommand(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "*.state"))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("there is no state in %s", args[0])
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, data[:len(data)/2], 0o600))
	}
}
