package device

import (
	"os"
	"regexp"
	"testing"
)

// Every ID on the list is in the form in which it is looked up, and would
// otherwise be taken.
func TestShippedIDsAreInNormalForm(t *testing.T) {
	source, err := os.ReadFile("shipped.go")
	if err != nil {
		t.Skipf("the source is not beside the test: %v", err)
	}
	ids := regexp.MustCompile(`"([^" ]{20,})"`).FindAllStringSubmatch(string(source), -1)
	if len(ids) < 20 {
		t.Fatalf("found %d IDs in the list", len(ids))
	}
	seen := map[string]bool{}
	for _, match := range ids {
		id := match[1]
		if !isHex32(id) || normalise(id) != id {
			t.Errorf("%q is not 32 lower-case hexadecimal digits", id)
		}
		if seen[id] {
			t.Errorf("%q is listed twice", id)
		}
		seen[id] = true
		if got, image := checkMachineID(id); got != shipped || image == "" {
			t.Errorf("checkMachineID(%q) = %d, %q", id, got, image)
		}
	}
}
