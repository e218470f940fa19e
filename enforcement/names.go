package enforcement

import (
	"fmt"
	"slices"
	"strings"
)

// marshalName and unmarshalName give the small enumerations of this package
// their text form: the index into names is the value. A value without a name,
// or a name without a value, is an error and never a default.

func marshalName[T ~uint8](names []string, v T, what string) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, fmt.Errorf("enforcement: %s %d is not known", what, uint8(v))
	}
	return []byte(names[v]), nil
}

func unmarshalName[T ~uint8](names []string, v *T, what string, text []byte) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("enforcement: unknown %s %q, use one of %s", what, text, nameList(names))
	}
	*v = T(i)
	return nil
}

// nameList joins the names that are not empty.
func nameList(names []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" }), ", ")
}

// nameOf is the String method of the enumerations: a value without a name is
// shown as Kind(7).
func nameOf[T ~uint8](names []string, v T, kind string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", kind, uint8(v))
}
