package enforcement

import (
	"slices"
	"sort"
)

// Catalogue returns every known conflict in the order of IDs. The caller owns
// the slice.
func Catalogue() []Conflict { return slices.Clone(catalogue[:]) }

// Rejected, see docs/designs.md: An unknown conflict locks.

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
// held says whether a licence is held for this device. If not, every refused
// activation counts: codes without a cause of their own explain why the
// application is not activated. Whether the conflict is about the licence that
// is held, and not about another key, is for the caller to say: see [No].
func (c Code) CauseAt(e Endpoint, held bool) Cause {
	if e&judging == 0 {
		return NoCause
	}
	x := find(c)
	known := x != nil && x.Cause != NoCause
	switch {
	case known:
		return x.Cause
	case e&EndpointActivation != 0 && !held:
		return NotActivated
	}
	return NoCause
}
