package license

import (
	"strings"
	"unicode"
)

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
	// longest is the length of the longest ID; unusual says that one of them has
	// letters beyond ASCII, or more of them than are lowered on the stack.
	longest int
	unusual bool
}

// onStack is up to how many bytes an ID is put in lower case without an
// allocation; a UUID has 36.
const onStack = 64

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
		x.longest = max(x.longest, len(k.id))
		x.unusual = x.unusual || len(k.id) > onStack || !ascii(k.id)
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
// It does not allocate, but where IDs are unusual.
func (x *index) find(wanted string) int {
	if wanted == "" {
		return -1
	}
	if x.ids == nil {
		return x.search(wanted)
	}
	if i, isID := x.byID(wanted); isID {
		return i
	}
	if i, isName := x.names[wanted]; isName {
		return i
	}
	return -1
}

// byID finds an ID in any case.
func (x *index) byID(wanted string) (i int, ok bool) {
	if i, ok = x.ids[wanted]; ok {
		return i, true
	}
	if x.unusual {
		i, ok = x.ids[strings.ToLower(wanted)]
		return i, ok
	}
	if len(wanted) > x.longest {
		return 0, false
	}
	var lower [onStack]byte
	for i := range len(wanted) {
		c := wanted[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	i, ok = x.ids[string(lower[:len(wanted)])]
	return i, ok
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
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
