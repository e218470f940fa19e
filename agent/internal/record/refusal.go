package record

import (
	"slices"
	"time"
)

// Refusal is the oldest entry of a kind, which the server refuses without
// saying whether it is the entry's fault.
type Refusal struct {
	Kind     string    `json:"kind"`
	Position uint64    `json:"position"`
	Since    time.Time `json:"since"` // trusted time
	Times    int       `json:"times"` // how often it was offered by itself
}

// Refusal is what is remembered of a kind; the zero refusal when nothing is.
func (k *Known) Refusal(kind string) Refusal {
	if i := slices.IndexFunc(k.Refused, func(r Refusal) bool { return r.Kind == kind }); i >= 0 {
		return k.Refused[i]
	}
	return Refusal{}
}

// NoteRefusal remembers one, in a list of its own.
func (k *Known) NoteRefusal(r Refusal) {
	others := slices.DeleteFunc(slices.Clone(k.Refused), func(had Refusal) bool { return had.Kind == r.Kind })
	k.Refused = append(others, r)
}
