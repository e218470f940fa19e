package settings

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckIDs asks for the IDs that a device's ID depends on.
func (c File) CheckIDs() error {
	const longest = 64 // in characters, which no UUID has in any form
	for _, id := range []struct{ name, value string }{{"isv_id", c.ISVID}, {"product_id", c.ProductID}} {
		hint := fmt.Sprintf("set %s in the configuration file, or LEASEHOLD_%s", id.name, strings.ToUpper(id.name))
		switch {
		case strings.TrimSpace(id.value) == "":
			return &Error{fmt.Errorf("%s is missing, on which the device's ID depends", id.name), hint}
		case len(id.value) > longest || !utf8.ValidString(id.value):
			return &Error{fmt.Errorf("%s %.40q is not a UUID", id.name, id.value), hint}
		}
	}
	return nil
}
