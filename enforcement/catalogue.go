package enforcement

import (
	"slices"
	"sort"
)

// Catalogue returns every known conflict in the order of IDs. The caller owns
// the slice.
func Catalogue() []Conflict { return slices.Clone(catalogue[:]) }

// Lookup returns the catalogue's entry for a code. For an ID outside the
// catalogue it returns false and an entry that is honest about it: the
// conflict concerns one call and changes nothing, so that a new release of the
// server locks nobody.
func Lookup(c Code) (Conflict, bool) {
	if x := find(c); x != nil {
		return *x, true
	}
	return Conflict{
		Code:    c,
		Summary: "the server gave a conflict that this release does not know",
		Scope:   ScopeCall,
		Remedy:  ContactVendor,
	}, false
}

// find returns the catalogue's entry, nil if there is none.
func find(c Code) *Conflict {
	i := sort.Search(len(catalogue), func(i int) bool { return catalogue[i].Code >= c })
	if i == len(catalogue) || catalogue[i].Code != c {
		return nil
	}
	return &catalogue[i]
}

// judging are the endpoints whose conflicts speak of the licence itself. At
// any other a conflict concerns the call only: the next heartbeat tells what
// is true of the licence.
const judging = EndpointActivation | EndpointHeartbeat | EndpointSessionOpen | EndpointValidate

// CauseAt returns the cause that a conflict with this code gives when the
// endpoint e answers with it, NoCause if it concerns that call only.
//
// held says whether a licence is held for this device. If so, an activation is
// an attempt beside it: only what the licence as a whole is refused for
// (expired, inactive, version_not_covered) counts, and not that the key is
// mistyped or has no seat left. If not, every refused activation counts:
// codes without a cause of their own explain why the application is not
// activated.
func (c Code) CauseAt(e Endpoint, held bool) Cause {
	if e&judging == 0 {
		return NoCause
	}
	x := find(c)
	known := x != nil && x.Cause != NoCause
	if e&EndpointActivation == 0 {
		if known {
			return x.Cause
		}
		return NoCause
	}
	switch {
	case !held && known:
		return x.Cause
	case !held:
		return NotActivated
	case known && x.Scope == ScopeLicence && x.Cause != NotActivated:
		return x.Cause
	}
	return NoCause
}
