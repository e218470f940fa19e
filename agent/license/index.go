package license

import "strings"

// index finds entries of a list by exact name or by ID in any case. The ID wins
// where one entry is named like another's ID; of two entries with one name the
// first wins.
type index map[string]int

func newIndex[T any](list []T, idAndName func(*T) (id, name string)) index {
	if len(list) == 0 {
		return nil
	}
	x := make(index, 2*len(list))
	for i := range list {
		if _, name := idAndName(&list[i]); name != "" {
			if _, taken := x[name]; !taken {
				x[name] = i
			}
		}
	}
	for i := range list {
		if id, _ := idAndName(&list[i]); id != "" {
			x[strings.ToLower(id)] = i
		}
	}
	return x
}

// find does not allocate when key is an exact name or a lower-case ID.
func (x index) find(key string) (i int, ok bool) {
	if i, ok = x[key]; !ok {
		i, ok = x[strings.ToLower(key)]
	}
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
