package license

import "strings"

// few is up to how many entries a list is searched one by one, which is faster
// than a map and takes no room.
const few = 16

// index finds entries of a list by ID in any case, or by exact name. An ID
// wins over another entry's name; of two entries with one name the first wins.
// The zero index searches the list one by one.
type index struct {
	ids   map[string]int // lower case
	names map[string]int
}

// entry is a pointer to something a licence lists.
type entry[T any] interface {
	*T
	key() (id, name string)
}

func (f *Feature) key() (id, name string)    { return f.ID, f.Name }
func (l *Limitation) key() (id, name string) { return l.ID, l.Name }
func (v *Variable) key() (id, name string)   { return v.ID, v.Name }
func (c *Choice) key() (id, name string)     { return c.ID, c.Name }

func newIndex[T any, E entry[T]](list []T) index {
	if len(list) <= few {
		return index{}
	}
	x := index{ids: make(map[string]int, len(list)), names: make(map[string]int, len(list))}
	for i := range list {
		id, name := E(&list[i]).key()
		if _, taken := x.ids[strings.ToLower(id)]; !taken {
			x.ids[strings.ToLower(id)] = i
		}
		if _, taken := x.names[name]; !taken {
			x.names[name] = i
		}
	}
	return x
}

// pick returns the entry of list that wanted names. It does not allocate when
// wanted is an exact name, or an ID in lower case.
func pick[T any, E entry[T]](x index, list []T, wanted string) (found T, ok bool) {
	i := -1
	if wanted == "" {
		return found, false
	}
	if x.ids == nil {
		i = search[T, E](list, wanted)
	} else if at, isID := x.ids[strings.ToLower(wanted)]; isID {
		i = at
	} else if at, isName := x.names[wanted]; isName {
		i = at
	}
	if i < 0 {
		return found, false
	}
	return list[i], true
}

func search[T any, E entry[T]](list []T, wanted string) int {
	named := -1
	for i := range list {
		id, name := E(&list[i]).key()
		if len(id) == len(wanted) && strings.EqualFold(id, wanted) {
			return i
		}
		if named < 0 && name == wanted {
			named = i
		}
	}
	return named
}
