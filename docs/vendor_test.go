package docs

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent"
)

// What a vendor's calls become exists, by that name.
func TestMigrationsNameWhatThereIs(t *testing.T) {
	page, err := os.ReadFile("vendor.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| .+ \| (.+) \|$`)
	code := regexp.MustCompile("`([A-Z][A-Za-z.]*)[^`]*`")
	known := 0
	for section := range strings.SplitSeq(string(page), "\n## ") {
		if !strings.HasPrefix(section, "From ") {
			continue
		}
		for _, row := range rows.FindAllStringSubmatch(section, -1) {
			for _, m := range code.FindAllStringSubmatch(row[1], -1) {
				name, field, _ := strings.Cut(m[1], ".")
				ok := name == "New"
				if name == "Config" {
					ok = true
					if field != "" {
						_, ok = reflect.TypeFor[agent.Config]().FieldByName(field)
					}
				}
				if _, method := reflect.TypeFor[*agent.Agent]().MethodByName(name); !ok && !method {
					t.Errorf("%s: there is no %s", row[0], m[1])
				}
				known++
			}
		}
	}
	if known < 20 {
		t.Errorf("the tables name %d things only", known)
	}
}
