// Package preseed reads what an administrator has laid down for an application
// on this machine: a file in a folder of the system and, on Windows, policy
// values in the registry. Only what nobody but an administrator can have written
// is believed, and nothing of it can weaken the verification of licences.
package preseed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
)

// The settings, as the file and the registry call them.
const (
	LicenseKey = "license_key" // activated at the first start
	ProxyURL   = "proxy_url"   // for calls to the licence server
	CAFile     = "ca_file"     // certificates to trust in addition
	UserID     = "user_id"     // of a named user
	Heartbeat  = "heartbeat"   // cron spec
)

var names = []string{LicenseKey, ProxyURL, CAFile, UserID, Heartbeat}

// Value is one setting and where it was found.
type Value struct{ Text, From string }

// Found is what was laid down.
type Found struct {
	Values map[string]Value
	// Problems are what was found and not used, and why. They hold no value.
	Problems []error
}

// Get returns a setting's text, empty when it is not set.
func (f Found) Get(name string) string { return f.Values[name].Text }

// Places are where an application's settings are looked for.
type Places struct {
	Folder   string // of the file; empty: none
	Registry string // key below HKEY_LOCAL_MACHINE; empty: none
	// trusted reports why a file is not only an administrator's.
	trusted func(path string) error
	policy  func(key string) map[string]string
}

// CheckName reports that an application's name cannot be that of a file on every
// system.
func CheckName(app string) error {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	good := app != "" && len(app) <= 64 && letter(app[0]) && !strings.HasSuffix(app, ".")
	for i := range len(app) {
		good = good && (letter(app[i]) || strings.IndexByte("._-", app[i]) >= 0)
	}
	if !good {
		return errors.New("it must be a name of at most 64 letters, digits, dots, hyphens and underscores, which begins with a letter or digit and does not end in a dot")
	}
	return nil
}

// Read returns what was laid down for an application on this machine. A name
// that [CheckName] refuses has nothing.
func Read(app string) Found { return Machine().Read(app) }

// Read returns what was laid down for an application in these places. Policy
// counts before the file. What cannot be used is told, and never an error: an
// application must start whatever an administrator wrote.
func (p Places) Read(app string) Found {
	f := Found{Values: map[string]Value{}}
	if CheckName(app) != nil {
		return f
	}
	if p.Folder != "" {
		p.readFile(&f, filepath.Join(p.Folder, app+".json"))
	}
	if p.Registry != "" && p.policy != nil {
		key := p.Registry + `\` + app
		for name, text := range p.policy(key) {
			f.set(name, text, `HKLM\`+key)
		}
	}
	return f
}

// maxFile is how large a file may be, in bytes.
const maxFile = 64 << 10

func (p Places) readFile(f *Found, path string) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return
	}
	data, err := p.load(path)
	if err != nil {
		f.problem(path, err)
		return
	}
	members, err := decode(data)
	if err != nil {
		f.problem(path, err)
	}
	for _, m := range members {
		var text string
		if err := json.Unmarshal(m.value, &text); err != nil {
			f.problem(path, fmt.Errorf("%q must be a string; it is not used", m.name))
			continue
		}
		if m.name == CAFile && text != "" && !filepath.IsAbs(text) {
			text = filepath.Join(filepath.Dir(path), text)
		}
		f.set(m.name, text, path)
	}
}

func (p Places) load(path string) ([]byte, error) {
	if err := p.trusted(path); err != nil {
		return nil, fmt.Errorf("it is not used: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", errors.Unwrap(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case len(data) > maxFile:
		return nil, fmt.Errorf("it is larger than %d bytes; it is not used", maxFile)
	}
	return data, nil
}

// CheckFile reports why a file that a setting names is not only an
// administrator's.
func (p Places) CheckFile(path string) error { return p.trusted(path) }

// Trusting returns places whose files are believed whoever may write them, for
// tests.
func Trusting(folder string) Places {
	return Places{Folder: folder, trusted: func(string) error { return nil }}
}

func (f *Found) problem(from string, err error) {
	// In the order of their texts. A sort of so few would be the larger part of what this package links in.
	problem := fmt.Errorf("%s: %w", from, err)
	at, _ := slices.BinarySearchFunc(f.Problems, problem, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	f.Problems = slices.Insert(f.Problems, at, problem)
}

// set notes a setting, or why there is no such one.
func (f *Found) set(name, text, from string) {
	text = pasted.Setting(text)
	switch {
	case slices.Contains(names, name):
		if text != "" {
			f.Values[name] = Value{text, from}
		}
	case name == "device_id":
		f.problem(from, errors.New(`"device_id" cannot be set for a machine: a fleet would be one device; it is not used`))
	case slices.Contains([]string{"server_url", "isv_id", "product_id", "provisioning_key", "signature", "public_key", "public_key_file", "shared_key", "policy"}, name):
		f.problem(from, fmt.Errorf("%q is the application's alone; it is not used", name))
	default:
		f.problem(from, fmt.Errorf("%.40q is no setting; there are %s", name, strings.Join(names, ", ")))
	}
}

// member is one of a JSON object's.
type member struct {
	name  string
	value json.RawMessage
}

// decode returns the members of the one object in data, as far as it can be
// read: of one name the first. The error tells what is wrong with the rest.
func decode(data []byte) (members []member, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("it is not a JSON object; it is not used")
	}
	var repeated error
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err == nil && ok {
			err = dec.Decode(&value)
		}
		if err != nil {
			return nil, syntax(data, dec.InputOffset(), err)
		}
		if slices.ContainsFunc(members, func(m member) bool { return m.name == name }) {
			repeated = fmt.Errorf("%.40q is there twice; the first one counts", name)
			continue
		}
		members = append(members, member{name, value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, syntax(data, dec.InputOffset(), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the JSON object; it is not used")
	}
	return members, repeated
}

func syntax(data []byte, at int64, err error) error {
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = bad.Offset
	}
	line := 1 + bytes.Count(data[:min(int(at), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: it is no valid JSON, or cut off; it is not used", line)
}
