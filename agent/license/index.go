package license

import "strings"

// few is up to how many entries a list is searched one by one, which is faster
// than a map.
const few = 16

// index finds entries of a list by ID in any case, or by exact name. An ID
// wins over another entry's name; of two entries with one name the first wins.
type index struct {
	keys []key
	// ids, in lower case, and names take the place of keys for a long list.
	ids   map[string]int
	names map[string]int
}

type key struct{ id, name string }

// newIndex indexes a list of n entries.
func newIndex(n int, keyOf func(i int) key) (x index) {
	if n <= few {
		x.keys = make([]key, n)
		for i := range x.keys {
			x.keys[i] = keyOf(i)
		}
		return x
	}
	x.ids, x.names = make(map[string]int, n), make(map[string]int, n)
	for i := range n {
		k := keyOf(i)
		k.id = strings.ToLower(k.id)
		if _, taken := x.ids[k.id]; !taken {
			x.ids[k.id] = i
		}
		if _, taken := x.names[k.name]; !taken {
			x.names[k.name] = i
		}
	}
	return x
}

// find returns the place of the entry that wanted names, -1 when there is none.
// It does not allocate when wanted is an exact name, or an ID in lower case.
func (x *index) find(wanted string) int {
	if wanted == "" {
		return -1
	}
	if x.ids == nil {
		return x.search(wanted)
	}
	if i, isID := x.ids[strings.ToLower(wanted)]; isID {
		return i
	}
	if i, isName := x.names[wanted]; isName {
		return i
	}
	return -1
}

func (x *index) search(wanted string) int {
	named := -1
	for i := range x.keys {
		k := &x.keys[i]
		if len(k.id) == len(wanted) && strings.EqualFold(k.id, wanted) {
			return i
		}
		if named < 0 && k.name == wanted {
			named = i
		}
	}
	return named
}
