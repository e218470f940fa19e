package settings

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
)

// EnvPrefix begins the names of the environment variables that override the
// top-level scalars of a file.
const EnvPrefix = "LEASEHOLD_"

// scalar is a top-level string of the file, under its name in the environment.
type scalar struct {
	name string // without the prefix
	to   *string
}

func (c *File) scalars() []scalar {
	return []scalar{
		{"SERVER_URL", &c.ServerURL},
		{"ISV_ID", &c.ISVID},
		{"PRODUCT_ID", &c.ProductID},
		{"PROVISIONING_KEY", &c.ProvisioningKey},
		{"DEVICE_ID", &c.DeviceID},
		{"USER_ID", &c.UserID},
		{"CLIENT_NAME", &c.ClientName},
		{"GROUP_ID", &c.GroupID},
		{"HEARTBEAT", &c.Heartbeat},
		{"PROXY_URL", &c.ProxyURL},
		{"CA_FILE", &c.CAFile},
		{"PRESEED", &c.Preseed},
	}
}

// policyName is the variable that names a preset.
const policyName = "POLICY"

// Override lets the environment, as lookup tells it, override the top-level
// scalars. A variable that is set but empty, as compose files pass on what is
// not set, is not set.
func (c *File) Override(lookup func(string) (string, bool)) error {
	value := func(name string) string {
		v, _ := lookup(EnvPrefix + name)
		return pasted.Setting(v)
	}
	for _, scalar := range c.scalars() {
		if v := value(scalar.name); v != "" {
			*scalar.to = v
		}
	}
	if v := value(policyName); v != "" {
		quoted, err := json.Marshal(v)
		if err != nil {
			return err
		}
		c.Policy = quoted
	}
	return nil
}

// Overriding returns the names of the variables that override something.
func Overriding(lookup func(string) (string, bool)) (names []string) {
	all := []string{policyName}
	for _, scalar := range new(File).scalars() {
		all = append(all, scalar.name)
	}
	for _, name := range all {
		if v, _ := lookup(EnvPrefix + name); pasted.Setting(v) != "" {
			names = append(names, EnvPrefix+name)
		}
	}
	slices.Sort(names)
	return names
}

// Origins tells where each setting of a file comes from, by its name there: the
// variable that overrides it, or the file, under the name it is given here.
// Settings that are left out are not in it.
func (c File) Origins(file string, lookup func(string) (string, bool)) map[string]string {
	all := make(map[string]string)
	members := reflect.ValueOf(c)
	for i := range members.NumField() {
		if name := members.Type().Field(i).Tag.Get("json"); !members.Field(i).IsZero() {
			all[name] = file
			if variable := EnvPrefix + strings.ToUpper(name); slices.Contains(Overriding(lookup), variable) {
				all[name] = variable
			}
		}
	}
	return all
}

// Unknown is a variable that looks like one of ours and is none.
type Unknown struct {
	Name string
	Like string // the one that was meant, most likely; may be empty
}

// UnknownVariables returns those of an environment ("NAME=value") that begin
// with the prefix but override nothing, in order. Those of the project's tests
// are none of them, nor are those that are empty.
func UnknownVariables(environ []string) []Unknown {
	known := []string{EnvPrefix + policyName}
	for _, scalar := range new(File).scalars() {
		known = append(known, EnvPrefix+scalar.name)
	}
	var found []Unknown
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(strings.ToUpper(name), EnvPrefix)
		if !ours || value == "" || slices.Contains(known, name) || ofTests(rest) {
			continue
		}
		unknown := Unknown{Name: name}
		nearest := 3 // more than two slips make it another word
		for _, k := range known {
			d := distance(strings.ToUpper(name), k)
			if d >= 3 && strings.HasPrefix(k, strings.ToUpper(name)) {
				d = 2
			}
			if d < nearest {
				nearest, unknown.Like = d, k
			}
		}
		found = append(found, unknown)
	}
	slices.SortFunc(found, func(a, b Unknown) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(found)
}

// ofTests knows the variables by which the project's own tests are steered.
func ofTests(name string) bool {
	switch name {
	case "HEAVY", "IDLE", "WORLD", "GREEN", "VECTORS", "CONFLICTS", "VULNDB", "WINE_DIR", "WRITE_GOLDEN", "DEVICE_NAMESPACE":
		return true
	}
	return name == "KEYRING" || strings.HasPrefix(name, "KEYRING_") || strings.HasPrefix(name, "TEST_")
}

// distance counts the letters to put in, leave out or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
