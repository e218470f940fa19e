package license

import "strings"

// index finds entries of a list by ID in any case, or by exact name. A name
// that is another entry's ID does not count; of two entries with one name the
// first wins.
type index struct {
	ids   map[string]int // lower case
	names map[string]int
}

func newIndex[T any](list []T, idAndName func(*T) (id, name string)) index {
	if len(list) == 0 {
		return index{}
	}
	x := index{ids: make(map[string]int, len(list)), names: make(map[string]int, len(list))}
	for i := range list {
		if id, _ := idAndName(&list[i]); id != "" {
			x.ids[strings.ToLower(id)] = i
		}
	}
	for i := range list {
		_, name := idAndName(&list[i])
		_, isID := x.ids[strings.ToLower(name)]
		_, taken := x.names[name]
		if name != "" && !isID && !taken {
			x.names[name] = i
		}
	}
	return x
}

// find does not allocate when key is an exact name or a lower-case ID.
func (x index) find(key string) (i int, ok bool) {
	if i, ok = x.names[key]; ok {
		return i, true
	}
	i, ok = x.ids[strings.ToLower(key)]
	return i, ok
}

// pick returns the entry of list that key names.
func pick[T any](x index, list []T, key string) (entry T, ok bool) {
	i, ok := x.find(key)
	if ok {
		entry = list[i]
	}
	return entry, ok
}
